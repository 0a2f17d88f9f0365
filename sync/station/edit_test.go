package station_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

var installationKey = []byte("0123456789abcdef0123456789abcdef")

// desk is a house whose PBX 4808 has a register trunk 11 of its own, and a key for secrets.
func desk(t *testing.T, assume ...func(*yeastartest.Assumptions)) *house {
	t.Helper()
	quick := func(a *yeastartest.Assumptions) { a.SIP.Settle = 5 * time.Millisecond }
	h := furnish(t, func(c *station.Config) {
		c.Key, c.Follow, c.Look = installationKey, 400*time.Millisecond, 5*time.Millisecond
	}, func(sim *yeastartest.Server) {
		sim.SetPBXAPI(int64(acmeHQ), true)
		sim.AddSIPTrunk(int64(acmeHQ), yeastartest.SIPTrunk{ID: 11, Name: "carrier", Hostname: oldHost, Domain: oldHost, Username: "700", Password: "hush-carrier",
			DIDs: []yeastartest.SIPDID{{Number: "4930100", Name: "Main"}}})
	}, append([]func(*yeastartest.Assumptions){quick}, assume...)...)
	h.sim.ResetRequests()
	return h
}

func (h *house) sipTrunk() yeastartest.SIPTrunk {
	h.t.Helper()
	for _, t := range h.sim.SIPTrunks(int64(acmeHQ)) {
		if t.ID == 11 {
			return t
		}
	}
	h.t.Fatal("the trunk is gone")
	return yeastartest.SIPTrunk{}
}

func moveHost(t sip.Trunk) (sip.Trunk, []fleet.Field) {
	t.Hostname, t.Port = newHost, 5062
	return t, nil
}

