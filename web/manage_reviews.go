package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

func fillFeatures(r *reviewing) error {
	was, shall := r.l.seen.Features, form.ReadFeatures(r.l.v)
	told := r.l.seen.Detail.Features()
	r.v.Title, r.v.Caption = "Edit name and switches of "+r.name(), "What will be sent"
	r.v.Text = "Yeastar's update is no patch: all of these go out together."
	r.compare("Name", was.Name, shall.Name, "")
	for _, x := range []struct {
		field               string
		told, before, after fleet.Switch
	}{
		{form.FieldUpgrade, told.UpgradeInPBX, was.UpgradeInPBX, shall.UpgradeInPBX}, {form.FieldIM, told.IM, was.IM, shall.IM},
		{form.FieldPasswordless, told.PasswordlessLogin, was.PasswordlessLogin, shall.PasswordlessLogin}, {form.FieldSuperior, told.SuperiorLogin, was.SuperiorLogin, shall.SuperiorLogin},
		{form.FieldAPI, told.API, was.API, shall.API}, {form.FieldViaTemplate, told.ViaTemplate, was.ViaTemplate, shall.ViaTemplate}, {form.FieldTrunkAccess, told.TrunkAccess, was.TrunkAccess, shall.TrunkAccess},
	} {
		if x.before == "" && x.after == "" {
			continue
		}
		note := ""
		if x.told == "" && x.before != "" {
			note = "As it was last stated here: no read tells it."
		}
		r.compare(strings.TrimSuffix(labelOf(x.field), ": "), string(x.before), string(x.after), note)
	}
	r.keep(form.FeatureFields()...)
	r.v.Confirm.Button = "Send name and switches to " + r.name()
	if !r.changed() {
		r.v.Blocked = ui.Notice{Tone: ui.None, Title: "Nothing would change", Text: "The PBX has this name and these switches already."}
	}
	return nil
}

func doFeatures(s *Server, c echo.Context, id fleet.PBXID, v url.Values) (job.Job, error) {
	return s.Life.Update(c.Request().Context(), by(c), change.UpdateAsk{PBX: id, Features: form.ReadFeatures(v), Base: v.Get(form.FieldBase)})
}

// wrongSize is what is wrong with a capacity before anything is asked of the cloud.
func wrongSize(l *life) []fleet.Field {
	size, _, unreadable := form.ReadCapacity(l.v)
	return form.InOrder(form.CapacityFields(), unreadable, fleet.CheckCapacity(size))
}

func fillCapacity(r *reviewing) error {
	was := r.l.seen.Detail.PBXCapacity
	size, said, _ := form.ReadCapacity(r.l.v)
	r.v.Title, r.v.Caption = "Resize "+r.name(), "Capacity"
	r.v.Text = "A resize sends all of it."
	amount := func(n int64) string { return thousands(int(n)) }
	r.compare("Extensions", amount(was.Extensions), amount(size.Extensions), "")
	r.compare("Concurrent calls", amount(was.ConcurrentCalls), amount(size.ConcurrentCalls), "")
	r.compare("Recording minutes", minutes(was), minutes(size), "")
	if said || r.l.seen.Detail.ExtraKnown && was.Transcription > 0 {
		before, after := "", amount(was.Transcription)
		if r.l.seen.Detail.ExtraKnown {
			before = amount(was.Transcription)
		}
		if said {
			after = amount(size.Transcription)
		}
		r.compare("Extra AI minutes", before, after, "Those that are not sent are dropped.")
	}
	if short := beyond(was, size, r.l.offers.Capacity); short != "" {
		r.v.Notices = append(r.v.Notices, ui.Notice{Tone: ui.Warn, Title: "The subscription has less left than this takes", Text: short + " Yeastar will refuse it."})
	}
	r.keep(form.CapacityFields()...)
	r.v.Confirm.Button = "Resize " + r.name()
	if size.RecordingMinutes < was.RecordingMinutes {
		r.v.Confirm.Danger = true
		agree := views.ReviewAgree{Name: form.FieldLower, Checked: r.l.typed.Get(form.FieldLower) != "",
			Label: fmt.Sprintf("Lower the recording minutes from %s to %s", amount(was.RecordingMinutes), amount(size.RecordingMinutes))}
		if !agree.Checked && r.f.of(form.FieldRecording) != "" {
			agree.Error = "Tick this if it is meant, or go back."
			r.v.Errors = append(r.v.Errors, ui.FieldError{Field: form.FieldLower, Message: "Fewer recording minutes than now must be meant."})
		}
		r.v.Confirm.Agree = &agree
	}
	if !r.changed() {
		r.v.Blocked = ui.Notice{Tone: ui.None, Title: "Nothing would change", Text: "The PBX has this capacity already."}
	}
	return nil
}

