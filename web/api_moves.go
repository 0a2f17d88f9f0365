package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

type moveJSON struct {
	From    fleet.PBXID `json:"from"`
	To      fleet.PBXID `json:"to"`
	Numbers []struct {
		DIDID   fleet.DIDID   `json:"did_id"`
		TrunkID fleet.TrunkID `json:"trunk_id"`
	} `json:"numbers"`
	Headers     *[]headerJSON `json:"headers"`
	FromHeaders *[]headerJSON `json:"from_headers"`
	Name        string        `json:"name"`
	Reason      string        `json:"reason"`
	Review      string        `json:"review"`
	Key         string        `json:"key"`
}

func (a moveJSON) move() (change.Move, error) {
	m := change.Move{From: a.From, To: a.To}
	var fields []fleet.Field
	if a.From <= 0 {
		fields = append(fields, fleet.Field{Name: "from", Rule: "The id of the PBX that has the numbers."})
	}
	if a.To <= 0 {
		fields = append(fields, fleet.Field{Name: "to", Rule: "The id of the PBX that takes them."})
	}
	if len(a.Numbers) == 0 || len(a.Numbers) > maxPairs {
		fields = append(fields, fleet.Field{Name: "numbers", Rule: fmt.Sprintf("From 1 to %d numbers.", maxPairs)})
	}
	for i, n := range a.Numbers {
		if n.DIDID <= 0 || n.TrunkID < 0 {
			fields = append(fields, fleet.Field{Name: fmt.Sprintf("numbers.%d", i), Rule: "It takes did_id, and trunk_id where the number sits on several trunks: positive numbers."})
		}
		m.Numbers = append(m.Numbers, fleet.Binding{Trunk: n.TrunkID, DID: n.DIDID})
	}
	var err error
	if m.ToHeaders, err = statedJSON("headers", a.Headers); err != nil {
		return m, err
	}
	if m.FromHeaders, err = statedJSON("from_headers", a.FromHeaders); err != nil {
		return m, err
	}
	if len(fields) > 0 {
		return m, fleet.Invalid("web.apiMove", "The move is not complete.", fields...)
	}
	return m, nil
}

// statedJSON are the header values that a script states; nil keeps what is known.
func statedJSON(field string, in *[]headerJSON) (*[]fleet.Header, error) {
	if in == nil {
		return nil, nil
	}
	out := make([]fleet.Header, len(*in))
	for i, h := range *in {
		if h.TrunkID <= 0 || h.HeaderID <= 0 {
			return nil, fleet.Invalid("web.api", "An id is missing or impossible.",
				fleet.Field{Name: fmt.Sprintf("%s.%d", field, i), Rule: "It takes trunk_id and header_id, positive numbers, and value."})
		}
		out[i] = fleet.Header{Trunk: h.TrunkID, Header: h.HeaderID, Value: h.Value}
	}
	return &out, nil
}

type moveReviewJSON struct {
	Review  string       `json:"review"`
	Title   string       `json:"title"`
	Needs   []plan.Need  `json:"needs"`
	Release moveHalfJSON `json:"release"`
	Claim   moveHalfJSON `json:"claim"`
}

type moveHalfJSON struct {
	PBX     fleet.PBXID  `json:"pbx_id"`
	Base    string       `json:"base"`
	Effect  string       `json:"effect"`
	Steps   []stepJSON   `json:"steps"`
	Headers []headerJSON `json:"headers"`
	Risk    riskJSON     `json:"risk"`
}

func moveHalfOf(p plan.Plan) moveHalfJSON {
	j := planOf(p)
	return moveHalfJSON{j.PBX, j.Base, j.Effect, j.Steps, j.Headers, j.Risk}
}

func reviewOf(r change.MoveReview) moveReviewJSON {
	out := moveReviewJSON{Review: r.Token(), Title: r.Title(), Needs: []plan.Need{}, Release: moveHalfOf(r.Release), Claim: moveHalfOf(r.Claim)}
	for _, n := range []plan.Need{plan.NeedName, plan.NeedReason} {
		if r.Asks(n) {
			out.Needs = append(out.Needs, n)
		}
	}
	return out
}

func (s *Server) decodeMove(c echo.Context) (moveJSON, change.Move, error) {
	var in moveJSON
	if err := decodeJSON(c, &in); err != nil {
		return in, change.Move{}, err
	}
	m, err := in.move()
	if err != nil {
		return in, m, err
	}
	for _, id := range []fleet.PBXID{m.From, m.To} {
		if _, err := s.Fleet.PBX(c.Request().Context(), id); err != nil {
			return in, m, err
		}
	}
	return in, m, nil
}

// apiPreviewMove says what a move would do. Nothing is stored, and nothing sent.
func (s *Server) apiPreviewMove(c echo.Context) error {
	_, m, err := s.decodeMove(c)
	if err != nil {
		return err
	}
	review, err := s.Changer.ReviewMove(c.Request().Context(), m)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, reviewOf(review))
}

func (s *Server) apiMove(c echo.Context) error {
	in, m, err := s.decodeMove(c)
	if err != nil {
		return err
	}
	_, begun, err := s.move(c, m, change.Consent{Name: in.Name, Reason: in.Reason}, in.Review, in.Key)
	if errors.Is(err, errUnproved) {
		return s.askProof(c)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, jobOf(begun))
}