func (h *house) edit(want func(sip.Trunk) (sip.Trunk, []fleet.Field), password string) plan.Plan {
	h.t.Helper()
	p, err := h.Changer.DraftEdit(h.t.Context(), ana, change.EditAsk{PBX: acmeHQ, Trunk: 11, Want: want, Password: password})
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// confirmed carries a plan out and gives it as it is stored.
func (h *house) confirmed(p plan.Plan) (plan.Plan, error) {
	h.t.Helper()
	_, failed := h.Changer.Confirm(h.t.Context(), ben, p.ID, change.Consent{Reason: "the carrier moves"})
	stored, err := h.DB.Plan(h.t.Context(), p.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return stored, failed
}

func editPath(fault yeastartest.Fault) (yeastartest.Match, yeastartest.Fault) {
	return yeastartest.Match{Method: "POST", PathSuffix: "/trunk/update"}, fault
}

func TestATrunkIsChangedVerifiedFollowedAndChangedBack(t *testing.T) {
	h := desk(t)
	p, err := h.confirmed(h.edit(moveHost, ""))
	if err != nil || p.Status != plan.Applied || h.sipTrunk().Hostname != newHost || h.sipTrunk().Domain != oldHost {
		t.Fatalf("%s: %s, %v", p.Status, p.Outcome.Sentence, err)
	}
	h.eventually("the trunk is seen to be up", func() bool {
		p, err = h.DB.Plan(t.Context(), p.ID)
		return err == nil && p.Outcome.Line.State == plan.LineUp
	})
	if body := string(h.lastEdit()); body != `{"id":11,"hostname":"`+newHost+`","port":5062}` {
		t.Error("sent", body)
	}
	back, err := h.Changer.UndoEdit(t.Context(), ana, p.ID, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if back, err = h.confirmed(back); err != nil || h.sipTrunk().Hostname != oldHost || back.Edit.UndoOf != p.ID {
		t.Errorf("%s: %s, %v", back.Status, back.Outcome.Sentence, err)
	}
	readings, err := h.DB.SIPReadings(t.Context(), acmeHQ, 11, 9)
	if err != nil || len(readings) != 3 || readings[1].After != p.ID {
		t.Errorf("%+v, %v", readings, err)
	}
}

func (h *house) lastEdit() []byte {
	var body []byte
	for _, r := range h.sim.Requests() {
		if strings.HasSuffix(r.Path, "/trunk/update") {
			body = r.Body
		}
	}
	return body
}

func TestHazardATrunkThatSomebodyChangedMeanwhileIsNotOverwritten(t *testing.T) {
	h := desk(t)
	seen, err := h.PBXs.SIPTrunk(t.Context(), acmeHQ, 11)
	if err != nil {
		t.Fatal(err)
	}
	p := h.edit(moveHost, "")
	h.sim.ChangeSIPTrunk(int64(acmeHQ), 11, func(t *yeastartest.SIPTrunk) { t.Transport = "tls" })

	_, err = h.Changer.DraftEdit(t.Context(), ana, change.EditAsk{PBX: acmeHQ, Trunk: 11, Seen: &seen, Want: moveHost})
	moved, ok := errors.AsType[*change.MovedError](err)
	if fleet.KindOf(err) != fleet.KindStale || !ok || len(moved.Changes) != 1 || moved.Changes[0].To != "tls" {
		t.Errorf("a form of before: %v", err)
	}
	p, err = h.confirmed(p)
	if fleet.KindOf(err) != fleet.KindStale || p.Status != plan.Stale || len(p.Outcome.Differs) != 1 || h.allUpdates() != 0 || h.sipTrunk().Hostname != oldHost {
		t.Errorf("a plan of before: %s: %s, %v", p.Status, p.Outcome.Sentence, err)
	}
}

// Each fault of issue and contract, at the one call that changes the trunk.
func TestEveryFaultOfAnEditEndsInWhatIsTrue(t *testing.T) {
	for name, c := range map[string]struct {
		fault  yeastartest.Fault
		status plan.Status
		done   bool // in the cloud
		say    string
	}{
		"partly done":               {yeastartest.PBXCode(1), plan.Failed, false, "PARTIAL"},
		"partly done, in fact done": {yeastartest.PBXCode(1).AfterCommit(), plan.Applied, true, "Verified"},
		"still running":             {yeastartest.PBXCode(2).AfterCommit(), plan.Applied, true, "Verified"},
		"still running, never done": {yeastartest.PBXCode(2), plan.Failed, false, "PROCESSING"},
		"internal error":            {yeastartest.PBXCode(-2), plan.Failed, false, "INTERNAL"},
		"duplicate":                 {yeastartest.PBXCode(40003), plan.Failed, false, "DUPLICATE"},
		"limit":                     {yeastartest.PBXCode(60002), plan.Failed, false, "nothing changed"},
		"address blocked":           {yeastartest.PBXCode(70004), plan.Failed, false, ""},
		"address not allowed":       {yeastartest.PBXCode(70087), plan.Failed, false, ""},
		"API off":                   {yeastartest.PBXCode(70123), plan.Failed, false, ""},
		"HTML":                      {yeastartest.HTML(), plan.Failed, false, "nothing changed"},
		"HTML, in fact done":        {yeastartest.HTML().AfterCommit(), plan.Applied, true, "Verified"},
		"truncated, in fact done":   {yeastartest.Truncated(), plan.Applied, true, "Verified"},
		"closed before":             {yeastartest.CloseBeforeCommit(), plan.Failed, false, "nothing changed"},
		"closed after":              {yeastartest.CloseAfterCommit(), plan.Applied, true, "Verified"},
		"slow":                      {yeastartest.DelayAfterCommit(time.Second), plan.Applied, true, "Verified"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := desk(t)
			p := h.edit(moveHost, "")
			h.sim.Fail(editPath(c.fault))
			p, _ = h.confirmed(p)
			if p.Status != c.status || (h.sipTrunk().Hostname == newHost) != c.done || !strings.Contains(p.Outcome.Sentence, c.say) {
				t.Errorf("%s: %s", p.Status, p.Outcome.Sentence)
			}
			if h.allUpdates() > 1 {
				t.Errorf("%d edits were sent", h.allUpdates())
			}
			rows, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.TrunkUpdate), Page: fleet.PageRequest{Limit: 9}})
			if err != nil || len(rows.Items) != 1 || rows.Items[0].Outcome != audit.Outcome(p.Outcome.Result) || rows.Items[0].Plan != p.ID {
				t.Errorf("audit: %+v, %v", rows.Items, err)
			}
		})
	}
}