// beyond says what a resize takes more of than the subscription has left, as far as that is known.
func beyond(was, size fleet.PBXCapacity, left *fleet.Capacity) string {
	if left == nil {
		return ""
	}
	charged := func(c fleet.PBXCapacity) int64 { return max(c.RecordingMinutes-fleet.FreeRecording, 0) }
	var short []string
	for _, x := range []struct {
		what  string
		takes int64
		from  fleet.Allowance
	}{
		{"extensions", size.Extensions - was.Extensions, left.Extensions}, {"concurrent calls", size.ConcurrentCalls - was.ConcurrentCalls, left.ConcurrentCalls},
		{"recording minutes", charged(size) - charged(was), left.RecordingMinutes},
	} {
		if x.from.Known && x.takes > 0 && x.takes > x.from.Left {
			short = append(short, fmt.Sprintf("%s more %s, and %s left.", thousands(int(x.takes)), x.what, thousands(int(max(x.from.Left, 0)))))
		}
	}
	return strings.Join(short, " ")
}

func minutes(c fleet.PBXCapacity) string {
	if c.RecordingMinutes == 0 {
		return "0 (off)"
	}
	return thousands(int(c.RecordingMinutes))
}

func doCapacity(s *Server, c echo.Context, id fleet.PBXID, v url.Values) (job.Job, error) {
	size, said, wrong := form.ReadCapacity(v)
	if len(wrong) > 0 {
		return job.Job{}, fleet.Invalid("web.doCapacity", "Nothing was sent.", wrong...)
	}
	ask := change.ResizeAsk{PBX: id, Extensions: size.Extensions, ConcurrentCalls: size.ConcurrentCalls, Recording: size.Recording, Minutes: size.RecordingMinutes,
		Lower: v.Get(form.FieldLower) != "", Base: v.Get(form.FieldBase)}
	if said {
		ask.Transcription = &size.Transcription
	}
	return s.Life.Resize(c.Request().Context(), by(c), ask)
}

// wrongChange is what is wrong with a change of the customers.
func wrongChange(l *life) []fleet.Field {
	add, wrong := form.ReadCustomers(l.v, form.FieldAdd)
	remove, more := form.ReadCustomers(l.v, form.FieldRemove)
	if len(add)+len(remove)+len(wrong)+len(more) == 0 {
		wrong = append(wrong, fleet.Field{Name: form.FieldAdd, Rule: "Tick whom to add or to take off."})
	}
	return slices.Concat(wrong, more)
}

func fillCustomers(r *reviewing) error {
	add, _ := form.ReadCustomers(r.l.v, form.FieldAdd)
	remove, _ := form.ReadCustomers(r.l.v, form.FieldRemove)
	r.v.Title, r.v.Caption = "Change the customers of "+r.name(), "Customers"
	r.v.Text = "Yeastar's list is overwritten whole. It is read again right before."
	for _, id := range r.l.seen.Customers {
		x := r.l.customer(id)
		row := views.ReviewRow{Verb: "keep", Word: "Keep", Sign: "=", Label: customerRow(x, false).Name, Note: x.Email, Before: "customer", After: "customer"}
		if slices.Contains(remove, id) {
			row.Verb, row.Word, row.Sign, row.After = "unbind", "Take off", "−", "no customer"
		}
		r.v.Rows = append(r.v.Rows, row)
	}
	for _, id := range add {
		x := r.l.customer(id)
		if !slices.Contains(r.l.seen.Customers, id) {
			r.v.Rows = append(r.v.Rows, views.ReviewRow{Verb: "bind", Word: "Add", Sign: "+", Label: customerRow(x, false).Name, Note: x.Email, Before: "no customer", After: "customer"})
		}
	}
	r.keep(form.FieldAdd, form.FieldRemove)
	r.v.Confirm.Button = "Change the customers of " + r.name()
	return nil
}

func doCustomers(s *Server, c echo.Context, id fleet.PBXID, v url.Values) (job.Job, error) {
	add, wrong := form.ReadCustomers(v, form.FieldAdd)
	remove, more := form.ReadCustomers(v, form.FieldRemove)
	if wrong = append(wrong, more...); len(wrong) > 0 {
		return job.Job{}, fleet.Invalid("web.doCustomers", "Nothing was sent.", wrong...)
	}
	return s.Life.ChangeCustomers(c.Request().Context(), by(c), change.CustomersAsk{PBX: id, Add: add, Remove: remove})
}

func showStart(l *life) (views.PBXAct, bool) {
	return views.PBXAct{Title: "Start", Text: "It is stopped. Users can sign in once it runs.", Button: "Start…"}, l.seen.Detail.Status == fleet.StatusStopped
}

