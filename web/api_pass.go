package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/reconcile"
)

type passJSON struct {
	ID         string        `json:"id"`
	Why        fleet.PassWhy `json:"why"`
	Who        *string       `json:"who"`
	StartedAt  time.Time     `json:"started_at"`
	FinishedAt *time.Time    `json:"finished_at"`
	Complete   bool          `json:"complete"`
	StoppedBy  *string       `json:"stopped_by"`
	PBXs       int           `json:"pbxs"`
	Verified   int           `json:"verified"`
	Drifted    int           `json:"drifted"`
	Unknown    int           `json:"unknown"`
	Snapshots  int           `json:"snapshots"`
}

func passOf(p fleet.Pass) passJSON {
	return passJSON{
		p.ID.String(), p.Why, nullable(p.Who), p.StartedAt.UTC(), moment(p.FinishedAt), p.Complete, nullable(p.StoppedBy),
		p.PBXs, p.Verified, p.Drifted, p.Unknown, p.Snapshots,
	}
}

// passDetailJSON is a pass with what it found.
type passDetailJSON struct {
	passJSON
	Findings []fleet.PassFinding `json:"findings"`
	More     int                 `json:"more_findings"`
}

// asked is the cause of a pass that the person behind a request wants.
func asked(c echo.Context) reconcile.Cause {
	return reconcile.Cause{Why: fleet.PassAsked, By: by(c)}
}

// apiReconcile runs a pass or joins the running one. An aborted pass is an answer too: its report
// says what stopped it.
func (s *Server) apiReconcile(c echo.Context) error {
	r, err := s.Worker.RunFor(c.Request().Context(), asked(c))
	if r.ID == 0 && err != nil {
		return err
	}
	if err != nil {
		s.Log.Warn("a pass did not complete", "request_id", requestID(c), "error", err)
	}
	return c.JSON(http.StatusOK, passOf(r))
}

func (s *Server) apiPasses(c echo.Context) error {
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	found, err := s.passes(c.Request().Context(), page)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, found, passOf))
}

func (s *Server) apiPass(c echo.Context) error {
	id, err := pathID[fleet.PassID](c, "pass", "The pass")
	if err != nil {
		return err
	}
	p, err := s.pass(c.Request().Context(), id)
	if err != nil {
		return err
	}
	detail := passDetailJSON{passOf(p), p.Findings, p.More}
	if detail.Findings == nil {
		detail.Findings = []fleet.PassFinding{}
	}
	return c.JSON(http.StatusOK, detail)
}

// passes is a page of the passes; of the one that runs here, as far as it is.
func (s *Server) passes(ctx context.Context, req fleet.PageRequest) (fleet.Page[fleet.Pass], error) {
	running, runs := s.Worker.Running()
	page, err := s.Passes.Passes(ctx, req)
	if err != nil {
		return page, err
	}
	for i, p := range page.Items {
		if runs && p.ID == running.ID && p.FinishedAt.IsZero() {
			page.Items[i] = running
		}
	}
	return page, nil
}

// pass is one pass with what it has found.
func (s *Server) pass(ctx context.Context, id fleet.PassID) (fleet.Pass, error) {
	running, runs := s.Worker.Running()
	p, err := s.Passes.Pass(ctx, id)
	if err == nil && runs && p.ID == running.ID && p.FinishedAt.IsZero() {
		return running, nil
	}
	return p, err
}