func TestWhereNoReadTellsThePlanBlocksItsPBXUntilOneDoes(t *testing.T) {
	h := desk(t)
	p := h.edit(moveHost, "")
	h.sim.Fail(editPath(yeastartest.CloseAfterCommit()))
	h.sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/trunk/get", Nth: 2, Times: -1}, yeastartest.Status(502, ""))
	p, err := h.confirmed(p)
	if fleet.KindOf(err) != fleet.KindUnknown || p.Status != plan.Unknown {
		t.Fatalf("%s: %s, %v", p.Status, p.Outcome.Sentence, err)
	}
	if _, err := h.Changer.DraftEdit(t.Context(), ana, change.EditAsk{PBX: acmeHQ, Trunk: 11, Want: moveHost}); fleet.KindOf(err) != fleet.KindConflict {
		t.Errorf("another plan: %v", err)
	}
	h.sim.ClearFaults()
	if err := h.Changer.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p, err = h.DB.Plan(t.Context(), p.ID); err != nil || p.Status != plan.Applied || h.allUpdates() != 1 {
		t.Errorf("%s: %s, %v", p.Status, p.Outcome.Sentence, err)
	}
}

func TestANewPasswordIsSentAndKeptNowhere(t *testing.T) {
	for name, masked := range map[string]bool{"a PBX that shows passwords": false, "a PBX that masks them": true} {
		t.Run(name, func(t *testing.T) {
			h := desk(t, func(a *yeastartest.Assumptions) { a.SIP.MaskPasswords = masked })
			h.sim.SetSIPProvider(oldHost, yeastartest.SIPProvider{Accounts: map[string]string{"700": "new-hush"}})
			same := func(t sip.Trunk) (sip.Trunk, []fleet.Field) { return t, nil }
			p, err := h.confirmed(h.edit(same, "new-hush"))
			if err != nil || p.Status != plan.Applied || h.sipTrunk().Password != "new-hush" {
				t.Fatalf("%s: %s, %v", p.Status, p.Outcome.Sentence, err)
			}
			if strings.Contains(p.Outcome.Sentence, "its word") != masked {
				t.Error(p.Outcome.Sentence)
			}
			if sealed, err := h.DB.EditPassword(t.Context(), p.ID); err != nil || sealed != nil {
				t.Errorf("the sealed password is still there: %v", err)
			}
			h.eventually("the trunk is seen to be up", func() bool {
				p, err = h.DB.Plan(t.Context(), p.ID)
				return err == nil && p.Outcome.Line.State == plan.LineUp
			})
			if _, err := h.Changer.UndoEdit(t.Context(), ana, p.ID, "", 0); fleet.KindOf(err) != fleet.KindInvalid {
				t.Errorf("undo: %v", err)
			}
		})
	}
}

func TestATrunkThatStaysDownIsTold(t *testing.T) {
	h := desk(t)
	h.sim.SetSIPProvider(newHost, yeastartest.SIPProvider{Accounts: map[string]string{"700": "another"}})
	p, err := h.confirmed(h.edit(moveHost, ""))
	if err != nil {
		t.Fatal(err)
	}
	h.eventually("the trunk is seen to be down", func() bool {
		p, err = h.DB.Plan(t.Context(), p.ID)
		return err == nil && p.Outcome.Line.State == plan.LineDown && p.Outcome.Line.Status == sip.StatusAuthorization
	})
}

