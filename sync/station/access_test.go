package station_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/sync/station"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/yeastartest"
)

// own is a house whose Acme HQ has trunks of its own, and an API that YCM passes calls on to.
type own struct {
	*house
	log             lockedLog
	carrier, branch sip.TrunkID
}

// lockedLog is a log that may be read while it is written.
type lockedLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lockedLog) text() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.buf.Bytes())
}

func ownTrunks(t *testing.T) *own {
	t.Helper()
	o := &own{}
	o.house = furnish(t, func(c *station.Config) {
		c.Key = bytes.Repeat([]byte("k"), 32)
		c.Log = slog.New(slog.NewTextHandler(&o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Follow, c.Look = 300*time.Millisecond, 5*time.Millisecond
		c.TunePBX = func(d *pseries.Direct) {
			d.RatePerMinute, d.RetryBase, d.WriteTimeout = 600_000, time.Millisecond, time.Second
		}
	}, func(sim *yeastartest.Server) {
		sim.SetPBXAPI(int64(acmeHQ), true)
		o.carrier = sip.TrunkID(sim.AddSIPTrunk(int64(acmeHQ), yeastartest.SIPTrunk{Name: "carrier", Hostname: "sip.carrier.example", Username: "700", Password: "planted-sip-password"}))
		o.branch = sip.TrunkID(sim.AddSIPTrunk(int64(acmeHQ), yeastartest.SIPTrunk{Name: "branch", Type: "peer_did", Hostname: "10.0.0.7"}))
		sim.AddSIPTrunk(int64(acmeHQ), yeastartest.SIPTrunk{Name: "click", Type: "webtrunk"})
		sim.AddExtensions(int64(acmeHQ), yeastartest.Extension{Number: "2001", Name: "Alice"})
		sim.AddExtensionGroup(int64(acmeHQ), yeastartest.ExtensionGroup{Name: "Sales"})
	}, func(a *yeastartest.Assumptions) { a.SIP.Settle = time.Nanosecond })
	return o
}

// direct sets the way to Acme HQ's own address.
func (o *own) direct(secret string) {
	o.t.Helper()
	api := o.sim.PBXAPI(int64(acmeHQ))
	if secret == "" {
		secret = api.ClientSecret
	}
	a := sip.Access{PBX: acmeHQ, Way: sip.Direct, BaseURL: api.BaseURL, ClientID: api.ClientID}
	if err := o.PBXs.SetAccess(o.t.Context(), ana, a, secret); err != nil {
		o.t.Fatal(err)
	}
}

func (o *own) access() sip.Access {
	o.t.Helper()
	a, err := o.PBXs.Access(o.t.Context(), acmeHQ)
	if err != nil {
		o.t.Fatal(err)
	}
	return a
}

// edit drafts a change of a trunk and confirms it.
func (o *own) edit(trunk sip.TrunkID, password string, want func(*sip.Trunk)) (plan.Plan, error) {
	o.t.Helper()
	p, err := o.Changer.DraftEdit(o.t.Context(), ana, change.EditAsk{PBX: acmeHQ, Trunk: trunk, Password: password,
		Want: func(t sip.Trunk) (sip.Trunk, []fleet.Field) { want(&t); return t, nil }})
	if err != nil {
		o.t.Fatalf("draft: %v", err)
	}
	return o.confirm(p)
}

func TestAPBXIsReachedThroughYCMUntilSomebodySaysOtherwise(t *testing.T) {
	o := ownTrunks(t)
	rows, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		name := r.Name
		if r.Shared {
			name += " (shared)"
		}
		got = append(got, name+" "+r.Type+" "+r.Status.Words())
	}
	want := "Colt London_32YFS4 (shared) register Up, BT Wholesale_NT9H01 (shared) peer_did Up, carrier register Up, branch peer_did Up, click webtrunk Up"
	if strings.Join(got, ", ") != want {
		t.Errorf("trunks %q", got)
	}
	trunk, err := o.PBXs.SIPTrunk(t.Context(), acmeHQ, o.carrier)
	if err != nil || trunk.Hostname != "sip.carrier.example" || trunk.PasswordMark == "" || trunk.Shared || len(trunk.Codecs) != 3 {
		t.Errorf("%+v, %v", trunk, err)
	}
	if ext, err := o.PBXs.Extensions(t.Context(), acmeHQ); err != nil || len(ext) != 1 || ext[0].Name != "Alice" {
		t.Errorf("%+v, %v", ext, err)
	}
	if groups, err := o.PBXs.Groups(t.Context(), acmeHQ); err != nil || len(groups) != 1 || groups[0].Size != 1 {
		t.Errorf("%+v, %v", groups, err)
	}
	if said, err := o.PBXs.TestAccess(t.Context(), acmeHQ); err != nil || !strings.Contains(said, "through YCM") || !strings.Contains(said, "36A0B4311196ACME") {
		t.Errorf("%q, %v", said, err)
	}
	if a := o.access(); a.Way != sip.Relay || a.Trouble != "" || a.HasSecret {
		t.Errorf("%+v", a)
	}
}

func TestATrunkThatIsGoneIsToldApartFromOneThatTheAPIDoesNotShow(t *testing.T) {
	o := ownTrunks(t)
	rows, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ)
	if err != nil {
		t.Fatal(err)
	}
	web := rows[len(rows)-1].ID
	if _, err := o.PBXs.SIPTrunk(t.Context(), acmeHQ, web); fleet.KindOf(err) != fleet.KindRefused {
		t.Error(err)
	}
	o.sim.DeleteSIPTrunk(int64(acmeHQ), int64(o.branch))
	if _, err := o.PBXs.SIPTrunk(t.Context(), acmeHQ, o.branch); fleet.KindOf(err) != fleet.KindNotFound {
		t.Error(err)
	}
	got, err := o.PBXs.SIPSettings(t.Context(), acmeHQ, []sip.TrunkID{o.branch, web, o.carrier})
	if err != nil || len(got) != 1 || got[0].ID != o.carrier {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhereYCMDoesNotPassCallsOnThePBXsOwnAddressDoes(t *testing.T) {
	o := ownTrunks(t)
	o.sim.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/v1/cloud_pbx/36A0B4311196ACME", Times: -1}, yeastartest.VendorCode(1000043))
	_, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ)
	e, ok := errors.AsType[*fleet.Error](err)
	if !ok || e.Kind != fleet.KindUnavailable || e.ForAll || !strings.Contains(e.Msg, "at its own address") {
		t.Fatal(err)
	}
	if a := o.access(); a.Trouble != e.Msg || a.Stopped {
		t.Errorf("%+v", a)
	}
	o.direct("")
	if said, err := o.PBXs.TestAccess(t.Context(), acmeHQ); err != nil || !strings.Contains(said, "at http://127.0.0.1") {
		t.Errorf("%q, %v", said, err)
	}
	p, err := o.edit(o.branch, "", func(t *sip.Trunk) { t.Hostname = "10.0.0.8" })
	if err != nil || p.Status != plan.Applied {
		t.Errorf("%v, %+v", err, p.Outcome)
	}
	if a := o.access(); a.Trouble != "" || !a.HasSecret || a.Way != sip.Direct {
		t.Errorf("%+v", a)
	}
	if err := o.PBXs.SetAccess(t.Context(), ana, sip.Access{PBX: acmeHQ, Way: sip.Relay}, ""); err != nil {
		t.Fatal(err)
	}
	if a := o.access(); a.Way != sip.Relay || a.BaseURL == "" || !a.HasSecret {
		t.Errorf("the direct way is forgotten: %+v", a)
	}
}

func TestOneRefusedSignInStopsTheDirectWayUntilAPersonChangesSomething(t *testing.T) {
	o := ownTrunks(t)
	o.direct("planted-wrong-secret")
	for range 4 {
		if _, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ); fleet.KindOf(err) != fleet.KindDenied || !strings.Contains(err.Error(), "client id and secret") {
			t.Fatal(err)
		}
	}
	if _, _, failed := o.sim.PBXTokens(int64(acmeHQ)); failed != 1 {
		t.Errorf("%d refused sign-ins", failed)
	}
	if a := o.access(); !a.Stopped || !strings.Contains(a.Trouble, "client id and secret") {
		t.Errorf("%+v", a)
	}
	if _, err := o.PBXs.UpdateSIPTrunk(t.Context(), acmeHQ, o.branch, sip.Patch{Peer: &sip.PeerPatch{LinePatch: sip.LinePatch{Name: new("x")}}}, ""); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("a write that was not sent is told as %v", err)
	}
	o.direct("")
	if _, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ); err != nil {
		t.Error(err)
	}
	if a := o.access(); a.Stopped || a.Trouble != "" {
		t.Errorf("%+v", a)
	}
}

