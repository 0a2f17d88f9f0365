package station_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

const (
	creations = "/dm/open_api/v1/cloud_pbx/instances"
	byURL     = creations + "/get"
)

// swift lets jobs of PBXs give up at once.
func swift(c *station.Config) {
	c.Patience = change.Patience{Settle: 250 * time.Millisecond, Serial: 250 * time.Millisecond, Run: 250 * time.Millisecond, Pause: 20 * time.Millisecond}
}

// agency is a house that can make PBXs: it has the customers of seed 001.
func agency(t *testing.T, assume ...func(*yeastartest.Assumptions)) *house {
	t.Helper()
	return agencyWith(t, swift, assume...)
}

func agencyWith(t *testing.T, tune func(*station.Config), assume ...func(*yeastartest.Assumptions)) *house {
	t.Helper()
	h := buildWith(t, tune)
	for _, f := range assume {
		h.sim.Assume(f)
	}
	h.sim.AddCustomer(yeastartest.Customer{ID: 50086182, FirstName: "Leo", Company: "Acme", Email: "leo@acme.example"})
	h.sim.AddCustomer(yeastartest.Customer{ID: 50429564, FirstName: "Ada", Company: "Acme", Email: "ada@acme.example"})
	return h
}

// seed001 is the vendor's example of a new PBX.
func seed001() change.CreateAsk {
	return change.CreateAsk{Spec: fleet.PBXSpec{
		Name: "Yeastar P-Series Cloud PBX", Plan: fleet.EnterprisePlan, Type: fleet.Commercial,
		PBXCapacity: fleet.PBXCapacity{Extensions: 20, ConcurrentCalls: 10, Recording: fleet.On, RecordingMinutes: 500},
		Region:      4, SubDomain: "Cloud", Domain: 4, Version: 764, Customers: []fleet.CustomerID{50086182, 50429564},
		ExpiresAt: time.Unix(1667059200, 0).UTC(), RunsOn: fleet.On,
		UpgradeInPBX: fleet.On, IM: fleet.On, PasswordlessLogin: fleet.On, SuperiorLogin: fleet.On,
	}}
}

// whole asks for everything that a creation can end with.
func whole() change.CreateAsk {
	ask := seed001()
	ask.Bind, ask.Mail = []fleet.Binding{pair(london, 50036), pair(headed, 50061)}, true
	return ask
}

func (h *house) create(ask change.CreateAsk) job.Job {
	h.t.Helper()
	j, err := h.Life.Create(h.t.Context(), ana, ask)
	if err != nil {
		h.t.Fatalf("create: %v", err)
	}
	return j
}

// ends waits until a job runs no more, and wants a state.
func (h *house) ends(j job.Job, want job.State) job.Job {
	h.t.Helper()
	h.eventually("the job ends", func() bool {
		var err error
		if j, err = h.DB.Job(h.t.Context(), j.ID); err != nil {
			h.t.Fatal(err)
		}
		return j.State != job.Running
	})
	if j.State != want {
		h.t.Fatalf("the job is %s, want %s: %s\n%s", j.State, want, j.Sentence, steps(j))
	}
	if j.Sentence == "" || (j.State == job.NeedsAttention) != j.EndedAt.IsZero() {
		h.t.Errorf("the job says nothing, or ended at %v: %+v", j.EndedAt, j)
	}
	return j
}