func TestHazardASharedTrunkGetsOnlyWhatIsThePBXsOwn(t *testing.T) {
	h := desk(t)
	rows, err := h.PBXs.SIPTrunks(t.Context(), acmeHQ)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if !r.Shared {
			continue
		}
		ask := change.EditAsk{PBX: acmeHQ, Trunk: r.ID, Want: func(t sip.Trunk) (sip.Trunk, []fleet.Field) {
			t.CID, t.Name, t.Hostname = "4930999", "mine", newHost
			return t, nil
		}}
		p, err := h.Changer.DraftEdit(t.Context(), ana, ask)
		if err != nil {
			t.Fatal(err)
		}
		if p, err = h.confirmed(p); err != nil || string(h.lastEdit()) != fmt.Sprintf(`{"id":%d,"def_outbound_cid":"4930999"}`, r.ID) {
			t.Errorf("%s, %v: sent %s", p.Status, err, h.lastEdit())
		}
		return
	}
	t.Fatal("no trunk is shared")
}

func TestTheTrunksOfAllPBXsAreFoundByAnyOfTheirSettings(t *testing.T) {
	h := desk(t)
	h.sim.AddSIPTrunk(int64(acmeHQ), yeastartest.SIPTrunk{ID: 12, Name: "desk", Type: "account", Username: "6708", Password: "hush"})
	if err := h.Lines.Look(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]string{"old.examp": "carrier", "4930100": "carrier", "desk": "desk", "6708": "desk", "nobody": "", "hush": ""} {
		page, err := h.DB.FleetTrunks(t.Context(), sip.FleetFilter{Q: q, Page: fleet.PageRequest{Limit: 50}})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(page.Items) > 0 {
			got = page.Items[0].Row.Name
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
	h.sim.DeleteSIPTrunk(int64(acmeHQ), 12)
	if err := h.Lines.Look(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if page, err := h.DB.FleetTrunks(t.Context(), sip.FleetFilter{Q: "desk", Page: fleet.PageRequest{Limit: 50}}); err != nil || page.Total != 0 {
		t.Errorf("a deleted trunk is still found: %+v, %v", page, err)
	}
	rows, look, err := h.DB.LastSIPTrunks(t.Context(), bakery)
	if err != nil || len(rows) != 0 || look.Trouble == "" || !look.ReadAt.IsZero() {
		t.Errorf("a PBX whose API is off: %+v %+v, %v", rows, look, err)
	}
}

func TestAListThatIsEmptiedGoesOutEmptyAloneAndWithOthers(t *testing.T) {
	for name, c := range map[string]struct {
		want func(sip.Trunk) (sip.Trunk, []fleet.Field)
		sent string
	}{
		"DIDs":       {func(t sip.Trunk) (sip.Trunk, []fleet.Field) { t.DIDs = nil; return t, nil }, `{"id":11,"did_list":[]}`},
		"caller IDs": {func(t sip.Trunk) (sip.Trunk, []fleet.Field) { t.CallerIDs = nil; return t, nil }, `{"id":11,"outbound_cid_list":[]}`},
		"both and a name": {func(t sip.Trunk) (sip.Trunk, []fleet.Field) {
			t.DIDs, t.CallerIDs, t.CIDName = nil, nil, "Zed"
			return t, nil
		},
			`{"id":11,"def_outbound_cid_name":"Zed","outbound_cid_list":[],"did_list":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			h := desk(t)
			h.sim.ChangeSIPTrunk(int64(acmeHQ), 11, func(t *yeastartest.SIPTrunk) {
				t.DIDs = []yeastartest.SIPDID{{Number: "4930100", Name: "a"}, {Number: "4930101"}}
				t.CallerIDs = []yeastartest.SIPCallerID{{Option: "range", CID: "4930100", ToRange: "1001"}}
			})
			p, err := h.confirmed(h.edit(c.want, ""))
			if err != nil || p.Status != plan.Applied || string(h.lastEdit()) != c.sent {
				t.Errorf("%s: %s, %v; sent %s", p.Status, p.Outcome.Sentence, err, h.lastEdit())
			}
		})
	}
}
