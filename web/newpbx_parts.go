package web

import (
	"context"
	"fmt"
	"strconv"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// shownCustomers is how many customers a search shows at once.
const shownCustomers = 12

// customers is the search for customers with those that were chosen.
func (o *order) customers(f *fields) views.CustomerPanel {
	find := ui.Field{Name: fieldCustomer, Label: "Name, company or e-mail address", Type: "search", Value: o.v.Get(fieldCustomer), Focus: f.first(form.FieldCustomers)}
	panel := views.CustomerPanel{
		Help: fmt.Sprintf("At least one, at most %d. The activation mail goes to them.", fleet.MaxCustomers), Error: f.of(form.FieldCustomers), Find: find,
		Create: o.newCustomer(),
	}
	for _, x := range o.chosenCustomers() {
		panel.Chosen = append(panel.Chosen, customerRow(x, true))
	}
	found := o.foundCustomers(find.Value)
	for _, x := range found[:min(len(found), shownCustomers)] {
		panel.Found = append(panel.Found, customerRow(x, false))
	}
	panel.Summary = count(len(found), "customer")
	if len(found) > shownCustomers {
		panel.Summary = strconv.Itoa(shownCustomers) + " of " + panel.Summary + ": a search narrows them"
	}
	switch {
	case o.offers.Customers == nil:
		panel.Empty = "The customers could not be read."
	case len(o.offers.Customers) == 0:
		panel.Empty = "This account has no customer yet. Make the first one below."
	case len(found) == 0 && find.Value != "":
		panel.Empty = "No other customer matches “" + short(find.Value, 60) + "”."
	case len(found) == 0:
		panel.Empty = "There is no other customer."
	}
	return panel
}

func customerRow(x fleet.Customer, chosen bool) views.CustomerRow {
	name := named(x)
	if name == "" {
		name = "Customer " + x.ID.String()
	}
	return views.CustomerRow{ID: x.ID.String(), Name: name, Email: x.Email, Checked: chosen}
}

// newCustomer is the form that makes a customer in place.
func (o *order) newCustomer() views.CustomerForm {
	f := fields{v: o.v, wrong: o.newcomer}
	c := views.CustomerForm{Action: href.NewCustomer, Open: len(o.newcomer) > 0}
	labels := []string{"Company", "First name", "Last name (optional)", "E-mail address"}
	for i, name := range form.CustomerFields() {
		c.Fields = append(c.Fields, f.text(ui.Field{Name: name, Label: labels[i]}))
		c.Open = c.Open || o.v.Get(name) != ""
	}
	for _, w := range o.newcomer {
		c.Errors = append(c.Errors, ui.FieldError{Field: w.Name, Message: w.Rule})
	}
	return c
}

// address is the URL with what is known of it.
func (s *Server) address(o *order) views.NewAddress {
	a := views.NewAddress{URL: o.url()}
	if d, known := o.offers.Domain(o.typed.Spec.Domain); known {
		a.Domain = d.Name
	}
	switch {
	case o.taken != nil:
		a.State, a.Text = ui.Badge{Tone: ui.Bad, Label: "Taken"}, "It belongs to "
		a.Owner = ui.Link{Label: pbxName(o.taken.PBX), Href: href.PBX(int64(o.taken.ID))}
	case o.asked:
		a.State = ui.Badge{Tone: ui.Ok, Label: "Free"}
	case o.unread != "":
		a.State, a.Text = ui.Badge{Tone: ui.Ask, Label: "Unknown"}, "Whether it is free could not be asked. "+o.unread
	}
	return a
}

// left is what the subscription has left, and what this PBX takes of it.
func (s *Server) left(o *order) views.LeftPanel {
	panel := views.LeftPanel{Note: "It could not be read what is left."}
	c, spec := o.offers.Capacity, o.typed.Spec
	if c == nil {
		return panel
	}
	panel.Note, panel.Read = "", ui.At(o.offers.left, s.Now())
	gauge := func(label string, ask int64, of fleet.Allowance) {
		panel.Gauges = append(panel.Gauges, gaugeOf(label, max(ask, 0), of))
	}
	gauge("Extensions", spec.Extensions, c.Extensions)
	gauge("Concurrent calls", spec.ConcurrentCalls, c.ConcurrentCalls)
	gauge("Recording minutes", spec.RecordingMinutes-fleet.FreeRecording, c.RecordingMinutes)
	if spec.Transcription > 0 {
		gauge("Extra AI minutes", spec.Transcription, c.Transcription)
	}
	if spec.Plan == fleet.UltimatePlan { // its unit is not documented: nothing is worked out
		g := gaugeOf("Ultimate Plan", 0, c.UltimatePlan)
		g.Short = c.UltimatePlan.Known && c.UltimatePlan.Left <= 0
		panel.Gauges = append(panel.Gauges, g)
	}
	if !c.ExpiresAt.IsZero() {
		panel.Note = "The subscription lasts until " + c.ExpiresAt.UTC().Format("2 January 2006") + "."
	}
	return panel
}

func gaugeOf(label string, ask int64, a fleet.Allowance) ui.Gauge {
	g := ui.Gauge{Label: label, Used: max(a.Total-a.Left, 0), Ask: ask, Left: max(a.Left, 0), Blind: !a.Known, Short: a.Known && ask > a.Left}
	left := thousands(int(g.Left))
	switch {
	case g.Blind:
		g.Text = "Yeastar does not say what is left"
	case g.Short:
		g.Text = thousands(int(ask)) + " asked for, " + left + " left"
	case ask > 0:
		g.Text = thousands(int(ask)) + " of " + left + " left"
	default:
		g.Text = left + " left"
	}
	return g
}

// newNumbers is the choice of first numbers, where the firmware takes them.
func (s *Server) newNumbers(ctx context.Context, o *order) views.NewNumbers {
	b := o.bench
	switch {
	case o.typed.Spec.Region == 0 || o.typed.Spec.Version == 0:
		return views.NewNumbers{Closed: "They can be chosen once there is a region and a firmware."}
	case b.row.Firmware != "" && !b.row.Firmware.AtLeast(fleet.FirmwareDIDUpdate):
		return views.NewNumbers{Closed: "Firmware " + string(b.row.Firmware) + " can't be given numbers from here: that comes with " + string(fleet.FirmwareDIDUpdate) + "."}
	}
	b.wrong = o.wrong
	pick := s.pick(ctx, b)
	open := b.trunk != 0 || b.find != "" || len(b.typed.Bind) > 0 || b.typed.Numbers != ""
	return views.NewNumbers{Open: open, Pick: pick, Chosen: b.chosen(pick), Paste: b.pastePanel()}
}
