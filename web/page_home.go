package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const (
	homeAttention = 12  // PBXs that the home page names one by one, of each state
	homeChanges   = 10  // recent changes
	homePlans     = 8   // open plans, of each status
	homeBoard     = 200 // the largest fleet that is drawn as a board of lamps
)

func (s *Server) homePage(c echo.Context) error {
	tally, err := s.Fleet.Tally(c.Request().Context(), s.Now(), s.StaleAfter)
	if err != nil {
		return err
	}
	s.meet(tally)
	view := s.presentHome(tally)
	if !view.Fresh {
		err = s.fillHome(c.Request().Context(), tally, &view)
	}
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.Home(s.shell(c, "", views.SectionHome), view))
}

func (s *Server) presentHome(tally fleet.FleetTally) views.HomePage {
	view := views.HomePage{AllPlans: href.Plans, AllHooks: href.Webhooks, Fleet: fleetBar(list{path: href.Fleet}, "", tally)}
	if tally.PBXs == 0 {
		view.Fresh, view.FreshNext = true, ui.Link{Label: "See the fleet", Href: href.Fleet}
		view.FreshText = "Cordboard reads the fleet with the client id and secret of YCM's Open API (in YCM: System > API). The first pass fills this page."
		if trouble := s.Picker.Trouble(); trouble != "" {
			view.FreshText = trouble + " " + view.FreshText
		}
		return view
	}
	need := tally.States[fleet.Drifted] + tally.States[fleet.Unknown]
	live := tally.PBXs - tally.States[fleet.Gone]
	switch {
	case need == 1:
		view.Headline = "1 PBX needs you"
	case need > 0:
		view.Headline = count(need, "PBX") + " need you"
	case tally.States[fleet.Stale] > 0:
		view.Headline = count(tally.States[fleet.Stale], "PBX") + " not verified lately"
	case live == 1:
		view.Headline = "The PBX is in sync"
	default:
		view.Headline = "All " + count(live, "PBX") + " are in sync"
	}
	view.Sentence = fmt.Sprintf("%s of %s in sync, each verified within the last %s.", thousands(tally.States[fleet.InSync]), count(live, "PBX"), span(s.StaleAfter))
	return view
}

func (s *Server) fillHome(ctx context.Context, tally fleet.FleetTally, view *views.HomePage) error {
	for _, state := range []fleet.SyncState{fleet.Drifted, fleet.Unknown} {
		page, err := s.Fleet.PBXs(ctx, fleet.PBXFilter{State: state, Sort: "-changed", Page: fleet.PageRequest{Limit: homeAttention}}, s.Now(), s.StaleAfter)
		if err != nil {
			return err
		}
		for _, row := range page.Items {
			view.Attention = append(view.Attention, s.attentionRow(row))
		}
	}
	for _, status := range []plan.Status{plan.Unknown, plan.Applying, plan.Draft} {
		page, err := s.Plans.Plans(ctx, plan.Filter{Status: status, Page: fleet.PageRequest{Limit: homePlans}})
		if err != nil {
			return err
		}
		for _, p := range page.Items {
			view.Plans = append(view.Plans, s.planListRow(p))
		}
	}
	health, err := s.Inbox.InboxHealth(ctx)
	if err != nil {
		return err
	}
	if view.Webhooks, err = s.pulse(ctx, health); err != nil {
		return err
	}
	if view.Webhooks.State.Tone == ui.Bad {
		view.Attention = append([]views.AttentionRow{{State: view.Webhooks.State, Subject: ui.Link{Label: "Webhooks", Href: href.Webhooks},
			Sentence: view.Webhooks.Sentence, Time: view.Webhooks.Since, Action: view.Webhooks.Setup}}, view.Attention...)
	}
	if tally.PBXs <= homeBoard {
		if view.Board, err = s.board(ctx); err != nil {
			return err
		}
	}
	view.Changes, err = s.recentChanges(ctx)
	return err
}

func (s *Server) attentionRow(row fleet.PBXRow) views.AttentionRow {
	sync := fleet.Judge(row.Standing, s.Now(), s.StaleAfter)
	a := views.AttentionRow{
		State: syncBadge(sync.State), Subject: ui.Link{Label: pbxName(row.PBX), Href: href.PBX(int64(row.ID))}, Sentence: sync.Sentence,
		Time: ui.At(sync.Since, s.Now()), Action: ui.Link{Label: "Look at it", Href: href.PBX(int64(row.ID))},
	}
	switch {
	case row.Standing.OpenPlan != "":
		a.Action = ui.Link{Label: "Watch the plan", Href: href.Plan(string(row.Standing.OpenPlan))}
	case sync.State == fleet.Drifted:
		a.Action = ui.Link{Label: "See what changed", Href: href.History(int64(row.ID))}
	}
	return a
}

func (s *Server) board(ctx context.Context) ([]views.Lamp, error) {
	page, err := s.Fleet.PBXs(ctx, fleet.PBXFilter{Sort: fleetSorts[0], Page: fleet.PageRequest{Limit: homeBoard}}, s.Now(), s.StaleAfter)
	if err != nil {
		return nil, err
	}
	lamps := make([]views.Lamp, len(page.Items))
	for i, row := range page.Items {
		sync := fleet.Judge(row.Standing, s.Now(), s.StaleAfter)
		badge := syncBadge(sync.State)
		lamps[i] = views.Lamp{Tone: badge.Tone, Text: pbxName(row.PBX) + ": " + badge.Label, Href: href.PBX(int64(row.ID))}
		if sync.State != fleet.InSync {
			lamps[i].Text += ". " + sync.Sentence
		}
	}
	return lamps, nil
}

func (s *Server) recentChanges(ctx context.Context) ([]views.ChangeRow, error) {
	recent, err := s.History.Recent(ctx, homeChanges)
	if err != nil {
		return nil, err
	}
	recent = slices.DeleteFunc(recent, func(o fleet.Snapshot) bool { return len(o.Added)+len(o.Removed) == 0 })
	n, err := s.names(ctx, didsOf(changedPairs(recent)))
	if err != nil {
		return nil, err
	}
	called := map[fleet.PBXID]string{}
	var rows []views.ChangeRow
	for _, snapshot := range recent {
		if called[snapshot.PBX] == "" {
			row, err := s.Fleet.PBX(ctx, snapshot.PBX)
			if err != nil {
				return nil, err
			}
			called[snapshot.PBX] = pbxName(row.PBX)
		}
		row := views.ChangeRow{Time: ui.At(snapshot.At(), s.Now()), PBX: ui.Link{Label: called[snapshot.PBX], Href: href.History(int64(snapshot.PBX))},
			Source: sourceWord(snapshot.Source)}
		row.Removed, row.Added, row.More = changeChips(snapshot, n)
		if snapshot.Plan != "" {
			row.By = ui.Link{Label: "a plan", Href: href.Plan(string(snapshot.Plan))}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
