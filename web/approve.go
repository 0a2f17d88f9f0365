package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const fieldHash = "hash"

// addSecond shows how a draft stands with the second person; without one it can't be confirmed.
func (s *Server) addSecond(c echo.Context, p plan.Plan, view *views.PlanPage, failed error) error {
	if planStatus(p, s.Now()) != plan.Draft {
		return nil
	}
	second, err := s.Changer.Second(c.Request().Context(), p)
	if err != nil || !second.Asked {
		return err
	}
	if second.By.Person != "" {
		view.Second = &views.PlanSecond{State: ui.Badge{Tone: ui.Ok, Label: "Approved"}, Text: "By " + second.By.Person + ",", Time: ui.At(second.By.At, s.Now())}
		return nil
	}
	view.Confirm = nil
	author := team.PersonOf(p.Author)
	view.Second = &views.PlanSecond{State: ui.Badge{Tone: ui.Warn, Label: "Needed"}}
	switch {
	case !mayOperate(c):
		view.Second.Text = "An operator other than " + author + " has to approve this plan before it can be sent."
	case who(c).user.Name == author:
		view.Second.Text = "You made this plan. Send the address of this page to a colleague: somebody else has to approve it before it can be sent."
	default:
		view.Second.Text = author + " asks for your word. It counts for exactly this plan, as long as nothing on the PBX moves."
		view.Second.Approve = &views.FormAction{Href: href.Approve(string(p.ID)), Label: "Approve this plan", Fields: []views.HiddenField{{Name: fieldHash, Value: second.Hash}}}
	}
	if kind := fleet.KindOf(failed); failed != nil && (kind == fleet.KindStale || kind == fleet.KindDenied || kind == fleet.KindGuard) {
		view.Second.Error = describe(failed).Detail
	}
	return nil
}

// approve is a second person's word, for pages and JSON alike. A script is no person.
func (s *Server) approve(c echo.Context, hash string) (plan.Plan, error) {
	id := fleet.PlanID(c.Param("plan"))
	if who(c).script {
		p, err := s.Plans.Plan(c.Request().Context(), id)
		if err != nil {
			return p, err
		}
		return p, s.refused(c, &fleet.Error{Kind: fleet.KindDenied, Op: "web.approve", Msg: "A token can't approve a plan: that takes a person who looks at it."},
			audit.Entry{Action: audit.PlanApprove, Target: p.PBXName, PBX: p.PBX, Plan: id})
	}
	p, err := s.Changer.Approve(c.Request().Context(), by(c), id, hash)
	if fleet.KindOf(err) == fleet.KindNotFound && err != nil {
		return p, err
	}
	return p, s.refused(c, err, audit.Entry{Action: audit.PlanApprove, Target: p.PBXName, PBX: p.PBX, Plan: id})
}

func (s *Server) approvePlan(c echo.Context) error {
	p, err := s.approve(c, c.Request().PostForm.Get(fieldHash))
	switch kind := fleet.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, href.Plan(string(p.ID)))
	case kind == fleet.KindInternal || kind == fleet.KindNotFound:
		return err
	}
	return s.renderPlan(c, describe(err).Status, p, change.Consent{}, err)
}

// approvalJSON is how a plan stands with the second person.
type approvalJSON struct {
	Hash string     `json:"hash"`
	By   *string    `json:"approved_by"`
	At   *time.Time `json:"approved_at"`
}

// approvalOf is nil for a plan that needs none.
func (s *Server) approvalOf(c echo.Context, p plan.Plan) (*approvalJSON, error) {
	second, err := s.Changer.Second(c.Request().Context(), p)
	if err != nil || !second.Asked {
		return nil, err
	}
	return &approvalJSON{second.Hash, nullable(second.By.Person), moment(second.By.At)}, nil
}

func (s *Server) apiApprove(c echo.Context) error {
	var in struct {
		Hash string `json:"hash"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	p, err := s.approve(c, in.Hash)
	if err != nil {
		return err
	}
	return s.planJSON(c, http.StatusOK, p)
}

// planJSON answers with one plan, its approval included.
func (s *Server) planJSON(c echo.Context, status int, p plan.Plan) (err error) {
	out := planOf(p)
	if out.Approval, err = s.approvalOf(c, p); err != nil {
		return err
	}
	return c.JSON(status, out)
}
