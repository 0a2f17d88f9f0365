package station_test

import (
	"slices"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/yeastar/yeastartest"
)

// office is an agency with one PBX of its own: running, with two customers and two numbers.
func office(t *testing.T, assume ...func(*yeastartest.Assumptions)) (*house, fleet.PBXID) {
	t.Helper()
	h := agency(t, assume...)
	h.sim.AddCustomer(yeastartest.Customer{ID: 3, FirstName: "Eve", Company: "Else", Email: "eve@else.example"})
	id := h.sim.AddPBX(yeastartest.PBX{Name: "Office", Extensions: 20, ConcurrentCalls: 10, RecordingMinutes: 600, Transcription: 60, Activation: "Unactivated",
		Customers: []int64{50086182, 50429564}, Switches: yeastartest.Switches{IM: "Enabled", API: "Enabled"}})
	h.sim.Bind(id, at(london, 50036), at(london, 50037))
	h.sweep()
	return h, fleet.PBXID(id)
}

func (h *house) sims(id fleet.PBXID) yeastartest.PBX {
	h.t.Helper()
	for _, p := range h.sim.PBXs() {
		if p.ID == int64(id) {
			return p
		}
	}
	h.t.Fatalf("the vendor has no PBX %d", id)
	return yeastartest.PBX{}
}

// act is one of the acts of a PBX's life.
type act func() (job.Job, error)

func (h *house) does(a act, want job.State) job.Job {
	h.t.Helper()
	j, err := a()
	if err != nil {
		h.t.Fatal(err)
	}
	return h.ends(j, want)
}

var renamed = fleet.PBXFeatures{Name: "New  Office ", IM: fleet.On, SuperiorLogin: fleet.Off}

func (h *house) rename(id fleet.PBXID) act {
	return func() (job.Job, error) {
		return h.Life.Update(h.t.Context(), ana, change.UpdateAsk{PBX: id, Features: renamed})
	}
}

func (h *house) grow(id fleet.PBXID) act {
	return func() (job.Job, error) {
		return h.Life.Resize(h.t.Context(), ana, change.ResizeAsk{PBX: id, Extensions: 30, ConcurrentCalls: 10, Recording: fleet.On, Minutes: 600})
	}
}

func (h *house) swap(id fleet.PBXID) act {
	return func() (job.Job, error) {
		return h.Life.ChangeCustomers(h.t.Context(), ana, change.CustomersAsk{PBX: id, Add: []fleet.CustomerID{3}, Remove: []fleet.CustomerID{50429564}})
	}
}

func (h *house) stop(id fleet.PBXID) act {
	return func() (job.Job, error) { return h.Life.Stop(h.t.Context(), ana, id, "a holiday") }
}

func (h *house) start(id fleet.PBXID) act {
	return func() (job.Job, error) { return h.Life.Start(h.t.Context(), ana, id) }
}

func (h *house) mail(id fleet.PBXID) act {
	return func() (job.Job, error) { return h.Life.SendActivation(h.t.Context(), ana, id, nil) }
}

func (h *house) remove(id fleet.PBXID) act {
	return func() (job.Job, error) {
		return h.Life.Delete(h.t.Context(), ana, id, change.Consent{Name: "Office", Reason: "closed"})
	}
}

func TestEveryActOfALifeDoesWhatItSaysAndIsOnRecord(t *testing.T) {
	t.Parallel()
	h, id := office(t)
	h.does(h.rename(id), job.Done)
	if p := h.sims(id); p.Name != "New Office" || p.IM != "Enabled" || p.UpgradeInPBX != "Enabled" || p.PasswordlessLogin != "Enabled" || p.SuperiorLogin != "Disabled" || p.API != "Enabled" {
		t.Errorf("renamed: %+v", p)
	}
	if row, err := h.DB.PBX(t.Context(), id); err != nil || row.Name != "New Office" {
		t.Errorf("our record: %+v, %v", row, err)
	}
	v, err := h.Life.View(t.Context(), id)
	if err != nil || v.Features.IM != fleet.On || v.Features.SuperiorLogin != fleet.Off || !slices.Equal(v.Customers, []fleet.CustomerID{50086182, 50429564}) {
		t.Errorf("view %+v, %v", v, err)
	}
	h.does(h.grow(id), job.Done)
	if p := h.sims(id); p.Extensions != 30 || p.RecordingMinutes != 600 || p.Transcription != 60 {
		t.Errorf("resized: %+v", p)
	}
	h.does(h.swap(id), job.Done)
	if p := h.sims(id); !slices.Equal(p.Customers, []int64{50086182, 3}) {
		t.Errorf("customers: %v", p.Customers)
	}
	h.does(h.mail(id), job.Done)
	if m := h.sim.Mails(); len(m) != 1 || !slices.Equal(m[0].To, []string{"leo@acme.example", "eve@else.example"}) {
		t.Errorf("mails %v", m)
	}
	h.does(h.stop(id), job.Done)
	_, err = h.stop(id)()
	wantKind(t, err, fleet.KindConflict)
	h.does(h.start(id), job.Done)
	_, err = h.start(id)()
	wantKind(t, err, fleet.KindConflict)
	if p := h.sims(id); p.Status != yeastartest.StatusRunning {
		t.Errorf("%s", p.Status)
	}
	for _, action := range []audit.Action{audit.PBXUpdate, audit.PBXResize, audit.PBXCustomers, audit.PBXMail, audit.PBXStop, audit.PBXStart} {
		wantActs(t, h, action, "intended succeeded")
	}
	page, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.PBXResize), Page: fleet.PageRequest{Limit: 1}})
	if err != nil || !strings.Contains(string(page.Items[0].Before), `"extensions":20`) || !strings.Contains(string(page.Items[0].After), `"extensions":30`) || page.Items[0].VendorRequestID == "" {
		t.Errorf("on record: %s %s, %v", page.Items[0].Before, page.Items[0].After, err)
	}
}

