package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

type pairJSON struct {
	TrunkID fleet.TrunkID `json:"trunk_id"`
	DIDID   fleet.DIDID   `json:"did_id"`
}

type askJSON struct {
	Bind    []pairJSON    `json:"bind"`
	Unbind  []pairJSON    `json:"unbind"`
	Clear   bool          `json:"clear"`
	Headers *[]headerJSON `json:"headers"`
	UndoTo  *string       `json:"undo_to"`
	Skip    *bool         `json:"skip"`
}

func pairs(name string, in []pairJSON) ([]fleet.Binding, error) {
	out := make([]fleet.Binding, len(in))
	for i, p := range in {
		if p.TrunkID <= 0 || p.DIDID <= 0 {
			return nil, fleet.Invalid("web.apiDraft", "An id is missing or impossible.",
				fleet.Field{Name: fmt.Sprintf("%s.%d", name, i), Rule: "It takes trunk_id and did_id, positive numbers."})
		}
		out[i] = fleet.Binding{Trunk: p.TrunkID, DID: p.DIDID}
	}
	return fleet.NewBindingSet(out...).Pairs(), nil
}

func (a askJSON) ask(id fleet.PBXID) (change.Ask, error) {
	bind, err := pairs("bind", a.Bind)
	if err != nil {
		return change.Ask{}, err
	}
	unbind, err := pairs("unbind", a.Unbind)
	if err != nil {
		return change.Ask{}, err
	}
	ask := change.Ask{PBX: id, Bind: bind, Unbind: unbind, Clear: a.Clear}
	if ask.Headers, err = statedJSON("headers", a.Headers); err != nil {
		return ask, err
	}
	if a.UndoTo != nil {
		n, err := strconv.ParseInt(*a.UndoTo, 10, 64)
		if err != nil || n <= 0 {
			return ask, fleet.Invalid("web.apiDraft", "There is no such snapshot.", fleet.Field{Name: "undo_to", Rule: "The id of a snapshot of this PBX."})
		}
		ask.UndoTo = fleet.SnapshotID(n)
		ask.Skip = a.Skip == nil || *a.Skip // the answer lists what was skipped
	}
	return ask, nil
}

type planJSON struct {
	ID        fleet.PlanID  `json:"id"`
	PBX       fleet.PBXID   `json:"pbx_id"`
	Kind      plan.Kind     `json:"kind"`
	Status    plan.Status   `json:"status"`
	Base      string        `json:"base"`
	Effect    string        `json:"effect"`
	Author    string        `json:"author"`
	CreatedAt time.Time     `json:"created_at"`
	ExpiresAt time.Time     `json:"expires_at"`
	Trunk     sip.TrunkID   `json:"trunk_id,omitempty"` // of a plan of kind trunk
	UndoOf    fleet.PlanID  `json:"undo_of,omitempty"`
	Steps     []stepJSON    `json:"steps"`
	Fields    []fieldJSON   `json:"fields"`
	Headers   []headerJSON  `json:"headers"`
	Skipped   []skippedJSON `json:"skipped"`
	Risk      riskJSON      `json:"risk"`
	Outcome   *outcomeJSON  `json:"outcome"`
	Job       *string       `json:"job_id"`
	Approval  *approvalJSON `json:"approval"` // in the answer for one plan alone
}

type stepJSON struct {
	Verb    plan.Verb     `json:"verb"`
	TrunkID fleet.TrunkID `json:"trunk_id"`
	From    fleet.TrunkID `json:"from_trunk_id,omitempty"`
	DIDID   fleet.DIDID   `json:"did_id"`
	Number  string        `json:"number"`
	Trunk   string        `json:"trunk_name"`
}

type fieldJSON struct {
	Name string `json:"name"`
	From string `json:"from"`
	To   string `json:"to"`
}

type headerJSON struct {
	TrunkID  fleet.TrunkID  `json:"trunk_id"`
	HeaderID fleet.HeaderID `json:"header_id"`
	Value    string         `json:"value"`
}

type skippedJSON struct {
	Number string `json:"number"`
	Reason string `json:"reason"`
}

type riskJSON struct {
	Level   plan.Level  `json:"level"`
	Reasons []string    `json:"reasons"`
	Needs   []plan.Need `json:"needs"`
}

type lineStateJSON struct {
	State    plan.LineState `json:"state"`
	Status   *sip.Status    `json:"status"`
	At       *time.Time     `json:"at"`
	Sentence string         `json:"sentence"`
}

type outcomeJSON struct {
	Result          plan.Result    `json:"result"`
	Sentence        string         `json:"sentence"`
	VendorRequestID *string        `json:"vendor_request_id"`
	VerifiedAt      *time.Time     `json:"verified_at"`
	Moved           []stepJSON     `json:"moved,omitempty"`
	Differs         []fieldJSON    `json:"differs,omitempty"` // settings of a trunk that are not what was expected
	Line            *lineStateJSON `json:"line,omitempty"`    // how the trunk stood afterwards
}

func stepsJSON(steps []plan.Step) []stepJSON {
	out := make([]stepJSON, len(steps))
	for i, s := range steps {
		out[i] = stepJSON{s.Verb, s.Trunk, s.From, s.DID, s.Number, s.TrunkName}
	}
	return out
}

