package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
)

type pathJSON struct {
	State    fleet.PathState    `json:"state"`
	Sentence string             `json:"sentence"`
	Since    *time.Time         `json:"since"`
	LastAt   *time.Time         `json:"last_at"`
	Evidence []pathEvidenceJSON `json:"evidence"`
	Hints    []string           `json:"hints"`
	Received int                `json:"received"`
	Parked   int                `json:"parked"`
	Dead     int                `json:"dead"`
	Refused  int                `json:"refused"`
}

type pathEvidenceJSON struct {
	Text string      `json:"text"`
	PBX  fleet.PBXID `json:"pbx_id"`
	Plan *string     `json:"plan_id"`
	At   *time.Time  `json:"at"`
}

// apiPath tells whether the vendor's reports reach us.
func (s *Server) apiPath(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := s.Ingester.Judge(ctx)
	if err != nil {
		return err
	}
	health, err := s.Inbox.InboxHealth(ctx)
	if err != nil {
		return err
	}
	out := pathJSON{v.State, v.Sentence, moment(v.Since), moment(health.LastAt), make([]pathEvidenceJSON, len(v.Evidence)), append([]string{}, v.Hints...),
		health.Total, health.Parked, health.Dead, s.Ingester.Refused()}
	for i, e := range v.Evidence {
		out.Evidence[i] = pathEvidenceJSON{e.Text, e.PBX, nullable(string(e.Plan)), moment(e.At)}
	}
	return c.JSON(http.StatusOK, out)
}

// apiReplayAll digests dead or parked deliveries again.
func (s *Server) apiReplayAll(c echo.Context) error {
	var in struct {
		State fleet.DeliveryState `json:"state"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	n, err := s.replayAll(c, in.State)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, struct {
		Replayed int `json:"replayed"`
	}{n})
}