func TestAnotherPBXAtTheAddressIsNotTouched(t *testing.T) {
	o := ownTrunks(t)
	o.sim.SetPBXAPI(int64(bakery), true)
	other := o.sim.PBXAPI(int64(bakery))
	a := sip.Access{PBX: acmeHQ, Way: sip.Direct, BaseURL: other.BaseURL, ClientID: other.ClientID}
	if err := o.PBXs.SetAccess(t.Context(), ana, a, other.ClientSecret); err != nil {
		t.Fatal(err)
	}
	if _, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ); fleet.KindOf(err) != fleet.KindDenied || !strings.Contains(err.Error(), "another one") {
		t.Error(err)
	}
}

func TestAnAccessWithAMistakeIsNotSaved(t *testing.T) {
	o := ownTrunks(t)
	good := sip.Access{PBX: acmeHQ, Way: sip.Direct, BaseURL: "https://acme.example", ClientID: "an-id"}
	for field, spoil := range map[string]func(a *sip.Access, secret *string){
		"way":       func(a *sip.Access, _ *string) { a.Way = "pigeon" },
		"base_url":  func(a *sip.Access, _ *string) { a.BaseURL = "http://acme.example" },
		"client_id": func(a *sip.Access, _ *string) { a.ClientID = " " },
		"secret":    func(_ *sip.Access, secret *string) { *secret = "" },
		"pin":       func(a *sip.Access, _ *string) { a.Pin = "12:34" },
		"ca":        func(a *sip.Access, _ *string) { a.CA = "not a certificate" },
	} {
		a, secret := good, "planted-secret"
		spoil(&a, &secret)
		err := o.PBXs.SetAccess(t.Context(), ana, a, secret)
		e, ok := errors.AsType[*fleet.Error](err)
		if !ok || e.Kind != fleet.KindInvalid || len(e.Fields) != 1 || e.Fields[0].Name != field || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := o.PBXs.SetAccess(t.Context(), ana, good, "planted-secret"); err != nil {
		t.Fatal(err)
	}
	good.ClientID = "another-id"
	if err := o.PBXs.SetAccess(t.Context(), ana, good, ""); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("a secret went to another client id: %v", err)
	}
}

