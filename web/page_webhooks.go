package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// deliveryFilter is the state that the query narrows to, or none.
func deliveryFilter(l list) fleet.DeliveryState {
	if state := fleet.DeliveryState(l.v.Get("state")); slices.Contains(deliveryStates(), state) {
		return state
	}
	return ""
}

func (s *Server) webhooksPage(c echo.Context) error {
	ctx, l := c.Request().Context(), listOf(c)
	state := deliveryFilter(l)
	page, err := s.Inbox.Deliveries(ctx, state, form.Page(l.v))
	if err != nil {
		return err
	}
	view, err := s.presentInbox(ctx, l, state, page)
	if err != nil {
		return err
	}
	if lying := state == fleet.DeliveryDead || state == fleet.DeliveryParked; lying && page.Total > 0 && mayOperate(c) {
		view.ReplayAll = &views.FormAction{Href: href.ReplayAll, Label: "Replay all", Text: "Digests them once more, 500 at a time. Harmless.",
			Fields: []views.HiddenField{{Name: "state", Value: string(state)}}}
	}
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.WebhooksResults(view))
	}
	return s.render(c, http.StatusOK, views.Webhooks(s.shell(c, "Webhooks", views.SectionWebhooks), view))
}

func (s *Server) presentInbox(ctx context.Context, l list, state fleet.DeliveryState, page fleet.Page[fleet.Delivery]) (views.WebhooksPage, error) {
	view := views.WebhooksPage{Live: "webhooks", Pager: l.pager(len(page.Items), page.Total, page.Next, "delivery", state != "")}
	view.Pager.CSV = l.at(href.WebhooksCSV)
	health, err := s.Inbox.InboxHealth(ctx)
	if err != nil {
		return view, err
	}
	counts, err := s.Inbox.DeliveryCounts(ctx)
	if err != nil {
		return view, err
	}
	if view.Health, err = s.pulse(ctx, health); err != nil {
		return view, err
	}
	view.States = []ui.Option{{Label: "All", Count: thousands(health.Total), Href: l.with("state", ""), Selected: state == ""}}
	for _, st := range deliveryStates() {
		badge := deliveryBadge(st)
		view.States = append(view.States, ui.Option{Label: badge.Label, Tone: badge.Tone, Count: thousands(counts[st]), Href: l.with("state", string(st)), Selected: st == state})
	}
	view.Empty = ui.Empty{Title: "No delivery yet", Text: "In YCM, set up the event push to this server's address with /hooks/ycm and the secret that Cordboard was started with.",
		Action: ui.Link{Label: "How to set it up", Href: href.WebhookSetup}}
	if health.Total > 0 {
		view.Empty = ui.Empty{Title: "No delivery in this state", Text: "Others are there.", Action: ui.Link{Label: "Show all", Href: href.Webhooks}}
	}
	called, err := s.pbxNames(ctx, page.Items)
	if err != nil {
		return view, err
	}
	for _, d := range page.Items {
		view.Rows = append(view.Rows, s.deliveryRow(d, called))
	}
	return view, nil
}

// shownElements is how many PBXs of one delivery the list shows.
const shownElements = 3

func (s *Server) deliveryRow(d fleet.Delivery, called map[fleet.PBXID]string) views.DeliveryRow {
	row := views.DeliveryRow{
		Href: href.Webhook(strconv.FormatInt(d.ID, 10)), Received: ui.At(d.ReceivedAt, s.Now()), State: deliveryBadge(d.State),
		Error: short(d.Error, 200), Size: bytesText(d.Size),
	}
	for _, e := range d.Elements[:min(len(d.Elements), shownElements)] {
		row.Elements = append(row.Elements, deliveryElement(e, called))
	}
	if rest := len(d.Elements) - len(row.Elements); rest > 0 {
		row.More = "and " + count(rest, "more PBX")
	}
	return row
}

func deliveryElement(e fleet.Element, called map[fleet.PBXID]string) views.DeliveryElement {
	badge := deliveryBadge(e.State)
	v := views.DeliveryElement{Event: string(e.Event), Serial: short(e.Serial, 60), State: badge, Error: short(e.Error, 200), Count: badge.Label}
	if e.PBX != 0 {
		v.PBX = ui.Link{Label: called[e.PBX], Href: href.PBX(int64(e.PBX))}
	}
	if e.PBX != 0 && e.Snapshot != 0 {
		v.Snapshot = ui.Link{Label: "Snapshot " + e.Snapshot.String(), Href: href.Snapshot(int64(e.PBX), e.Snapshot.String())}
	}
	return v
}

// pbxNames are the names of the PBXs that the shown elements of deliveries are about.
func (s *Server) pbxNames(ctx context.Context, deliveries []fleet.Delivery) (map[fleet.PBXID]string, error) {
	called := map[fleet.PBXID]string{}
	for _, d := range deliveries {
		for _, e := range d.Elements {
			if e.PBX == 0 || called[e.PBX] != "" {
				continue
			}
			row, err := s.Fleet.PBX(ctx, e.PBX)
			if err != nil {
				return nil, err
			}
			called[e.PBX] = pbxName(row.PBX)
		}
	}
	return called, nil
}

