package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
)

type sharedTrunkJSON struct {
	ID           fleet.TrunkID    `json:"id"`
	Name         string           `json:"name"`
	Region       string           `json:"region"`
	Kind         string           `json:"kind"`
	Registration registrationJSON `json:"registration"`
	Numbers      trunkTallyJSON   `json:"numbers"`
	PBXs         int              `json:"pbxs"`
	Headers      []headerDefJSON  `json:"headers"` // null when YCM does not show them
	DeletedAt    *time.Time       `json:"deleted_at"`
}

type registrationJSON struct {
	State    *string    `json:"state"`
	Reason   *string    `json:"reason"`
	ReadAt   *time.Time `json:"read_at"`
	Trouble  *string    `json:"trouble"`
	Sentence string     `json:"sentence"`
}

type trunkTallyJSON struct {
	Total     int `json:"total"`
	InUse     int `json:"in_use"`
	Free      int `json:"free"`
	Protected int `json:"protected"`
}

type headerDefJSON struct {
	ID   fleet.HeaderID `json:"id"`
	Name string         `json:"name"`
}

type trunkNumberJSON struct {
	DIDID       fleet.DIDID    `json:"did_id"`
	Number      string         `json:"number"`
	Name        string         `json:"name"`
	Protected   bool           `json:"protected"`
	PBX         *fleet.PBXID   `json:"pbx_id"`
	PBXName     *string        `json:"pbx_name"`
	OverTrunkID *fleet.TrunkID `json:"over_trunk_id"`
}

func (s *Server) sharedTrunkJSON(t fleet.TrunkRow) sharedTrunkJSON {
	r, v := t.Registration, s.standing(t)
	out := sharedTrunkJSON{
		ID: t.ID, Name: t.Name, Region: t.Region, Kind: t.Kind, PBXs: t.Tally.PBXs, DeletedAt: moment(t.DeletedAt),
		Registration: registrationJSON{nullable(string(r.State)), nullable(string(r.Reason)), moment(r.At), nullable(r.Trouble), v.State.Label + ". " + v.Sentence},
		Numbers:      trunkTallyJSON{t.Tally.Numbers, t.Tally.Used, t.Tally.Free(), t.Tally.Protected},
	}
	if v.Sentence == "" {
		out.Registration.Sentence = v.State.Label + "."
	}
	if t.Headers.Known {
		out.Headers = make([]headerDefJSON, len(t.Headers.List))
		for i, def := range t.Headers.List {
			out.Headers[i] = headerDefJSON(def)
		}
	}
	return out
}

func (s *Server) apiTrunks(c echo.Context) error {
	rows, err := s.Trunks.Trunks(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, fleet.Page[fleet.TrunkRow]{Items: rows, Total: len(rows)}, s.sharedTrunkJSON))
}

func (s *Server) apiTrunk(c echo.Context) error {
	t, err := s.trunkOf(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.sharedTrunkJSON(t))
}

func (s *Server) apiTrunkNumbers(c echo.Context) error {
	t, err := s.trunkOf(c)
	if err != nil {
		return err
	}
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	use, err := queryWord(c, "use", numberUses())
	if err != nil {
		return err
	}
	rows, err := s.Trunks.TrunkNumbers(c.Request().Context(), fleet.TrunkNumberFilter{Trunk: t.ID, Use: use, Q: c.QueryParam("q"), Page: page})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, rows, numberOfTrunk))
}

func numberOfTrunk(n fleet.TrunkNumber) trunkNumberJSON {
	out := trunkNumberJSON{DIDID: n.ID, Number: n.Number, Name: n.Name, Protected: n.Protected, PBXName: nullable(n.OwnerName)}
	if n.Owner != 0 {
		out.PBX = &n.Owner
	}
	if n.Over != 0 {
		out.OverTrunkID = &n.Over
	}
	return out
}
