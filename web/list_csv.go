package web

import (
	"context"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/web/form"
)

// exportList writes all pages of a list as it is narrowed, one row per item.
func exportList[T any](s *Server, c echo.Context, name string, head []string, read func(context.Context, fleet.PageRequest) (fleet.Page[T], error), cells func(T) []string) error {
	return s.writeCSV(c, name, head, func(after string) ([][]string, string, error) {
		page, err := read(c.Request().Context(), fleet.PageRequest{After: after, Limit: form.MaxPage})
		rows := make([][]string, len(page.Items))
		for i, item := range page.Items {
			rows[i] = cells(item)
		}
		return rows, page.Next, err
	})
}

var planColumns = []string{"id", "pbx", "pbx_id", "kind", "status", "risk", "author", "created_at", "expires_at", "sent_at", "what", "reason", "sentence", "request_id", "job"}

func (s *Server) plansCSV(c echo.Context) error {
	f := planFilter(listOf(c))
	read := func(ctx context.Context, page fleet.PageRequest) (fleet.Page[plan.Plan], error) {
		f.Page = page
		return s.Plans.Plans(ctx, f)
	}
	return exportList(s, c, "plans.csv", planColumns, read, func(p plan.Plan) []string {
		return []string{string(p.ID), p.PBXName, p.PBX.String(), string(p.Kind), string(planStatus(p, s.Now())), string(p.Risk.Level), p.Author,
			stamp(p.CreatedAt), stamp(p.ExpiresAt), stamp(p.SentAt), planTitle(p), p.Reason, p.Outcome.Sentence, p.Outcome.VendorRequestID, p.Job}
	})
}

var driftColumns = []string{"id", "pbx", "pbx_id", "state", "cause", "sentence", "since", "until", "opened_at", "closed_at", "closed_by", "removed", "added", "plan"}

func (s *Server) driftsCSV(c echo.Context) error {
	f := driftFilter(listOf(c))
	read := func(ctx context.Context, page fleet.PageRequest) (fleet.Page[fleet.Drift], error) {
		f.Page = page
		return s.Drifts.Drifts(ctx, f)
	}
	return exportList(s, c, "drift.csv", driftColumns, read, func(d fleet.Drift) []string {
		return []string{strconv.FormatInt(int64(d.ID), 10), d.PBXName, d.PBX.String(), string(d.State), string(d.Cause), d.Sentence, stamp(d.Since), stamp(d.Until), stamp(d.OpenedAt),
			stamp(d.ClosedAt), d.ClosedBy, strconv.Itoa(len(d.Removed())), strconv.Itoa(len(d.Added())), string(d.Plan)}
	})
}

var jobColumns = []string{"id", "kind", "state", "title", "sentence", "author", "pbx_id", "created_at", "ended_at", "steps", "steps_done"}

func (s *Server) jobsCSV(c echo.Context) error {
	f := jobFilter(listOf(c))
	read := func(ctx context.Context, page fleet.PageRequest) (fleet.Page[job.Job], error) {
		f.Page = page
		return s.JobBook.Jobs(ctx, f)
	}
	return exportList(s, c, "jobs.csv", jobColumns, read, func(j job.Job) []string {
		return []string{string(j.ID), string(j.Kind), string(j.State), j.Title, j.Sentence, j.Author, blankZero(int64(j.PBX)), stamp(j.CreatedAt), stamp(j.EndedAt),
			strconv.Itoa(len(j.Steps)), strconv.Itoa(countSteps(j)[job.StepDone])}
	})
}

var passColumns = []string{"id", "started_at", "finished_at", "wanted_by", "complete", "stopped_by", "pbxs", "verified", "drifted", "unknown", "snapshots"}

func (s *Server) passesCSV(c echo.Context) error {
	return exportList(s, c, "passes.csv", passColumns, s.passes, func(p fleet.Pass) []string {
		return []string{p.ID.String(), stamp(p.StartedAt), stamp(p.FinishedAt), wantedBy(p), strconv.FormatBool(p.Complete), p.StoppedBy,
			strconv.Itoa(p.PBXs), strconv.Itoa(p.Verified), strconv.Itoa(p.Drifted), strconv.Itoa(p.Unknown), strconv.Itoa(p.Snapshots)}
	})
}

var deliveryColumns = []string{"id", "received_at", "state", "error", "bytes", "events", "serials", "pbx_ids"}

func (s *Server) webhooksCSV(c echo.Context) error {
	state := deliveryFilter(listOf(c))
	read := func(ctx context.Context, page fleet.PageRequest) (fleet.Page[fleet.Delivery], error) {
		return s.Inbox.Deliveries(ctx, state, page)
	}
	return exportList(s, c, "webhooks.csv", deliveryColumns, read, func(d fleet.Delivery) []string {
		var events, serials, pbxs []string
		for _, e := range d.Elements {
			events, serials, pbxs = append(events, string(e.Event)), append(serials, e.Serial), append(pbxs, blankZero(int64(e.PBX)))
		}
		return []string{strconv.FormatInt(d.ID, 10), stamp(d.ReceivedAt), string(d.State), d.Error, strconv.Itoa(d.Size),
			strings.Join(events, " "), strings.Join(serials, " "), strings.Join(pbxs, " ")}
	})
}

var fleetTrunkColumns = []string{"pbx", "pbx_id", "trunk", "trunk_id", "type", "shared", "health", "status", "far_end", "username", "default_caller_id", "found_by", "listed_at"}

func (s *Server) fleetTrunksCSV(c echo.Context) error {
	f := fleetTrunkFilter(listOf(c))
	read := func(ctx context.Context, page fleet.PageRequest) (fleet.Page[sip.FleetRow], error) {
		f.Page = page
		return s.Lines.FleetTrunks(ctx, f)
	}
	return exportList(s, c, "pbx-trunks.csv", fleetTrunkColumns, read, func(t sip.FleetRow) []string {
		r := t.Row
		return []string{t.PBXName, t.PBX.String(), r.Name, strconv.FormatInt(int64(r.ID), 10), r.Type, strconv.FormatBool(r.Shared), string(r.Status.Health()),
			strconv.Itoa(int(r.Status)), r.HostPort, r.Username, r.CID, t.Matched, stamp(t.ListedAt)}
	})
}

var trunkPBXColumns = []string{"pbx", "pbx_id", "serial", "url", "status", "numbers"}

func (s *Server) trunkPBXsCSV(c echo.Context) error {
	t, err := s.trunkOf(c)
	if err != nil {
		return err
	}
	read := func(ctx context.Context, page fleet.PageRequest) (fleet.Page[fleet.TrunkPBX], error) {
		return s.Trunks.TrunkPBXs(ctx, t.ID, page)
	}
	return exportList(s, c, "trunk-"+t.ID.String()+"-pbxs.csv", trunkPBXColumns, read, func(p fleet.TrunkPBX) []string {
		return []string{p.Name, p.ID.String(), p.Serial, p.URL, string(p.Status), strconv.Itoa(p.Pairs)}
	})
}
