package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

type jobJSON struct {
	ID        job.ID        `json:"id"`
	Kind      job.Kind      `json:"kind"`
	State     job.State     `json:"state"`
	Title     string        `json:"title"`
	Sentence  string        `json:"sentence"`
	Author    string        `json:"author"`
	CreatedAt time.Time     `json:"created_at"`
	EndedAt   *time.Time    `json:"ended_at"`
	PBX       *fleet.PBXID  `json:"pbx_id"`
	Steps     []jobStepJSON `json:"steps"`
}

type jobStepJSON struct {
	Name     string        `json:"name"`
	State    job.StepState `json:"state"`
	Sentence string        `json:"sentence"`
	PBX      *fleet.PBXID  `json:"pbx_id"`
	Plan     *string       `json:"plan_id"`
	Job      *string       `json:"job_id"`
}

func jobOf(j job.Job) jobJSON {
	out := jobJSON{ID: j.ID, Kind: j.Kind, State: j.State, Title: j.Title, Sentence: j.Sentence, Author: j.Author,
		CreatedAt: j.CreatedAt.UTC(), EndedAt: moment(j.EndedAt), PBX: somePBX(j.PBX), Steps: make([]jobStepJSON, len(j.Steps))}
	for i, step := range j.Steps {
		out.Steps[i] = jobStepJSON{step.Name, step.State, step.Sentence, somePBX(step.PBX), nullable(string(step.Plan)), nullable(string(step.Job))}
	}
	return out
}

// somePBX is a PBX id in JSON; none is null.
func somePBX(id fleet.PBXID) *fleet.PBXID {
	if id == 0 {
		return nil
	}
	return &id
}

func (s *Server) apiJobs(c echo.Context) error {
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	state, err := queryWord(c, "state", jobStates())
	if err != nil {
		return err
	}
	kind, err := queryWord(c, "kind", jobKinds())
	if err != nil {
		return err
	}
	found, err := s.JobBook.Jobs(c.Request().Context(), job.Filter{Kind: kind, State: state, Page: page})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, found, jobOf))
}

func (s *Server) apiJob(c echo.Context) error {
	j, err := s.JobBook.Job(c.Request().Context(), job.ID(c.Param("job")))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jobOf(j))
}

func (s *Server) apiResume(c echo.Context) error {
	j, err := s.decided(c, audit.JobResume)(s.Jobs.Resume(c.Request().Context(), by(c), job.ID(c.Param("job"))))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, jobOf(j))
}
