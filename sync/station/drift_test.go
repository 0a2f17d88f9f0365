package station_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/yeastar/yeastartest"
)

// drift is the PBX's open drift.
func (h *house) drift(id fleet.PBXID) fleet.Drift {
	h.t.Helper()
	d, err := h.DB.OpenDrift(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// unheard loses every report from now on.
func (h *house) unheard() {
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Drop: func(yeastartest.Report) bool { return true }})
}

// Each scenario is what really happened; the drift must name it, and carry evidence.
func TestEveryCauseOfDriftIsNamedForWhatItIs(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(h *house)
		cause   fleet.Cause
		says    string // in the sentence
		proof   string // in the evidence
	}{
		"a colleague takes a number away, and the report comes": {
			func(h *house) { h.sim.Rebind(int64(acmeHQ), h.sim.Bindings(int64(acmeHQ))[1:]); h.settled() },
			fleet.CauseChangedOutside, "as Yeastar reported", "somebody with access",
		},
		"a colleague takes a number away, and the report is lost": {
			func(h *house) { h.unheard(); h.sim.Rebind(int64(acmeHQ), h.sim.Bindings(int64(acmeHQ))[1:]); h.sweep() },
			fleet.CauseMissedEvent, "never came", "1 missing number is free",
		},
		"a colleague binds a number, and the report is lost": {
			func(h *house) {
				h.unheard()
				h.sim.Rebind(int64(acmeHQ), append(h.sim.Bindings(int64(acmeHQ)), at(london, 50035)))
				h.sweep()
			},
			fleet.CauseMissedEvent, "1 number was added", "1 binding is new",
		},
		"a colleague moves a number to another PBX, and the report is lost": {
			func(h *house) {
				h.unheard()
				h.sim.Rebind(int64(bakery), append(h.sim.Bindings(int64(bakery)), at(london, 50030)))
				h.sweep()
			},
			fleet.CauseMissedEvent, "1 number was removed", "on another PBX now",
		},
		"the provider takes numbers back": {
			func(h *house) { h.sim.Withdraw(int64(acmeHQ), []int64{50030, 50050}); h.sweep() },
			fleet.CauseUpstreamRevoke, "does not offer them", "2 missing numbers are on no PBX",
		},
		"the PBX is restored from a backup": {
			func(h *house) {
				h.sim.Restore(int64(acmeHQ))
				h.sweep()
				h.sim.SetStatus(int64(acmeHQ), yeastartest.StatusRunning)
				h.sweep()
			},
			fleet.CauseRestored, "restored and came back without them", "no backup of a PBX",
		},
		"the PBX is restored, and read only afterwards": {
			func(h *house) {
				bound := h.sim.Bindings(int64(acmeHQ))
				h.sim.SetStatus(int64(acmeHQ), yeastartest.StatusRestoring)
				h.sweep()
				h.sim.SetStatus(int64(acmeHQ), yeastartest.StatusRunning)
				dids := make([]int64, len(bound))
				for i, b := range bound {
					dids[i] = b.DID
				}
				h.sim.ReleaseSilently(int64(acmeHQ), dids)
				h.sweep()
			},
			fleet.CauseRestored, "restored and came back without them", "Restoring at",
		},
		"a number is deleted, and the report comes": {
			func(h *house) { h.sim.DeleteDID([]int64{50030}); h.settled() },
			fleet.CauseDIDDeleted, "deleted in YCM", "did_delete",
		},
		"a number is deleted, and the report is lost": {
			func(h *house) { h.unheard(); h.sim.DeleteDID([]int64{50030}); h.sweep() },
			fleet.CauseDIDDeleted, "deleted in YCM", "does not exist in YCM any more",
		},
		"a trunk is deleted, and the report comes": {
			func(h *house) { h.sim.DeleteTrunk([]int64{int64(peer)}); h.settled() },
			fleet.CauseTrunkDeleted, "trunk was deleted", "trunk_delete",
		},
		"a trunk is deleted, and the report is lost": {
			func(h *house) { h.unheard(); h.sim.DeleteTrunk([]int64{int64(peer)}); h.sweep() },
			fleet.CauseTrunkDeleted, "trunk was deleted", "on a trunk that YCM does not know any more",
		},
		"Yeastar takes back what we wrote": {
			func(h *house) {
				h.unheard()
				before := h.sim.Bindings(int64(acmeHQ))
				p := h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50035)}})
				if p, err := h.confirm(p); err != nil || p.Status != plan.Applied {
					h.t.Fatal(p.Status, err)
				}
				h.sim.Rebind(int64(acmeHQ), before)
				h.sweep()
			},
			fleet.CauseLostWrite, "came out otherwise", "exactly as it was before a plan of ours",
		},
		"a number is deleted and another one is bound, and no report comes": {
			func(h *house) {
				h.unheard()
				h.sim.DeleteDID([]int64{50030})
				h.sim.Rebind(int64(acmeHQ), append(h.sim.Bindings(int64(acmeHQ)), at(london, 50035)))
				h.sweep()
			},
			fleet.CauseUnknown, "Why is not known", "More than one thing happened",
		},
		"a number vanishes, and what became of it can't be read": {
			func(h *house) {
				h.unheard()
				h.sim.Rebind(int64(acmeHQ), h.sim.Bindings(int64(acmeHQ))[1:])
				h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v1/did_management/usable", Times: -1}, yeastartest.Status(400, "oops"))
				h.sweep()
			},
			fleet.CauseUnknown, "Why is not known", "could not be read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			c.happens(h)
			d := h.drift(acmeHQ)
			var evidence []string
			for _, e := range d.Evidence {
				evidence = append(evidence, e.Sentence)
			}
			proof := strings.Join(evidence, "\n")
			if d.Cause != c.cause || !strings.Contains(d.Sentence, c.says) || !strings.Contains(proof, c.proof) {
				t.Errorf("%s, want %s\n%s\n%s", d.Cause, c.cause, d.Sentence, proof)
			}
			if s := h.state(acmeHQ); s.State != fleet.Drifted || s.Sentence != d.Sentence {
				t.Errorf("the PBX says %+v", s)
			}
			if want := h.cloud(acmeHQ); !d.After.Equal(want) {
				t.Errorf("the drift ends at %v, the cloud has %v", d.After, want)
			}
		})
	}
}

