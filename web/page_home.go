package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const (
	homeDrifts  = 5   // open drifts that the home page names one by one, the newest first
	homeUnknown = 4   // PBXs of which nothing can be told
	homeChanges = 8   // recent changes and acts
	homeChips   = 3   // numbers of one change
	homeWork    = 4   // plans, and jobs, of each state
	homeTrunks  = 8   // trunks, those with the fewest free numbers first
	homeDays    = 30  // of reports and drift
	homeBoard   = 200 // the largest fleet that is drawn as a board of lamps
)

func (s *Server) homePage(c echo.Context) error {
	ctx := c.Request().Context()
	tally, err := s.Fleet.Tally(ctx, s.Now(), s.staleAfter())
	if err != nil {
		return err
	}
	s.meet(tally)
	view := views.HomePage{}
	if tally.PBXs == 0 {
		view.Fresh, err = s.firstSteps(ctx, who(c).user.Can(team.Admin))
	} else {
		view, err = s.dashboard(ctx, tally)
	}
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.Home(s.shell(c, "", views.SectionHome), view))
}

// firstSteps are what a fresh installation needs, with the one that comes next.
func (s *Server) firstSteps(ctx context.Context, admin bool) ([]views.FirstStep, error) {
	health, err := s.Inbox.InboxHealth(ctx)
	if err != nil {
		return nil, err
	}
	connect := views.FirstStep{State: ui.Badge{Tone: ui.Ok, Label: "Done"}, Title: "1. Connect YCM", Text: "Cordboard has a client id and secret for YCM's Open API."}
	connected := true
	if trouble := s.Picker.Trouble(); trouble != "" {
		connected = false
		connect.State = ui.Badge{Tone: ui.Busy, Label: "Next"}
		connect.Text = trouble + " They stand in YCM under System > API."
		if admin {
			connect.Next = ui.Link{Label: "Connect YCM", Href: href.Yeastar}
		}
	}
	hook := views.FirstStep{State: ui.Badge{Tone: ui.Busy, Label: "Next"}, Title: "2. Set up the webhook",
		Text: "Yeastar reports every change of numbers to an address of Cordboard. Reports are the quickest way to know, and the only one that tells the trunk of each number.",
		Next: ui.Link{Label: "How to set it up", Href: href.WebhookSetup}}
	if health.Total > 0 {
		hook.State, hook.Text, hook.Next = ui.Badge{Tone: ui.Ok, Label: "Done"}, "Reports arrive.", ui.Link{}
	}
	pass := views.FirstStep{State: ui.Badge{Tone: ui.Mute, Label: "Later"}, Title: "3. The first pass", Text: "Once YCM is connected, a pass reads every PBX, trunk and number. It only reads."}
	if connected {
		card, err := s.passCard(ctx)
		if err != nil {
			return nil, err
		}
		pass.State, pass.Text, pass.Next = card.State, card.Sentence, ui.Link{Label: "Passes", Href: href.Passes}
	}
	return []views.FirstStep{connect, hook, pass}, nil
}

func (s *Server) dashboard(ctx context.Context, tally fleet.FleetTally) (view views.HomePage, err error) {
	view.Fleet = fleetBar(list{path: href.Fleet}, "", tally)
	deleted, err := s.Drifts.Drifts(ctx, fleet.DriftFilter{State: fleet.DriftOpen, Cause: fleet.CausePBXDeleted, Page: fleet.PageRequest{Limit: homeDrifts}})
	if err != nil {
		return view, err
	}
	s.headline(tally, deleted.Total, &view)
	for _, d := range deleted.Items {
		view.Attention = append(view.Attention, s.driftAttention(d, ui.Badge{Tone: ui.Bad, Label: "Deleted"}))
	}
	for _, fill := range []func(context.Context, fleet.FleetTally, *views.HomePage) error{s.homeAttention, s.homeHooks, s.homePictures, s.homeWork, s.homeChanges} {
		if err := fill(ctx, tally, &view); err != nil {
			return view, err
		}
	}
	view.Pass, err = s.passCard(ctx)
	return view, err
}

// headline counts what needs a person: deleted are the deletions that nobody has accepted.
func (s *Server) headline(tally fleet.FleetTally, deleted int, view *views.HomePage) {
	need := deleted + tally.States[fleet.Drifted] + tally.States[fleet.Unknown]
	live := tally.PBXs - tally.States[fleet.Gone]
	switch {
	case need == 1:
		view.Headline = "1 PBX needs you"
	case need > 0:
		view.Headline = count(need, "PBX") + " need you"
	case tally.States[fleet.Stale] > 0:
		view.Headline = count(tally.States[fleet.Stale], "PBX") + " not verified lately"
	case live == 0:
		view.Headline = "No PBX is left in YCM"
	case live == 1:
		view.Headline = "The PBX is in sync"
	default:
		view.Headline = "All " + count(live, "PBX") + " are in sync"
	}
	view.Sentence = fmt.Sprintf("%s of %s in sync, each verified within the last %s.", thousands(tally.States[fleet.InSync]), count(live, "PBX"), fleet.Span(s.staleAfter()))
}