// What comes back from a write decides the plan, not what the write said.
func TestATrunksPlanEndsAsThePBXReads(t *testing.T) {
	o := ownTrunks(t)
	o.direct("")
	for name, tc := range map[string]struct {
		fault yeastartest.Fault
		want  plan.Status
	}{
		"10004 in the middle": {yeastartest.PBXCode(10004), plan.Applied},
		"1":                   {yeastartest.PBXCode(1), plan.Failed},
		"2 after it was done": {yeastartest.PBXCode(2).AfterCommit(), plan.Applied},
		"-2":                  {yeastartest.PBXCode(-2), plan.Failed},
		"40003":               {yeastartest.PBXCode(40003), plan.Failed},
		"70082":               {yeastartest.PBXCode(70082), plan.Failed},
		"HTML":                {yeastartest.HTML(), plan.Failed},
		"truncated":           {yeastartest.Truncated(), plan.Applied},
		"closed before":       {yeastartest.CloseBeforeCommit(), plan.Failed},
		"closed after":        {yeastartest.CloseAfterCommit(), plan.Applied},
	} {
		o.sim.Fail(yeastartest.Match{PathSuffix: "/trunk/update"}, tc.fault)
		host := "after-" + strings.ReplaceAll(name, " ", "-") + ".example"
		p, err := o.edit(o.carrier, "", func(t *sip.Trunk) { t.Hostname = host })
		if p.Status != tc.want || (err == nil) != (tc.want == plan.Applied) {
			t.Errorf("%s: %s, %v", name, p.Status, err)
		}
		o.sim.ClearFaults()
	}
}

