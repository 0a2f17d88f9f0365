package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
)

type driftJSON struct {
	ID       string           `json:"id"`
	PBX      fleet.PBXID      `json:"pbx_id"`
	PBXName  string           `json:"pbx_name"`
	Cause    fleet.Cause      `json:"cause"`
	Sentence string           `json:"sentence"`
	Evidence []evidenceJSON   `json:"evidence"`
	State    fleet.DriftState `json:"state"`
	OpenedAt time.Time        `json:"opened_at"`
	ClosedAt *time.Time       `json:"closed_at"`
	ClosedBy *string          `json:"closed_by"`
	PlanID   *fleet.PlanID    `json:"plan_id"`
	Base     string           `json:"base_snapshot_id"`
	Added    []bindingJSON    `json:"added"`
	Removed  []bindingJSON    `json:"removed"`
}

type evidenceJSON struct {
	Sentence string  `json:"sentence"`
	Link     *string `json:"link"`
}

func driftOf(d fleet.Drift, n names) driftJSON {
	out := driftJSON{
		ID: strconv.FormatInt(int64(d.ID), 10), PBX: d.PBX, PBXName: d.PBXName, Cause: d.Cause, Sentence: d.Sentence, State: d.State,
		OpenedAt: d.OpenedAt.UTC(), ClosedAt: moment(d.ClosedAt), ClosedBy: nullable(d.ClosedBy), Base: d.Base.String(),
		Evidence: make([]evidenceJSON, len(d.Evidence)), Added: n.all(d.Added()), Removed: n.all(d.Removed()),
	}
	if d.Plan != "" {
		out.PlanID = &d.Plan
	}
	for i, e := range d.Evidence {
		out.Evidence[i] = evidenceJSON{e.Sentence, nullable(evidenceLink(d.PBX, e).Href)}
	}
	return out
}

func (s *Server) apiDrifts(c echo.Context) error {
	ctx := c.Request().Context()
	f := fleet.DriftFilter{}
	var err error
	if f.Page, err = pageRequest(c); err != nil {
		return err
	}
	if f.State, err = queryWord(c, "state", driftStates()); err != nil {
		return err
	}
	if f.Cause, err = queryWord(c, "cause", driftCauses()); err != nil {
		return err
	}
	if f.PBX, err = queryPBX(c); err != nil {
		return err
	}
	page, err := s.Drifts.Drifts(ctx, f)
	if err != nil {
		return err
	}
	var pairs []fleet.Binding
	for _, d := range page.Items {
		pairs = append(append(pairs, d.Added()...), d.Removed()...)
	}
	n, err := s.namesOf(ctx, pairs)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, page, func(d fleet.Drift) driftJSON { return driftOf(d, n) }))
}

func (s *Server) apiDrift(c echo.Context) error {
	id, err := pathID[fleet.DriftID](c, "drift", "The drift")
	if err != nil {
		return err
	}
	d, err := s.Drifts.Drift(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return s.answerDrift(c, d)
}

func (s *Server) answerDrift(c echo.Context, d fleet.Drift) error {
	n, err := s.namesOf(c.Request().Context(), append(d.Added(), d.Removed()...))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, driftOf(d, n))
}

func (s *Server) apiAdoptDrift(c echo.Context) error {
	id, err := pathID[fleet.DriftID](c, "drift", "The drift")
	if err != nil {
		return err
	}
	d, err := s.adopt(c, id, time.Time{})
	if err != nil {
		return err
	}
	return s.answerDrift(c, d)
}

func (s *Server) apiRevertDrift(c echo.Context) error {
	d, err := s.openDrift(c)
	if err != nil {
		return err
	}
	var in struct {
		Headers *[]headerJSON `json:"headers"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	headers, err := statedJSON("headers", in.Headers)
	if err != nil {
		return err
	}
	p, err := s.draft(c, change.Ask{PBX: d.PBX, UndoTo: d.Base, Skip: true, Headers: headers})
	if err != nil {
		return err
	}
	return s.planJSON(c, http.StatusCreated, p)
}
