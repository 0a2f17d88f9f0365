package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestAJobThatWaitsForSomebodyIsResumedByAnOperatorOnceAndOnRecord(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	keepJob(t, h, job.Job{ID: "waits", State: job.NeedsAttention, Title: "Move", Sentence: "Somebody must look.", Steps: []job.Step{{Name: "Release", State: job.StepAttention}}})
	c := h.As(t, team.Operator)
	page := c.Get("/jobs/waits").Parse(t)
	says(t, page, http.StatusOK, "Needs attention", "Somebody must look.", "Try again")
	if h.As(t, team.Viewer).Get("/jobs/waits").Parse(t).HasPost("/jobs/waits/resume") {
		t.Error("a viewer may resume")
	}
	form := page.Form(t, "/jobs/waits/resume")
	if a := c.Post(form.Action, form.Values); a.Status != http.StatusSeeOther || a.Location() != "/jobs/waits" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	acts, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.JobResume)})
	if err != nil || acts.Total != 1 || acts.Items[0].Actor != "operator" || acts.Items[0].Reason != "Somebody must look." {
		t.Errorf("%+v %v", acts, err)
	}
	h.Eventually("the job has ended", func() bool {
		j, err := h.DB.Job(context.Background(), "waits")
		return err == nil && j.State != job.Running
	})
}

func TestAJobOfHundredsOfStepsHasASmallPageThatBeginsWithWhatNeedsSomebody(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	j := job.Job{ID: "long", State: job.Running, Title: "Bindings of 600 PBXs"}
	for i := range 600 {
		step := job.Step{Name: fmt.Sprintf("Branch %03d", i), State: job.StepDone, PBX: webtest.AcmeHQ}
		switch {
		case i == 300:
			step.State, step.Sentence = job.StepFailed, "Yeastar refused the write."
		case i > 400:
			step.State = job.StepWaiting
		}
		j.Steps = append(j.Steps, step)
	}
	keepJob(t, h, j)
	c := h.As(t, team.Viewer)
	a := c.Get("/jobs/long")
	page := a.Parse(t)
	says(t, page, http.StatusOK, "Running", "Branch 300", "Yeastar refused the write.", "400 steps: Done", "199 steps: Waiting", "and 350 more")
	if strings.Index(a.Body, "Branch 300") > strings.Index(a.Body, "Branch 000") {
		t.Error("what failed does not come first")
	}
	if !strings.Contains(a.Body, `<noscript><meta http-equiv="refresh" content="2"`) || !strings.Contains(a.Body, `data-live="job:long"`) {
		t.Error("the page does not stay fresh")
	}
	if len(a.Body) > 60_000 {
		t.Errorf("%d bytes", len(a.Body))
	}
	if all := c.Get("/jobs/long?steps=done"); strings.Count(all.Body, ">Branch ")+strings.Count(all.Body, "Branch 399") < 1 || strings.Contains(all.Body, "Branch 300") {
		t.Errorf("the steps of one state: %s", all.Parse(t).Text())
	}
	says(t, c.Get("/jobs").Parse(t), http.StatusOK, "Bindings of 600 PBXs", "400 of 600 steps")
}

func TestJobsAsAScriptReadsThem(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	keepJob(t, h, job.Job{ID: "one", State: job.Failed, Title: "Move", Steps: []job.Step{{Name: "Release", State: job.StepDone, PBX: 4808, Plan: "p1"}, {Name: "Claim", State: job.StepFailed, Sentence: "No."}}})
	s := newScript(t, h, team.Operator)
	one := s.get("/jobs/one")
	steps := list(one, "steps")
	if one["state"] != "failed" || one["pbx_id"] != nil || steps[0]["plan_id"] != "p1" || steps[0]["pbx_id"] != float64(4808) || steps[1]["sentence"] != "No." || steps[1]["plan_id"] != nil {
		t.Errorf("%v", one)
	}
	if all := items(s.get("/jobs?state=failed&kind=move_numbers")); len(all) != 1 || all[0]["id"] != "one" {
		t.Errorf("%v", all)
	}
	if none := s.get("/jobs?state=running"); none["total"] != float64(0) {
		t.Errorf("%v", none)
	}
	s.refused(422, "invalid", "GET", "/jobs?state=lost", "", "state")
	s.refused(409, string(fleet.KindConflict), "POST", "/jobs/one/resume", "")
	s.refused(404, "not_found", "GET", "/jobs/none", "")
}