func (h *house) resume(j job.Job) job.Job {
	h.t.Helper()
	j, err := h.Jobs.Resume(h.t.Context(), ana, j.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return j
}

func steps(j job.Job) string {
	var out []string
	for _, s := range j.Steps {
		out = append(out, s.Name+": "+string(s.State)+": "+s.Sentence)
	}
	return strings.Join(out, "\n")
}

func stateOf(t *testing.T, j job.Job, name string) job.StepState {
	t.Helper()
	i := slices.IndexFunc(j.Steps, func(s job.Step) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no step %q:\n%s", name, steps(j))
	}
	return j.Steps[i].State
}

// made is the simulator's PBX at the URL of seed 001; there is never more than one.
func (h *house) made() (yeastartest.PBX, bool) {
	h.t.Helper()
	var found []yeastartest.PBX
	for _, p := range h.sim.PBXs() {
		if strings.EqualFold(p.URL, "cloud.r4.pbx.example") {
			found = append(found, p)
		}
	}
	if len(found) > 1 {
		h.t.Fatalf("%d PBXs stand at one URL", len(found))
	}
	if len(found) == 0 {
		return yeastartest.PBX{}, false
	}
	return found[0], true
}

func (h *house) sentCreations() (n int) {
	for _, r := range h.sim.Requests() {
		if r.Method == "POST" && r.Path == creations {
			n++
		}
	}
	return n
}

// acts are the audited outcomes of an action, oldest first.
func (h *house) acts(action audit.Action) string {
	h.t.Helper()
	page, err := h.DB.Audit(h.t.Context(), audit.Filter{Action: string(action), Page: fleet.PageRequest{Limit: 200}})
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, e := range slices.Backward(page.Items) {
		out = append(out, string(e.Outcome))
	}
	return strings.Join(out, " ")
}

func wantActs(t *testing.T, h *house, action audit.Action, want string) {
	t.Helper()
	if got := h.acts(action); got != want {
		t.Errorf("%s: %q, want %q", action, got, want)
	}
}

func TestANewPBXRunsHasItsNumbersAndItsMailAndIsInTheFleet(t *testing.T) {
	t.Parallel()
	h := agency(t)
	j := h.ends(h.create(whole()), job.Done)
	p, _ := h.made()
	if p.Status != yeastartest.StatusRunning || int64(j.PBX) != p.ID || !strings.Contains(j.Sentence, "cloud.r4.pbx.example") || !strings.Contains(j.Sentence, p.Serial) {
		t.Errorf("%+v\n%s\n%s", p, j.Sentence, steps(j))
	}
	for _, s := range j.Steps {
		if s.State != job.StepDone || s.Sentence == "" {
			t.Errorf("%s", steps(j))
		}
	}
	wantSet(t, "bound", h.cloud(j.PBX), fleet.NewBindingSet(whole().Bind...))
	wantSet(t, "known", h.known(j.PBX).Set, fleet.NewBindingSet(whole().Bind...))
	if mails := h.sim.Mails(); len(mails) != 1 || !slices.Equal(mails[0].To, []string{"leo@acme.example", "ada@acme.example"}) {
		t.Errorf("mails %v", mails)
	}
	row, err := h.DB.PBX(t.Context(), j.PBX)
	if err != nil || row.Name != p.Name || row.URL != p.URL || row.Serial != p.Serial || row.Status != fleet.StatusRunning || row.Firmware != "84.22.0.134" {
		t.Errorf("our record: %+v, %v", row, err)
	}
	h.settled()
	if s := h.state(j.PBX); s.State != fleet.InSync {
		t.Errorf("it is %+v", s)
	}
	if counts, err := h.DB.DeliveryCounts(t.Context()); err != nil || counts[fleet.DeliveryParked]+counts[fleet.DeliveryDead] != 0 {
		t.Errorf("reports %v, %v", counts, err)
	}
	if h.sentCreations() != 1 {
		t.Errorf("%d creations", h.sentCreations())
	}
	for action, want := range map[audit.Action]string{audit.PBXCreate: "intended succeeded", audit.PBXStart: "intended succeeded", audit.PBXMail: "intended succeeded"} {
		wantActs(t, h, action, want)
	}
	stated, err := h.DB.Stated(t.Context(), j.PBX)
	if err != nil || stated != whole().Spec.Features() {
		t.Errorf("stated %+v, %v", stated, err)
	}
}

func TestTheSameFormIsTheSameJobAndAnotherPBXAtItsURLIsRefused(t *testing.T) {
	t.Parallel()
	h := agency(t, func(a *yeastartest.Assumptions) { a.StuckIn = yeastartest.StatusStarting })
	ask := seed001()
	ask.Key = "form"
	first := h.create(ask)
	if again := h.create(ask); again.ID != first.ID {
		t.Error("a second submit of the form is another job")
	}
	script := seed001() // by the URL, in another case of its letters
	if again := h.create(script); again.ID != first.ID {
		t.Error("the same PBX asked for by a script is another job")
	}
	other := seed001()
	other.Spec.Name, other.Spec.SubDomain = "Another", "cLOUD"
	_, err := h.Life.Create(t.Context(), ana, other)
	wantKind(t, err, fleet.KindConflict)

	h.ends(first, job.NeedsAttention)
	p, _ := h.made()
	h.sim.SetStatus(p.ID, yeastartest.StatusRunning)
	h.ends(h.resume(first), job.Done)
	if again := h.create(ask); again.ID != first.ID || again.State != job.Done {
		t.Error("the form of a job that is done made another one")
	}
	_, err = h.Life.Create(t.Context(), ana, other)
	wantKind(t, err, fleet.KindInvalid)
	if h.sentCreations() != 1 {
		t.Errorf("%d creations", h.sentCreations())
	}
}

func TestWhatTheRulesForbidIsNotEvenLookedUp(t *testing.T) {
	t.Parallel()
	h := agency(t)
	before := len(h.sim.Requests())
	ask := seed001()
	ask.Spec.Extensions, ask.Spec.IM, ask.Spec.SubDomain = 501, "", "a.b"
	_, err := h.Life.Create(t.Context(), ana, ask)
	wantKind(t, err, fleet.KindInvalid)
	if n := len(h.sim.Requests()) - before; n != 0 {
		t.Errorf("%d calls", n)
	}
	for what, spoil := range map[string]func(*change.CreateAsk){
		"a region that is not":  func(a *change.CreateAsk) { a.Spec.Region = 99 },
		"a stranger":            func(a *change.CreateAsk) { a.Spec.Customers = []fleet.CustomerID{1} },
		"chat on old firmware":  func(a *change.CreateAsk) { a.Spec.Version = 700 },
		"a number of Acme's":    func(a *change.CreateAsk) { a.Bind = []fleet.Binding{pair(london, 50030)} },
		"a number that is not":  func(a *change.CreateAsk) { a.Bind = []fleet.Binding{pair(london, 1)} },
		"another trunk":         func(a *change.CreateAsk) { a.Bind = []fleet.Binding{pair(peer, 50036)} },
		"numbers, old firmware": func(a *change.CreateAsk) { a.Spec.Version, a.Spec.IM, a.Bind = 700, fleet.Off, whole().Bind },
	} {
		ask := seed001()
		spoil(&ask)
		if _, err := h.Life.Create(t.Context(), ana, ask); fleet.KindOf(err) != fleet.KindInvalid {
			t.Errorf("%s: %v", what, err)
		}
		if _, fields, err := h.Life.Check(t.Context(), ask); err != nil || len(fields) != 1 {
			t.Errorf("%s: %v, %v", what, fields, err)
		}
	}
	h.sim.AddPBX(yeastartest.PBX{URL: "CLOUD.r4.pbx.example", Name: "Somebody's"})
	_, err = h.Life.Create(t.Context(), ana, seed001())
	wantKind(t, err, fleet.KindInvalid)
	if url, fields, err := h.Life.Check(t.Context(), seed001()); err != nil || len(fields) != 1 || fields[0].Name != "subDomain" || url != "cloud.r4.pbx.example" {
		t.Errorf("%s, %v, %v", url, fields, err)
	}
	h.sim.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/v1/cluster", Times: -1}, yeastartest.Status(503, ""))
	other := seed001()
	other.Spec.Region, other.Spec.Domain = 3, 3
	_, err = h.Life.Create(t.Context(), ana, other)
	wantKind(t, err, fleet.KindUnavailable)
	if h.sentCreations() != 0 || h.acts(audit.PBXCreate) != "" {
		t.Errorf("%d creations, audited %q", h.sentCreations(), h.acts(audit.PBXCreate))
	}
}