func TestAReportThatComesAfterTheReadExplainsTheDrift(t *testing.T) {
	h := build(t)
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Hold: true})
	h.sim.Rebind(int64(acmeHQ), h.sim.Bindings(int64(acmeHQ))[1:])
	h.sweep()
	if d := h.drift(acmeHQ); d.Cause != fleet.CauseMissedEvent {
		t.Fatalf("%+v", d)
	}
	h.sim.Release()
	h.settled()
	d := h.drift(acmeHQ)
	if d.Cause != fleet.CauseChangedOutside || !strings.Contains(d.Sentence, "as Yeastar reported") || !d.Since.Equal(d.Until) {
		t.Errorf("%s: %s", d.Cause, d.Sentence)
	}
	if last := d.Evidence[len(d.Evidence)-1].Sentence; !strings.Contains(last, "came late") {
		t.Errorf("%q", last)
	}
}

func TestAPlanThatYeastarAppliesAfterItWasGivenUpIsNotTakenForSomebodyElses(t *testing.T) {
	h := build(t)
	h.sim.SetApplyDelay(1500 * time.Millisecond)
	h.unheard()
	p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50031)}}))
	if p.Status != plan.Failed {
		t.Fatal(p.Status, err)
	}
	h.eventually("Yeastar applies it", func() bool { return h.cloud(acmeHQ).Equal(p.After) })
	h.sweep()
	if d := h.drift(acmeHQ); d.Cause != fleet.CauseLostWrite || d.Evidence[0].Plan != p.ID {
		t.Errorf("%s: %s %+v", d.Cause, d.Sentence, d.Evidence)
	}
}

func TestADriftEndsAdoptedRevertedOrResolvedAndSaysWhich(t *testing.T) {
	h := build(t)
	before := h.sim.Bindings(int64(acmeHQ))
	lose := func() fleet.Drift {
		h.sim.Rebind(int64(acmeHQ), before[1:])
		h.settled()
		return h.drift(acmeHQ)
	}
	ended := func(id fleet.DriftID) fleet.Drift {
		d, err := h.DB.Drift(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.DB.OpenDrift(t.Context(), acmeHQ); fleet.KindOf(err) != fleet.KindNotFound {
			t.Errorf("a drift is open still: %v", err)
		}
		if s := h.state(acmeHQ); s.State != fleet.InSync {
			t.Errorf("the PBX is %+v", s)
		}
		return d
	}

	d := lose()
	p := h.draft(change.Ask{PBX: acmeHQ, UndoTo: d.Base})
	if p, err := h.confirm(p); err != nil || p.Status != plan.Applied {
		t.Fatal(p.Status, err)
	}
	if d = ended(d.ID); d.State != fleet.DriftReverted || d.Plan != p.ID || d.ClosedAt.IsZero() {
		t.Errorf("after the plan: %+v", d)
	}
	d = lose()
	h.sim.Rebind(int64(acmeHQ), before)
	h.settled()
	if d = ended(d.ID); d.State != fleet.DriftResolved || d.Plan != "" {
		t.Errorf("after it was put back: %+v", d)
	}
	d = lose()
	if p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}})); err != nil {
		t.Fatal(p.Status, err)
	}
	if d = ended(d.ID); d.State != fleet.DriftResolved || d.Plan == "" {
		t.Errorf("after another plan: %+v", d)
	}
	page, err := h.DB.Drifts(t.Context(), fleet.DriftFilter{PBX: acmeHQ})
	if err != nil || page.Total != 3 || len(page.Items) != 3 || page.Items[0].ID != d.ID {
		t.Errorf("%+v %v", page, err)
	}
}

func TestAReportThatComesAfterAnAmbiguousReadNamesTheTrunks(t *testing.T) {
	h := build(t)
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Hold: true})
	h.sim.Rebind(int64(acmeHQ), append(h.sim.Bindings(int64(acmeHQ))[1:], at(peer, 50070)))
	h.sweep()
	if k := h.known(acmeHQ); k.Exact() || len(k.Unclear) != 1 {
		t.Fatalf("%+v", k)
	}
	h.sim.Release()
	h.settled()
	if k := h.known(acmeHQ); !k.Exact() || !k.Set.Equal(h.cloud(acmeHQ)) {
		t.Errorf("%+v", k)
	}
	if d := h.drift(acmeHQ); d.Cause != fleet.CauseChangedOutside || !d.After.Equal(h.cloud(acmeHQ)) {
		t.Errorf("%s: %s %+v", d.Cause, d.Sentence, d.After)
	}
	if _, err := h.Verify(t.Context(), audit.Head{}); err != nil {
		t.Error(err)
	}
}
