package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// targetValue names a trunk of a PBX in a form: "4808:11".
func targetValue(pbx fleet.PBXID, trunk sip.TrunkID) string {
	return pbx.String() + ":" + trunk.String()
}

func readTarget(text string) (pbx fleet.PBXID, trunk sip.TrunkID, ok bool) {
	left, right, _ := strings.Cut(text, ":")
	a, okA := form.ID(left)
	b, okB := form.ID(right)
	return fleet.PBXID(a), sip.TrunkID(b), okA && okB
}

// widePage opens the form for the ticked trunks, or for all that a filter leaves.
func (s *Server) widePage(c echo.Context) error {
	l := listOf(c)
	var targets []change.Target
	var err error
	if l.v.Get("all") != "" {
		targets, err = s.allTargets(c, fleetTrunkFilter(l))
	} else {
		targets, err = s.targets(c, l.v[change.FieldTargets])
	}
	if err != nil {
		return err
	}
	return s.renderWide(c, http.StatusOK, targets, url.Values{}, nil)
}

// allTargets are the trunks that a filter leaves, page by page.
func (s *Server) allTargets(c echo.Context, f sip.FleetFilter) (targets []change.Target, err error) {
	f.Page = fleet.PageRequest{Limit: 200}
	for {
		page, err := s.Lines.FleetTrunks(c.Request().Context(), f)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Items {
			targets = append(targets, targetOf(r))
		}
		if f.Page.After = page.Next; page.Next == "" || len(targets) > change.MostTargets {
			return targets, nil
		}
	}
}

func targetOf(r sip.FleetRow) change.Target {
	return change.Target{PBX: r.PBX, PBXName: r.PBXName, Trunk: r.Row.ID, Name: lineName(r.Row), Host: r.Row.HostPort}
}

// targets are the trunks that a form or a body names. One that was never read is refused.
func (s *Server) targets(c echo.Context, values []string) ([]change.Target, error) {
	const op = "web.targets"
	known := map[fleet.PBXID][]sip.FleetRow{}
	var targets []change.Target
	for _, text := range values {
		pbx, trunk, ok := readTarget(text)
		if !ok {
			return nil, fleet.Invalid(op, "That is no trunk.", fleet.Field{Name: change.FieldTargets, Rule: "pbx_id:trunk_id, both numbers"})
		}
		if _, read := known[pbx]; !read {
			rows, _, err := s.Lines.LastSIPTrunks(c.Request().Context(), pbx)
			if err != nil {
				return nil, err
			}
			known[pbx] = rows
		}
		i := slices.IndexFunc(known[pbx], func(r sip.FleetRow) bool { return r.Row.ID == trunk })
		if i < 0 {
			return nil, fleet.Invalid(op, "There is no such trunk.", fleet.Field{Name: change.FieldTargets, Rule: "No trunk " + text + " was ever read."})
		}
		t := targetOf(known[pbx][i])
		if !slices.Contains(targets, t) {
			targets = append(targets, t)
		}
	}
	return targets, nil
}

