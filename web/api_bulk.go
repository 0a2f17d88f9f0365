package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/bulk"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// bulkAPI takes spreadsheets.
const bulkAPI = "/api/v1/bulk"

type bulkJSON struct {
	ID        job.ID        `json:"id"`
	State     job.State     `json:"state"`
	Phase     change.Phase  `json:"phase"`
	Sentence  string        `json:"sentence"`
	CreatedAt time.Time     `json:"created_at"`
	Wrong     int           `json:"wrong"`
	Rows      []bulkRowJSON `json:"rows"`
	PBXs      []bulkPBXJSON `json:"pbxs"`
}

type bulkRowJSON struct {
	Row      int              `json:"row"`
	PBX      string           `json:"pbx"`
	Trunk    string           `json:"trunk"`
	Number   string           `json:"number"`
	Verdict  bulk.VerdictWord `json:"verdict"`
	Wrong    bool             `json:"wrong"`
	Sentence string           `json:"sentence"`
	PBXID    *fleet.PBXID     `json:"pbx_id"`
	TrunkID  *fleet.TrunkID   `json:"trunk_id"`
	DIDID    *fleet.DIDID     `json:"did_id"`
}

type bulkPBXJSON struct {
	PBX      fleet.PBXID    `json:"pbx_id"`
	Name     string         `json:"name"`
	Fate     bulk.Fate      `json:"fate"`
	Sentence string         `json:"sentence"`
	State    *job.StepState `json:"state"`
	Plan     *string        `json:"plan_id"`
	Bind     []pairJSON     `json:"bind"`
	Unbind   []pairJSON     `json:"unbind"`
	After    []fleet.PBXID  `json:"after"`
}

func someID[T ~int64](id T) *T {
	if id == 0 {
		return nil
	}
	return &id
}

func pairsJSON(list []fleet.Binding) []pairJSON {
	out := make([]pairJSON, len(list))
	for i, b := range list {
		out[i] = pairJSON{b.Trunk, b.DID}
	}
	return out
}

func bulkOf(j job.Job, doc change.BulkDoc, r bulk.Review) bulkJSON {
	out := bulkJSON{ID: j.ID, State: j.State, Phase: doc.Phase, Sentence: j.Sentence, CreatedAt: j.CreatedAt.UTC(), Wrong: r.Wrong(),
		Rows: make([]bulkRowJSON, len(r.Rows)), PBXs: make([]bulkPBXJSON, len(r.Items))}
	for i, v := range r.Rows {
		out.Rows[i] = bulkRowJSON{v.Row, v.PBX, v.Trunk, v.Number, v.Word, v.Word.Wrong(), v.Sentence, someID(v.PBXID), someID(v.TrunkID), someID(v.DIDID)}
	}
	steps := make(map[fleet.PBXID]job.Step, len(j.Steps))
	for _, step := range j.Steps {
		steps[step.PBX] = step
	}
	for i, it := range r.Items {
		p := bulkPBXJSON{PBX: it.PBX, Name: it.Name, Fate: it.Fate, Sentence: it.Sentence, Bind: pairsJSON(it.Bind), Unbind: pairsJSON(it.Unbind), After: append([]fleet.PBXID{}, it.After()...)}
		if step, ok := steps[it.PBX]; ok {
			p.Sentence, p.State, p.Plan = step.Sentence, &step.State, nullable(string(step.Plan))
		}
		out.PBXs[i] = p
	}
	return out
}

// apiBulkCreate takes a file as the body itself.
func (s *Server) apiBulkCreate(c echo.Context) error {
	data, err := csvBody(c)
	if err != nil {
		return err
	}
	j, err := s.propose(c, data, "body")
	if err != nil {
		return err
	}
	return s.answerBulk(c, http.StatusAccepted, j)
}

func (s *Server) apiBulk(c echo.Context) error {
	j, err := s.JobBook.Job(c.Request().Context(), job.ID(c.Param("job")))
	if err != nil {
		return err
	}
	return s.answerBulk(c, http.StatusOK, j)
}

// apiBulkApply agrees to the plans that it names, and to no others.
func (s *Server) apiBulkApply(c echo.Context) error {
	var in struct {
		Plans  []string                `json:"plans"`
		Names  map[fleet.PlanID]string `json:"names"`
		Reason string                  `json:"reason"`
		Stop   *bool                   `json:"stop_at_first_failure"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	j, err := s.agree(c, change.Agreement{Plans: bulkIDs(in.Plans), Names: in.Names, Reason: in.Reason, Stop: in.Stop == nil || *in.Stop})
	if err != nil {
		return err
	}
	return s.answerBulk(c, http.StatusAccepted, j)
}

// apiBulkAgain makes the plans once more that could not be made, or goes on where it stopped.
func (s *Server) apiBulkAgain(c echo.Context) error {
	var in struct {
		None []fleet.PBXID `json:"no_headers"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	j, err := s.decided(c, audit.JobResume)(s.Bulk.Again(c.Request().Context(), by(c), s.Jobs, job.ID(c.Param("job")), in.None))
	if err != nil {
		return err
	}
	return s.answerBulk(c, http.StatusAccepted, j)
}

func (s *Server) answerBulk(c echo.Context, status int, j job.Job) error {
	doc, r, err := s.Bulk.Read(c.Request().Context(), j)
	if err != nil {
		return err
	}
	return c.JSON(status, bulkOf(j, doc, r))
}