func (s *Server) webhookPage(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := pathID[int64](c, "delivery", "The delivery")
	if err != nil {
		return err
	}
	d, body, err := s.Inbox.Delivery(ctx, id)
	if err != nil {
		return err
	}
	called, err := s.pbxNames(ctx, []fleet.Delivery{d})
	if err != nil {
		return err
	}
	view := s.presentDelivery(d, body, called)
	ids := make([]fleet.PBXID, len(d.Elements))
	for i, e := range d.Elements {
		ids[i] = e.PBX
	}
	stands, err := s.stands(ctx, ids)
	if err != nil {
		return err
	}
	for i, truth := range stands {
		view.Elements[i].Truth = truth
	}
	if err := s.dateElements(ctx, d, view.Elements); err != nil {
		return err
	}
	if mayOperate(c) && d.State != fleet.DeliveryStored {
		view.Replay = &views.FormAction{Href: href.Replay(view.ID), Label: "Replay", Text: "Digests it once more. Harmless."}
	}
	return s.render(c, http.StatusOK, views.Webhook(s.shell(c, "Delivery", views.SectionWebhooks), view))
}

func (s *Server) presentDelivery(d fleet.Delivery, body []byte, called map[fleet.PBXID]string) views.WebhookPage {
	now := s.Now()
	view := views.WebhookPage{
		ID: strconv.FormatInt(d.ID, 10), Received: ui.At(d.ReceivedAt, now), State: deliveryBadge(d.State), Sentence: deliverySentence(d), Live: "webhooks",
		Facts: []ui.Fact{{Label: "Received", Time: ui.At(d.ReceivedAt, now)}, {Label: "Size", Text: bytesText(len(body))}, {Label: "Signature", Text: "valid"},
			{Label: "PBXs", Text: thousands(len(d.Elements))}},
	}
	for _, e := range d.Elements {
		element := deliveryElement(e, called)
		if element.PBX.Label == "" {
			element.PBX.Label = "Not known"
		}
		view.Elements = append(view.Elements, element)
	}
	view.Body, view.BodyNote = readable(body)
	return view
}

func deliverySentence(d fleet.Delivery) string {
	switch d.State {
	case fleet.DeliveryStored:
		return "It is safe on disk and waits to be digested."
	case fleet.DeliveryDigested:
		if d.Error != "" {
			return short(d.Error, 300)
		}
		return "It is in history."
	case fleet.DeliveryDuplicate:
		return "History said all of this already."
	case fleet.DeliveryLate:
		return "It came after newer reports and is in history where it belongs."
	case fleet.DeliveryParked:
		return "A PBX in it is not known yet. The delivery is digested again when its serial appears."
	}
	return "It can't be understood: " + short(d.Error, 300)
}

// shownBody bounds how much of a body a page shows.
const shownBody = 128 << 10

// readable is the body indented when it is JSON, cut when it is long, and what was done to it.
func readable(body []byte) (text, note string) {
	note = "Shown as it came (" + bytesText(len(body)) + ")."
	var buf bytes.Buffer
	if len(body) <= shownBody && depth(body) <= shownDepth && json.Indent(&buf, body, "", "  ") == nil {
		body, note = buf.Bytes(), "Shown indented; stored byte for byte ("+bytesText(len(body))+")."
	} else if len(body) > shownBody {
		body, note = wholeRunes(body[:shownBody]), fmt.Sprintf("The first %s of %s; stored byte for byte.", bytesText(shownBody), bytesText(len(body)))
	}
	if !utf8.Valid(body) {
		return strconv.QuoteToASCII(string(body)), note + " Bytes that are no text are escaped."
	}
	return string(body), note
}

// shownDepth bounds the nesting that is indented: indenting costs its square.
const shownDepth = 32

// depth is how deep brackets nest in a body, those within strings counted too.
func depth(body []byte) (most int) {
	open := 0
	for _, b := range body {
		switch b {
		case '[', '{':
			open++
			most = max(most, open)
		case ']', '}':
			open--
		}
	}
	return most
}

// wholeRunes is text without the part of a character that a cut left at its end.
func wholeRunes(text []byte) []byte {
	for cut := range min(len(text), utf8.UTFMax) {
		if r, size := utf8.DecodeLastRune(text[:len(text)-cut]); r != utf8.RuneError || size > 1 {
			return text[:len(text)-cut]
		}
	}
	return text
}

// dateElements says when the elements of one delivery happened and how many numbers they list.
func (s *Server) dateElements(ctx context.Context, d fleet.Delivery, elements []views.DeliveryElement) error {
	const most = 20
	for i, e := range d.Elements[:min(len(d.Elements), most)] {
		if e.Snapshot == 0 {
			continue
		}
		snapshot, set, err := s.History.SetAt(ctx, e.Snapshot)
		if err != nil {
			return err
		}
		elements[i].At, elements[i].Count = ui.At(snapshot.VendorAt, s.Now()), count(set.Len(), "number")
	}
	return nil
}

func (s *Server) replayWebhook(c echo.Context) error {
	id, err := pathID[int64](c, "delivery", "The delivery")
	if err != nil {
		return err
	}
	if err := s.replay(c, id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Webhook(c.Param("delivery")))
}

func (s *Server) replayWebhooks(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	state := fleet.DeliveryState(r.PostForm.Get("state"))
	if _, err := s.replayAll(c, state); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.With(href.Webhooks, "state", string(state)))
}