// makeWide takes the form, and begins the job that makes the plans.
func (s *Server) makeWide(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	targets, err := s.targets(c, r.PostForm[change.FieldTargets])
	if err != nil {
		return err
	}
	wide, bad := form.ReadWide(r.PostForm)
	if len(bad) > 0 {
		err = fleet.Invalid("web.makeWide", "No plan was made.", bad...)
	}
	var j job.Job
	if err == nil {
		j, err = s.beginWide(c, wide, targets)
	}
	if fleet.KindOf(err) == fleet.KindInvalid && err != nil {
		return s.renderWide(c, http.StatusUnprocessableEntity, targets, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.WideReview(string(j.ID)))
}

func (s *Server) beginWide(c echo.Context, wide sip.Wide, targets []change.Target) (job.Job, error) {
	j, err := s.Wide.Begin(c.Request().Context(), by(c), s.Jobs, wide, targets)
	if err == nil {
		s.Hub.Announce("jobs")
	}
	return j, s.refused(c, err, audit.Entry{Action: audit.TrunksEdit, Target: count(len(targets), "trunk")})
}

// targetsShown is how many trunks stand in the open beside the form.
const targetsShown = 12

func (s *Server) renderWide(c echo.Context, status int, targets []change.Target, v url.Values, failed error) error {
	rules := describe(failed).Fields
	field := func(name, label, help string) ui.Field {
		return ui.Field{Name: name, Label: label, Help: help, Value: v.Get(name), Error: rules[name]}
	}
	pick := func(name, label string, options ...string) ui.Select {
		sel := ui.Select{Name: name, Label: label, Error: rules[name], Options: []ui.Option{{Label: "Stays as it is"}}}
		for i := 0; i+1 < len(options); i += 2 {
			sel.Options = append(sel.Options, ui.Option{Value: options[i], Label: options[i+1], Selected: v.Get(name) == options[i]})
		}
		return sel
	}
	pbxs := map[fleet.PBXID]bool{}
	view := views.WidePage{
		Action: href.WideEdit, Back: ui.Link{Label: "Trunks of PBXs", Href: href.FleetTrunks},
		Groups: []views.TrunkGroup{
			{ID: "host", Title: "The far end", Help: "What stays empty stays as it is on every trunk. A setting that a trunk's type does not have is left out there.", Controls: []ui.Control{
				field("old_host", "Host that is replaced", "Only settings that name exactly this host get the new one. Empty: whatever they name."),
				field("hostname", "New hostname or IP", "The host alone, at most 255 characters."),
				field("domain", "New domain", "The SIP domain, where it changes too."),
				field("port", "New port", "0 to 65535."),
			}},
			{ID: "line", Title: "The line", Controls: []ui.Control{
				pick("transport", "Transport", "udp", "UDP", "tcp", "TCP", "tls", "TLS", "dnsnaptr", "DNS-NAPTR"),
				pick("enable", "Trunk", "1", "Enable", "0", "Disable"),
				field("codec_sel", "Codecs", "In order of preference, with commas: ulaw,alaw,g729"),
			}},
			{ID: "more", Title: "Outbound caller ID and proxy", Controls: []ui.Control{
				field("def_outbound_cid", "Default outbound caller ID", "At most 31 characters."), field("def_outbound_cid_name", "Its name", "At most 127 characters."),
				field("outbound_proxy_server", "Outbound proxy server", "Register trunks only."), field("outbound_proxy_port", "Outbound proxy port", "1 to 65535."),
			}},
		},
	}
	for _, t := range targets {
		pbxs[t.PBX] = true
		view.Targets = append(view.Targets, views.WideTarget{Value: targetValue(t.PBX, t.Trunk), Name: t.Name, PBX: t.PBXName, Host: t.Host})
	}
	if more := len(targets) - targetsShown; more > 3 {
		view.Shown, view.More = targetsShown, thousands(more)+" more"
	}
	view.Sum = count(len(targets), "trunk") + " on " + count(len(pbxs), "PBX")
	if fe, ok := errors.AsType[*fleet.Error](failed); ok {
		for _, f := range fe.Fields {
			view.Errors = append(view.Errors, ui.FieldError{Field: f.Name, Message: f.Rule})
		}
	}
	return s.render(c, status, views.Wide(s.shell(c, "Change many trunks", views.SectionTrunks), view))
}

func (s *Server) openWide(c echo.Context) (job.Job, change.WideDoc, error) {
	j, err := s.JobBook.Job(c.Request().Context(), job.ID(c.Param("job")))
	if err != nil {
		return j, change.WideDoc{}, err
	}
	doc, err := s.Wide.Read(j)
	return j, doc, err
}

func (s *Server) wideReview(c echo.Context) error {
	return s.renderWideReview(c, http.StatusOK, change.Agreement{}, nil)
}

// wideApply takes a person's agreement. What is missing comes back with all that was typed and ticked.
func (s *Server) wideApply(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	a := agreement(r.PostForm)
	_, err := s.agreeWide(c, a)
	if fleet.KindOf(err) == fleet.KindGuard {
		return s.renderWideReview(c, http.StatusUnprocessableEntity, a, err)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.WideReview(c.Param("job")))
}

func (s *Server) agreeWide(c echo.Context, a change.Agreement) (job.Job, error) {
	j, err := s.JobBook.Job(c.Request().Context(), job.ID(c.Param("job")))
	if err == nil {
		err = checkReason(a.Reason)
	}
	if err == nil {
		j, err = s.Wide.Agree(c.Request().Context(), by(c), s.Jobs, j.ID, a)
	}
	return j, s.refused(c, err, audit.Entry{Action: audit.BulkApply, Target: j.Title, Reason: a.Reason})
}

func (s *Server) wideAgain(c echo.Context) error {
	if _, err := s.decided(c, audit.JobResume)(s.Wide.Again(c.Request().Context(), by(c), s.Jobs, job.ID(c.Param("job")))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.WideReview(c.Param("job")))
}

func (s *Server) wideGiveUp(c echo.Context) error {
	if _, err := s.decided(c, audit.BulkGiveUp)(s.Wide.GiveUp(c.Request().Context(), by(c), s.Jobs, job.ID(c.Param("job")))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.WideReview(c.Param("job")))
}

// wideUndo begins the job that takes back what was done.
func (s *Server) wideUndo(c echo.Context) error {
	j, err := s.undoWide(c)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.WideReview(string(j.ID)))
}