func planOf(p plan.Plan) planJSON {
	out := planJSON{
		ID: p.ID, PBX: p.PBX, Kind: p.Kind, Status: p.Status, Base: p.Base, Effect: p.Effect(), Author: p.Author,
		CreatedAt: p.CreatedAt.UTC(), ExpiresAt: p.ExpiresAt.UTC(), Steps: stepsJSON(p.Steps), Fields: []fieldJSON{},
		Headers: []headerJSON{}, Skipped: []skippedJSON{}, Job: nullable(p.Job),
		Risk: riskJSON{p.Risk.Level, append([]string{}, p.Risk.Reasons...), append([]plan.Need{}, p.Risk.Needs...)},
	}
	for _, h := range p.Headers.After.List() {
		out.Headers = append(out.Headers, headerJSON{h.Trunk, h.Header, h.Value})
	}
	for _, s := range p.Skipped {
		out.Skipped = append(out.Skipped, skippedJSON(s))
	}
	if p.Outcome.Result != "" {
		out.Outcome = &outcomeJSON{p.Outcome.Result, p.Outcome.Sentence, nullable(p.Outcome.VendorRequestID), moment(p.Outcome.VerifiedAt), stepsJSON(p.Outcome.Moved),
			changesJSON(p.Outcome.Differs), lineStateOf(p.Outcome.Line)}
	}
	if p.Edit != nil {
		out.Trunk, out.UndoOf, out.Fields = p.Edit.Trunk, p.Edit.UndoOf, changesJSON(p.Edit.Changes)
	}
	return out
}

func changesJSON(changes []sip.Change) []fieldJSON {
	out := make([]fieldJSON, len(changes))
	for i, c := range changes {
		out[i] = fieldJSON{c.Name, c.From, c.To}
	}
	return out
}

func lineStateOf(l *plan.Line) *lineStateJSON {
	if l == nil {
		return nil
	}
	out := &lineStateJSON{State: l.State, At: moment(l.At), Sentence: l.Sentence}
	if !l.At.IsZero() {
		out.Status = &l.Status
	}
	return out
}

func (s *Server) apiDraft(c echo.Context) error {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return err
	}
	var in askJSON
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	ask, err := in.ask(id)
	if err != nil {
		return err
	}
	p, err := s.draft(c, ask)
	if err != nil {
		return err
	}
	return s.planJSON(c, http.StatusCreated, p)
}

func (s *Server) apiPlan(c echo.Context) error {
	p, err := s.Plans.Plan(c.Request().Context(), fleet.PlanID(c.Param("plan")))
	if err != nil {
		return err
	}
	return s.planJSON(c, http.StatusOK, p)
}

func (s *Server) apiPlans(c echo.Context) error {
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	status, err := queryWord(c, "status", planStatuses())
	if err != nil {
		return err
	}
	found, err := s.Plans.Plans(c.Request().Context(), plan.Filter{Status: status, Page: page})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, found, planOf))
}

func (s *Server) apiConfirm(c echo.Context) error {
	var in struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	p, err := s.confirm(c, fleet.PlanID(c.Param("plan")), change.Consent{Name: in.Name, Reason: in.Reason})
	if err != nil {
		return err
	}
	return s.planJSON(c, http.StatusOK, p)
}

type entryJSON struct {
	ID              string          `json:"id"`
	At              time.Time       `json:"at"`
	Actor           string          `json:"actor"`
	Action          audit.Action    `json:"action"`
	Target          string          `json:"target"`
	PBX             fleet.PBXID     `json:"pbx_id,omitempty"`
	Plan            *string         `json:"plan_id"`
	Outcome         audit.Outcome   `json:"outcome"`
	Reason          *string         `json:"reason"`
	Before          json.RawMessage `json:"before"`
	After           json.RawMessage `json:"after"`
	VendorRequestID *string         `json:"vendor_request_id"`
	IP              *string         `json:"ip"`
	Hash            string          `json:"hash"`
}

func entryOf(e audit.Entry) entryJSON {
	return entryJSON{
		strconv.FormatInt(e.Seq, 10), e.At.UTC(), e.Actor, e.Action, e.Target, e.PBX, nullable(string(e.Plan)), e.Outcome,
		nullable(e.Reason), e.Before, e.After, nullable(e.VendorRequestID), nullable(e.IP), e.Hash,
	}
}

func (s *Server) apiAudit(c echo.Context) error {
	f, err := auditFilter(c)
	if err != nil {
		return err
	}
	found, err := s.Record.Audit(c.Request().Context(), f)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, found, entryOf))
}

// queryPBX reads ?pbx_id=; 0 without one.
func queryPBX(c echo.Context) (fleet.PBXID, error) {
	text := c.QueryParam("pbx_id")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fleet.Invalid("web.queryPBX", "That is no PBX id.", fleet.Field{Name: "pbx_id", Rule: "A number."})
	}
	return fleet.PBXID(n), nil
}

func auditFilter(c echo.Context) (audit.Filter, error) {
	page, err := pageRequest(c)
	if err != nil {
		return audit.Filter{}, err
	}
	f := audit.Filter{Actor: c.QueryParam("actor"), Action: c.QueryParam("action"), Outcome: audit.Outcome(c.QueryParam("outcome")), Text: c.QueryParam("q"), Page: page}
	if f.Outcome != "" && !slices.Contains(audit.Outcomes(), f.Outcome) {
		return f, fleet.Invalid("web.auditFilter", "No act ends this way.", fleet.Field{Name: "outcome", Rule: "One of the outcomes of an entry."})
	}
	if len(f.Text) > longestSearch {
		return f, fleet.Invalid("web.auditFilter", "That is too long to look for.", fleet.Field{Name: "q", Rule: "At most 200 characters."})
	}
	if f.PBX, err = queryPBX(c); err != nil {
		return f, err
	}
	if f.From, err = queryTime(c, "from"); err != nil {
		return f, err
	}
	f.To, err = queryTime(c, "to")
	return f, err
}