func TestNothingIsLoweredDroppedOrOverwrittenSilently(t *testing.T) {
	t.Parallel()
	h, id := office(t)
	ctx := t.Context()
	_, err := h.Life.Update(ctx, ana, change.UpdateAsk{PBX: id, Features: fleet.PBXFeatures{Name: "X"}}) // nobody ever said what no read tells
	wantKind(t, err, fleet.KindInvalid)
	smaller := change.ResizeAsk{PBX: id, Extensions: 20, ConcurrentCalls: 10, Recording: fleet.On, Minutes: 500}
	_, err = h.Life.Resize(ctx, ana, smaller)
	wantKind(t, err, fleet.KindInvalid)
	smaller.Lower, smaller.Transcription = true, new(int64)
	h.does(func() (job.Job, error) { return h.Life.Resize(ctx, ana, smaller) }, job.Done)
	if p := h.sims(id); p.RecordingMinutes != 500 || p.Transcription != 0 {
		t.Errorf("%+v", p)
	}
	v, err := h.Life.View(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	h.sim.RenamePBX(int64(id), "Moved")
	_, err = h.Life.Update(ctx, ana, change.UpdateAsk{PBX: id, Features: renamed, Base: v.Base})
	wantKind(t, err, fleet.KindStale)
	_, err = h.Life.Resize(ctx, ana, change.ResizeAsk{PBX: id, Extensions: 20, ConcurrentCalls: 10, Recording: fleet.Off, Lower: true, Base: v.Base})
	wantKind(t, err, fleet.KindStale)
	for what, ask := range map[string]change.CustomersAsk{
		"nothing": {}, "the last ones": {Remove: []fleet.CustomerID{50086182, 50429564}}, "a stranger": {Remove: []fleet.CustomerID{7}},
		"four": {Add: []fleet.CustomerID{3, 4}}, "both ways": {Add: []fleet.CustomerID{50086182}, Remove: []fleet.CustomerID{50086182}},
	} {
		ask.PBX = id
		if _, err := h.Life.ChangeCustomers(ctx, ana, ask); fleet.KindOf(err) != fleet.KindInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = h.Life.SendActivation(ctx, ana, id, []fleet.CustomerID{3})
	wantKind(t, err, fleet.KindInvalid)
	_, err = h.Life.SendActivation(ctx, ana, acmeHQ, nil)
	wantKind(t, err, fleet.KindConflict)
	_, err = h.Life.Update(ctx, ana, change.UpdateAsk{PBX: 99, Features: renamed})
	wantKind(t, err, fleet.KindNotFound)
}

func TestOneActAtATime(t *testing.T) {
	t.Parallel()
	h, id := office(t, func(a *yeastartest.Assumptions) { a.StartDelay = patient })
	j, err := h.stop(id)()
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.grow(id)()
	wantKind(t, err, fleet.KindConflict)
	h.ends(j, job.Failed) // it is Running still
	h.does(h.grow(id), job.Done)
}

func TestTheFateOfEveryActIsReadNotGuessed(t *testing.T) {
	for name, fault := range map[string]struct {
		fault yeastartest.Fault
		done  bool
	}{
		"lost, done":     {yeastartest.CloseAfterCommit(), true},
		"lost, not done": {yeastartest.CloseBeforeCommit(), false},
		"refused":        {yeastartest.VendorCode(1000004), false},
		"refused, done":  {yeastartest.VendorCode(1000004).AfterCommit(), true},
		"throttled":      {yeastartest.Throttle(), true}, // certainly not heard, so made again
	} {
		for verb, path := range map[string]string{"rename": "", "grow": "/capacity", "swap": "/customers", "stop": "/stop", "delete": "/instances"} {
			t.Run(verb+" "+name, func(t *testing.T) {
				t.Parallel()
				h, id := office(t)
				m := yeastartest.Match{Method: "PUT", PathPrefix: creations + "/" + id.String(), PathSuffix: path}
				do := map[string]act{"rename": h.rename(id), "grow": h.grow(id), "swap": h.swap(id), "stop": h.stop(id), "delete": h.remove(id)}[verb]
				if verb == "delete" {
					m = yeastartest.Match{Method: "DELETE"}
				}
				h.sim.Fail(m, fault.fault)
				want := job.Failed
				if fault.done {
					want = job.Done
				}
				j := h.does(do, want)
				changed := !slices.ContainsFunc(h.sim.PBXs(), func(p yeastartest.PBX) bool {
					return p.ID == int64(id) && p.Name == "Office" && p.Extensions == 20 && slices.Equal(p.Customers, []int64{50086182, 50429564}) && (p.Status == yeastartest.StatusRunning || verb == "delete")
				})
				if changed != fault.done {
					t.Errorf("changed: %v: %s", changed, j.Sentence)
				}
			})
		}
	}
}

func TestAnActWhoseFateCantBeReadWaitsAndSendsNothingAgain(t *testing.T) {
	t.Parallel()
	h, id := office(t)
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/capacity"}, yeastartest.CloseAfterCommit())
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: creations + "/" + id.String(), Nth: 3, Times: -1}, yeastartest.Status(503, ""))
	j := h.does(h.grow(id), job.NeedsAttention)
	_, err := h.grow(id)()
	if kind := fleet.KindOf(err); kind != fleet.KindConflict && kind != fleet.KindUnavailable {
		t.Errorf("another act was let in: %v", err)
	}
	h.sim.ClearFaults()
	h.ends(h.resume(j), job.Done)
	if n := h.sim.CountRequests("PUT", creations+"/"+id.String()+"/capacity"); n != 1 {
		t.Errorf("sent %d times", n)
	}
	wantActs(t, h, audit.PBXResize, "intended unknown succeeded")
}