func (s *Server) undoWide(c echo.Context) (job.Job, error) {
	j, _, err := s.openWide(c)
	if err != nil {
		return j, err
	}
	undo, err := s.Wide.Undo(c.Request().Context(), by(c), s.Jobs, j)
	if err == nil {
		s.Hub.Announce("jobs")
	}
	return undo, s.refused(c, err, audit.Entry{Action: audit.TrunksEdit, Target: j.Title})
}

// wideOrder is in what order the plans are carried out.
const wideOrder = "The first trunk goes alone and is watched until it is up again; only then the others follow, a few at a time, each watched likewise."

// renderWideReview shows a fleet-wide edit in any state; failed is what became of agreeing just now.
func (s *Server) renderWideReview(c echo.Context, status int, typed change.Agreement, failed error) error {
	j, doc, err := s.openWide(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), string(j.ID)
	view := s.presentWide(j, doc)
	if view.Steps, err = s.bulkSteps(ctx, j, doc.Rollout); err != nil {
		return err
	}
	if mayOperate(c) {
		s.wideActs(j, doc, &view)
		if j.State == job.NeedsAttention {
			if view.Form, err = s.bulkAgreement(ctx, j, doc.Rollout, href.WideAct(id, "apply"), wideOrder, typed, failed); err != nil {
				return err
			}
		}
	}
	view.Errors = bulkErrors(failed)
	shell := s.shell(c, j.Title, views.SectionTrunks)
	if j.State == job.Running {
		shell.Refresh = "2"
	}
	return s.render(c, status, views.BulkReview(shell, view))
}

func (s *Server) presentWide(j job.Job, doc change.WideDoc) views.BulkReviewPage {
	view := views.BulkReviewPage{
		ID: string(j.ID), Noun: "fleet-wide edit", Title: j.Title, State: jobBadge(j.State), Sentence: j.Sentence, Live: "job:" + string(j.ID),
		Job: ui.Link{Label: "Job", Href: href.Job(string(j.ID))}, Back: ui.Link{Label: "Trunks of PBXs", Href: href.FleetTrunks},
		Facts: []ui.Fact{{Label: "Asked for by", Text: j.Author}, {Label: "Asked for", Time: ui.At(j.CreatedAt, s.Now())}, {Label: "Trunks", Text: thousands(len(doc.Targets))}},
	}
	if doc.UndoOf != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "Undoes", Link: ui.Link{Label: "Job " + string(doc.UndoOf), Href: href.WideReview(string(doc.UndoOf))}})
	}
	if doc.Change.OldHost != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "Replaces", Text: doc.Change.OldHost})
	}
	for _, c := range doc.Change.Settings() {
		view.Facts = append(view.Facts, ui.Fact{Label: c.Label, Text: orEmpty(c.To)})
	}
	if doc.Phase == change.Applying && doc.By.Actor != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "Agreed to by", Text: doc.By.Actor})
	}
	if doc.Reason != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "Reason", Text: doc.Reason})
	}
	if doc.Phase != change.Reviewing {
		return view
	}
	for i, step := range j.Steps {
		if step.State == job.StepFailed {
			link := ui.Link{Label: step.Name, Href: href.PBXTrunk(int64(step.PBX), int64(doc.Targets[i].Trunk))}
			view.Missing.Rows = append(view.Missing.Rows, views.BulkMiss{PBX: link, Sentence: step.Sentence})
		}
	}
	return view
}

// wideActs are what a person can do about it beside agreeing.
func (s *Server) wideActs(j job.Job, doc change.WideDoc, view *views.BulkReviewPage) {
	id := string(j.ID)
	switch {
	case j.State == job.NeedsAttention && doc.Phase == change.Applying:
		view.Again = &views.FormAction{Href: href.WideAct(id, "again"), Label: "Go on with the rest", Text: "What is done is not done twice, and what did not come out is not tried again."}
		view.GiveUp = &views.FormAction{Href: href.WideAct(id, "give-up"), Label: "Give it up", Text: "Nothing more is sent. What is done stays."}
	case j.State == job.NeedsAttention:
		view.Missing.Action = href.WideAct(id, "again")
		view.GiveUp = &views.FormAction{Href: href.WideAct(id, "give-up"), Label: "Give it up", Text: "Nothing is sent, and its drafts are taken back."}
	}
	if doc.Phase == change.Applying && j.State != job.Running && doc.UndoOf == "" && changedAny(j) {
		view.Undo = &views.FormAction{Href: href.WideAct(id, "undo"), Label: "Undo what was done", Text: "Makes a plan back for each trunk that was changed. Nothing is sent before you agree to them."}
	}
}

// changedAny reports whether some step has a plan that was sent.
func changedAny(j job.Job) bool {
	return slices.ContainsFunc(j.Steps, func(s job.Step) bool {
		return s.Plan != "" && (s.State == job.StepDone || s.State == job.StepFailed)
	})
}