func fillStart(r *reviewing) error {
	r.v.Title, r.v.Text = "Start "+r.name(), "Yeastar starts it; the job waits until it runs."
	r.compare("Status", string(r.l.seen.Detail.Status), string(fleet.StatusRunning), "")
	r.v.Caption, r.v.Then, r.v.Confirm.Button = "Status", "Afterwards", "Start "+r.name()
	return nil
}

func showStop(l *life) (views.PBXAct, bool) {
	a := views.PBXAct{Title: "Stop", Text: "Nobody can call with it until it is started again.", Button: "Stop…", Danger: true}
	return a, l.seen.Detail.Status != fleet.StatusStopped
}

func fillStop(r *reviewing) error {
	list, _, _, err := r.numbersOf()
	if err != nil {
		return err
	}
	r.v.Title, r.v.Text = "Stop "+r.name(), "Nobody can call with it until it is started again. Its numbers stay bound."
	r.compare("Status", string(r.l.seen.Detail.Status), string(fleet.StatusStopped), "")
	r.takesAlong(sentence(count(len(list), "number"), "will not ring"), list)
	r.v.Caption, r.v.Then, r.v.Confirm.Button, r.v.Confirm.Danger = "Status", "Afterwards", "Stop "+r.name(), true
	r.v.Confirm.Reason = r.reasonField(false)
	return nil
}

func showMail(l *life) (views.PBXAct, bool) {
	a := views.PBXAct{Title: "Activation mail", Text: "Nobody has activated it yet. Yeastar mails a link and a code to its customers; both work once.", Button: "Send…"}
	return a, l.seen.Detail.Activated != fleet.On && len(l.seen.Customers) > 0
}

func fillMail(r *reviewing) error {
	r.v.Title, r.v.Text = "Send the activation mail of "+r.name(), "Sent again, it comes again: every mail has a link and a code of its own."
	choice := views.ReviewChoice{Legend: "To", Error: r.f.of(form.FieldCustomers)}
	chosen := r.l.typed[form.FieldCustomers]
	for _, id := range r.l.seen.Customers {
		choice.Rows = append(choice.Rows, customerRow(r.l.customer(id), len(chosen) == 0 || slices.Contains(chosen, id.String())))
	}
	r.v.Confirm.Choice, r.v.Confirm.Button = &choice, "Send the activation mail"
	if r.l.seen.Detail.Activated == fleet.On {
		r.v.Blocked = ui.Notice{Tone: ui.None, Title: "It is activated already", Text: "Yeastar has no activation mail for it any more."}
	}
	return nil
}

func doMail(s *Server, c echo.Context, id fleet.PBXID, v url.Values) (job.Job, error) {
	to, wrong := form.ReadCustomers(v, form.FieldCustomers)
	if len(to) == 0 && len(wrong) == 0 {
		wrong = append(wrong, fleet.Field{Name: form.FieldCustomers, Rule: "Choose whom to write to."})
	}
	if len(wrong) > 0 {
		return job.Job{}, fleet.Invalid("web.doMail", "Nothing was sent.", wrong...)
	}
	return s.Life.SendActivation(c.Request().Context(), by(c), id, to)
}

func showDelete(*life) (views.PBXAct, bool) {
	return views.PBXAct{Title: "Delete", Button: "Delete…", Danger: true,
		Text: "It is stopped first and can't be brought back: its recordings, voicemail and settings are lost. Its numbers become free."}, true
}

func fillDelete(r *reviewing) error {
	list, protected, bound, err := r.numbersOf()
	if err != nil {
		return err
	}
	d := r.l.seen.Detail
	r.v.Title, r.v.Text = "Delete "+r.name(), "It is stopped first. What is on it is lost; its history stays here."
	r.loses("The PBX", string(d.Status))
	r.loses("Its extensions", strconv.FormatInt(d.Extensions, 10))
	r.loses("Its address", d.URL)
	r.v.Caption, r.v.Then = "What is lost", "Afterwards"
	r.takesAlong(sentence(count(len(list), "number"), "that will be free"), list)
	if len(protected) > 0 {
		r.v.Blocked = ui.Notice{Tone: ui.Bad, Title: "Protected numbers are bound to this PBX", Text: strings.Join(protected, ", ") + ". Take the protection off first.",
			Links: []ui.Link{{Label: "Open its numbers", Href: href.DIDs(int64(r.l.row.ID))}}}
	}
	name := r.f.text(ui.Field{Name: fieldName, Label: "Name of the PBX"})
	name.Value = r.l.typed.Get(fieldName)
	r.v.Confirm.Expect, r.v.Confirm.Name, r.v.Confirm.Reason = r.name(), &name, r.reasonField(true)
	r.v.Confirm.Button, r.v.Confirm.Danger = "Delete "+r.name(), true
	r.v.Confirm.Fields = append(r.v.Confirm.Fields, [2]string{form.FieldBound, bound})
	return nil
}