func TestSettingsThatNoReadTellsRestOnTheVendorsWord(t *testing.T) {
	t.Parallel()
	h, id := office(t)
	chat := func(s fleet.Switch) act {
		return func() (job.Job, error) {
			return h.Life.Update(t.Context(), ana, change.UpdateAsk{PBX: id, Features: fleet.PBXFeatures{IM: s, SuperiorLogin: fleet.Off}})
		}
	}
	if j := h.does(chat(fleet.Off), job.Done); !strings.Contains(j.Sentence, "rests on its word") {
		t.Errorf("%s", j.Sentence)
	}
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: id.String()}, yeastartest.CloseAfterCommit())
	if j := h.does(chat(fleet.On), job.Failed); !strings.Contains(j.Sentence, "not known") {
		t.Errorf("%s", j.Sentence)
	}
	if stated, err := h.DB.Stated(t.Context(), id); err != nil || stated.IM != fleet.Off {
		t.Errorf("stated %+v, %v", stated, err)
	}
}

func TestACustomerIsCreatedOnceAndALostAnswerIsSettledByTheAddress(t *testing.T) {
	t.Parallel()
	h := agency(t)
	eve := fleet.Customer{FirstName: "Eve", Company: "Else", Email: "Eve@else.example", City: "Köln"}
	if _, err := h.Life.CreateCustomer(t.Context(), ana, fleet.Customer{Company: "Else"}); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("%v", err)
	}
	for name, fault := range map[string]yeastartest.Fault{"done": yeastartest.CloseAfterCommit(), "not done": yeastartest.CloseBeforeCommit(), "refused": yeastartest.VendorCode(1000019)} {
		x := eve
		x.Email = strings.ReplaceAll(name, " ", "") + "@else.example"
		h.sim.Fail(yeastartest.Match{Method: "POST", PathSuffix: "/customers"}, fault)
		got, err := h.Life.CreateCustomer(t.Context(), ana, x)
		if (err == nil) != (name == "done") || (got.ID != 0) != (name == "done") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	got, err := h.Life.CreateCustomer(t.Context(), ana, eve)
	if err != nil || got.ID == 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if found, err := h.Choices.Customers(t.Context(), "else köln", false); err != nil || len(found.Value) != 0 {
		t.Errorf("found %v, %v", found.Value, err)
	}
	if found, err := h.Choices.Customers(t.Context(), "EVE@ELSE", false); err != nil || len(found.Value) != 1 || found.Value[0].ID != got.ID {
		t.Errorf("found %v, %v", found.Value, err)
	}
}