// homeAttention names what waits for a person beside deletions: open drift, then what nobody can tell.
func (s *Server) homeAttention(ctx context.Context, tally fleet.FleetTally, view *views.HomePage) error {
	open, err := s.Drifts.Drifts(ctx, fleet.DriftFilter{State: fleet.DriftOpen, Page: fleet.PageRequest{Limit: homeDrifts}})
	if err != nil {
		return err
	}
	for _, d := range open.Items {
		if d.Cause != fleet.CausePBXDeleted {
			view.Attention = append(view.Attention, s.driftAttention(d, syncBadge(fleet.Drifted)))
		}
	}
	if open.Total > len(view.Attention) {
		view.More = append(view.More, ui.Link{Label: "All " + count(open.Total, "open drift"), Href: href.Drifts})
	}
	page, err := s.Fleet.PBXs(ctx, fleet.PBXFilter{State: fleet.Unknown, Sort: "-changed", Page: fleet.PageRequest{Limit: homeUnknown}}, s.Now(), s.staleAfter())
	if err != nil {
		return err
	}
	for _, row := range page.Items {
		view.Attention = append(view.Attention, s.attentionRow(row))
	}
	if n := tally.States[fleet.Unknown]; n > len(page.Items) {
		view.More = append(view.More, ui.Link{Label: "All " + thousands(n) + " unknown", Href: href.With(href.Fleet, "state", string(fleet.Unknown))})
	}
	return nil
}

func (s *Server) driftAttention(d fleet.Drift, state ui.Badge) views.AttentionRow {
	return views.AttentionRow{State: state, Subject: ui.Link{Label: d.PBXName, Href: href.PBX(int64(d.PBX))},
		Sentence: d.Sentence, Time: ui.At(d.OpenedAt, s.Now()), Action: ui.Link{Label: "See what changed", Href: href.Drift(int64(d.ID))}}
}

func (s *Server) attentionRow(row fleet.PBXRow) views.AttentionRow {
	sync := fleet.Judge(row.Standing, s.Now(), s.staleAfter())
	a := views.AttentionRow{
		State: syncBadge(sync.State), Subject: ui.Link{Label: pbxName(row.PBX), Href: href.PBX(int64(row.ID))}, Sentence: sync.Sentence,
		Time: ui.At(sync.Since, s.Now()), Action: ui.Link{Label: "Look at it", Href: href.PBX(int64(row.ID))},
	}
	if row.Standing.OpenPlan != "" {
		a.Action = ui.Link{Label: "Watch the plan", Href: href.Plan(string(row.Standing.OpenPlan))}
	}
	return a
}

func (s *Server) homeHooks(ctx context.Context, _ fleet.FleetTally, view *views.HomePage) error {
	health, err := s.Inbox.InboxHealth(ctx)
	if err != nil {
		return err
	}
	if view.Webhooks, err = s.pulse(ctx, health); err != nil {
		return err
	}
	if view.Webhooks.State.Tone == ui.Bad {
		view.Attention = slices.Insert(view.Attention, 0, views.AttentionRow{State: ui.Badge{Tone: ui.Bad, Label: "Broken"}, Subject: ui.Link{Label: "Webhooks", Href: href.Webhooks},
			Sentence: view.Webhooks.Sentence, Time: view.Webhooks.Since, Action: view.Webhooks.Setup})
	}
	view.Webhooks.Facts = slices.DeleteFunc(view.Webhooks.Facts, func(f ui.Fact) bool { return f.Text == "0" }) // the inbox has them all
	return nil
}

// homePictures draws the board, the days of drift and the meters of the trunks.
func (s *Server) homePictures(ctx context.Context, tally fleet.FleetTally, view *views.HomePage) (err error) {
	if tally.PBXs <= homeBoard {
		if view.Board, err = s.board(ctx); err != nil {
			return err
		}
	}
	days, err := s.Drifts.DriftDays(ctx, s.Now(), homeDays)
	if err != nil {
		return err
	}
	view.Drift = dayColumns(days, "drift", true)
	rows, err := s.Trunks.Trunks(ctx)
	if err != nil {
		return err
	}
	view.Trunks, view.AllTrunks = trunkMeters(rows)
	return nil
}

func (s *Server) board(ctx context.Context) ([]views.Lamp, error) {
	page, err := s.Fleet.PBXs(ctx, fleet.PBXFilter{Sort: fleetSorts[0], Page: fleet.PageRequest{Limit: homeBoard}}, s.Now(), s.staleAfter())
	if err != nil {
		return nil, err
	}
	lamps := make([]views.Lamp, len(page.Items))
	for i, row := range page.Items {
		sync := fleet.Judge(row.Standing, s.Now(), s.staleAfter())
		badge := syncBadge(sync.State)
		lamps[i] = views.Lamp{Tone: badge.Tone, Text: pbxName(row.PBX) + ": " + badge.Label, Href: href.PBX(int64(row.ID))}
		if sync.State != fleet.InSync {
			lamps[i].Text += ". " + sync.Sentence
		}
	}
	return lamps, nil
}