func TestTokensOutliveACrashAndGoBackAtTheEnd(t *testing.T) {
	o := ownTrunks(t)
	o.direct("")
	look := func() {
		t.Helper()
		if _, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ); err != nil {
			t.Fatal(err)
		}
	}
	tokens := func(live, issued int) {
		t.Helper()
		if l, i, _ := o.sim.PBXTokens(int64(acmeHQ)); l != live || i != issued {
			t.Errorf("%d tokens live of %d issued, want %d of %d", l, i, live, issued)
		}
	}
	look()
	tokens(1, 1)
	kept, err := o.DB.PBXAccess(t.Context(), acmeHQ)
	if err != nil || kept.Token == nil {
		t.Fatalf("no token is kept: %v", err)
	}
	// A token that could not go back is all that the next process has.
	o.sim.Fail(yeastartest.Match{PathSuffix: "/del_token", Times: -1}, yeastartest.CloseBeforeCommit())
	o.close()
	o.open()
	look()
	tokens(1, 1)
	o.sim.ClearFaults()
	o.close()
	tokens(0, 1)
	o.open()
	look()
	tokens(1, 2)
}

func TestNoSecretOfAPBXIsInTheFileTheRecordOrTheLog(t *testing.T) {
	o := ownTrunks(t)
	o.direct("")
	p, err := o.edit(o.carrier, "planted-new-password", func(*sip.Trunk) {})
	if err != nil || p.Status != plan.Applied {
		t.Fatalf("%v %+v", err, p.Outcome)
	}
	o.sim.Fail(yeastartest.Match{PathSuffix: "/trunk/update"}, yeastartest.Status(200, `{"errcode":40002,"errmsg":"planted-third-password","invalid_param_list":[{"field":"password","value":"planted-third-password"}]}`))
	if p, err = o.edit(o.carrier, "planted-third-password", func(*sip.Trunk) {}); err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("%v %+v", err, p.Outcome)
	}
	secrets := []string{"planted", o.sim.PBXAPI(int64(acmeHQ)).ClientSecret}
	for _, r := range o.sim.Requests() {
		if _, token, ok := strings.Cut(r.Query, "access_token="); ok {
			secrets = append(secrets, token[:32])
		}
	}
	entries, err := o.DB.Audit(context.WithoutCancel(t.Context()), audit.Filter{PBX: acmeHQ, Page: fleet.PageRequest{Limit: 100}})
	if err != nil {
		t.Fatal(err)
	}
	set := false
	for _, e := range entries.Items {
		set = set || e.Action == audit.PBXAccess && strings.Contains(string(e.After), `"secret":"replaced"`)
	}
	if !set {
		t.Error("that the access was set is not on record")
	}
	var all bytes.Buffer
	all.Write(o.log.text())
	for _, ext := range []string{"", "-wal"} {
		b, err := os.ReadFile(o.path + ext)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	for _, s := range secrets {
		if bytes.Contains(all.Bytes(), []byte(s)) {
			t.Errorf("%q is there in clear", s)
		}
	}
}

func TestASecretOfAPBXOutlivesTheChangeOfTheKey(t *testing.T) {
	o := ownTrunks(t)
	o.direct("")
	if _, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ); err != nil {
		t.Fatal(err)
	}
	o.close()
	before := o.tune
	o.tune = func(c *station.Config) {
		before(c)
		c.Key, c.OldKeys = bytes.Repeat([]byte("n"), 32), [][]byte{c.Key}
	}
	o.open()
	if _, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ); err != nil {
		t.Error(err)
	}
}
