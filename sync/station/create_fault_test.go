package station_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

var (
	theCreation = yeastartest.Match{Method: "POST", PathPrefix: creations, PathSuffix: "/instances"}
	theStart    = yeastartest.Match{Method: "PUT", PathSuffix: "/start"}
	theMail     = yeastartest.Match{Method: "POST", PathSuffix: "/activation_email"}
)

func always(m yeastartest.Match) yeastartest.Match {
	m.Times = -1
	return m
}

// gone is a time-out of our own client, whose patience with a write is 1.5 s.
const gone = 1900 * time.Millisecond

func TestACreationWhoseAnswerIsLostIsFoundByItsURLAndNeverSentTwice(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]yeastartest.Fault{
		"timeout":                        yeastartest.DelayAfterCommit(gone),
		"closed":                         yeastartest.CloseAfterCommit(),
		"cut off":                        yeastartest.CutOff(),
		"half an answer":                 yeastartest.Truncated(),
		"503":                            yeastartest.Status(503, "").AfterCommit(),
		"server error":                   yeastartest.VendorCode(1000001).AfterCommit(),
		"a web page":                     yeastartest.HTML().AfterCommit(),
		"refused, and done all the same": yeastartest.VendorCode(1000007).AfterCommit(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := agency(t)
			h.sim.Fail(theCreation, fault)
			j := h.ends(h.create(seed001()), job.Done)
			if p, ok := h.made(); !ok || p.ID != int64(j.PBX) || p.Status != yeastartest.StatusRunning || h.sentCreations() != 1 {
				t.Errorf("%+v, %d creations\n%s", p, h.sentCreations(), steps(j))
			}
			wantActs(t, h, audit.PBXCreate, "intended succeeded")
		})
	}
}

func TestACreationThatNeverArrivedIsSentAgainOnlyByAPersonsWord(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]yeastartest.Fault{
		"timeout": yeastartest.Delay(gone), "closed": yeastartest.CloseBeforeCommit(), "503": yeastartest.Status(503, ""), "database": yeastartest.VendorCode(1000012),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := agency(t)
			if name == "timeout" { // the call comes through after all, but without a valid address
				h.sim.Fail(theCreation, yeastartest.Status(503, ""))
			} else {
				h.sim.Fail(theCreation, fault)
			}
			j := h.ends(h.create(seed001()), job.NeedsAttention)
			if !strings.Contains(j.Sentence, "most likely none was made") || h.sentCreations() != 1 || stateOf(t, j, "Create the PBX") != job.StepAttention {
				t.Errorf("%d creations: %s", h.sentCreations(), j.Sentence)
			}
			j = h.ends(h.resume(j), job.Done)
			if p, ok := h.made(); !ok || int64(j.PBX) != p.ID || h.sentCreations() != 2 {
				t.Errorf("%v, %d creations", p, h.sentCreations())
			}
			wantActs(t, h, audit.PBXCreate, "intended unknown succeeded")
		})
	}
}

func TestACreationThatComesThroughWhileWeLookIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h := agencyWith(t, func(c *station.Config) {
		swift(c)
		c.Patience.Settle = patient // the vendor takes its time
	})
	h.sim.Fail(theCreation, yeastartest.Delay(gone)) // our client gives up first; the vendor makes the PBX later
	j := h.ends(h.create(seed001()), job.Done)
	if p, ok := h.made(); !ok || int64(j.PBX) != p.ID || h.sentCreations() != 1 {
		t.Errorf("%v, %d creations", p, h.sentCreations())
	}
}

func TestACreationThatComesThroughBeforeThePersonDecidesIsAdopted(t *testing.T) {
	t.Parallel()
	h := agency(t)
	h.sim.Fail(theCreation, yeastartest.CloseBeforeCommit())
	j := h.ends(h.create(seed001()), job.NeedsAttention)
	id := h.sim.AddPBX(yeastartest.PBX{URL: "Cloud.r4.pbx.example", Name: seed001().Spec.Name, Status: yeastartest.StatusStopped})
	if j = h.ends(h.resume(j), job.Done); int64(j.PBX) != id || h.sentCreations() != 1 {
		t.Errorf("PBX %d, want %d; %d creations", j.PBX, id, h.sentCreations())
	}
}

func TestAFateThatCantBeReadWaitsForAPersonAndNothingIsSentBefore(t *testing.T) {
	t.Parallel()
	h := agency(t)
	h.sim.Fail(theCreation, yeastartest.CloseAfterCommit())
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: byURL, Nth: 3, Times: -1}, yeastartest.Status(503, "")) // free at the form and before the call
	j := h.ends(h.create(seed001()), job.NeedsAttention)
	if !strings.Contains(j.Sentence, "not known whether") {
		t.Errorf("%s", j.Sentence)
	}
	j = h.ends(h.resume(j), job.NeedsAttention)
	h.sim.ClearFaults()
	j = h.ends(h.resume(j), job.Done)
	if p, ok := h.made(); !ok || int64(j.PBX) != p.ID || h.sentCreations() != 1 {
		t.Errorf("%v, %d creations", p, h.sentCreations())
	}
	wantActs(t, h, audit.PBXCreate, "intended unknown unknown succeeded")
}

func TestAStrangerAtTheURLIsNeverTakenForOurs(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]yeastartest.PBX{
		"another name": {Name: "Somebody's"},
		"too old":      {Name: seed001().Spec.Name, CreatedAt: time.Now().Add(-time.Hour)},
	} {
		for how, fault := range map[string]yeastartest.Fault{"lost": yeastartest.CloseBeforeCommit(), "taken": yeastartest.VendorCode(1000007)} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				h := agency(t, func(a *yeastartest.Assumptions) {})
				h.sim.Fail(theCreation, fault)
				h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: byURL, Nth: 3, Times: 2}, yeastartest.Delay(200*time.Millisecond))
				j := h.create(seed001())
				h.eventually("the creation is sent", func() bool { return h.sentCreations() == 1 })
				p := p
				p.URL = "cloud.r4.pbx.example"
				id := fleet.PBXID(h.sim.AddPBX(p))
				j = h.ends(j, job.Failed)
				if j.PBX != 0 || !strings.Contains(j.Sentence, id.String()) {
					t.Errorf("PBX %d: %s", j.PBX, j.Sentence)
				}
				wantActs(t, h, audit.PBXCreate, "intended refused")
			})
		}
	}
}

func TestWhatTheVendorRefusesEndsTheJobInItsWords(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]yeastartest.Fault{
		"invalid": yeastartest.VendorCode(1000004), "denied": yeastartest.VendorCode(1000043), "new": yeastartest.SuccessWithFailed(4711), "taken elsewhere": yeastartest.VendorCode(1000007),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := agency(t)
			h.sim.Fail(theCreation, fault)
			j := h.ends(h.create(seed001()), job.Failed)
			if !strings.Contains(j.Sentence, "No PBX was made") || !strings.Contains(j.Sentence, "Yeastar said: ") || h.sentCreations() != 1 {
				t.Errorf("%s", j.Sentence)
			}
			wantActs(t, h, audit.PBXCreate, "intended refused")
			if again := h.ends(h.create(seed001()), job.Done); again.ID == j.ID {
				t.Error("a job that failed is taken for the new attempt")
			}
		})
	}
}

func TestACapacityThatWentMeanwhileIsRefusedByTheVendorAndTold(t *testing.T) {
	t.Parallel()
	h := agency(t)
	if _, err := h.Choices.Choices(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	h.sim.SetSubscription(yeastartest.Subscription{Extensions: 10, ConcurrentCalls: 100})
	j := h.ends(h.create(seed001()), job.Failed)
	if !strings.Contains(j.Sentence, "Yeastar said: INVALID_PARAMETER, code 1000004") {
		t.Errorf("%s", j.Sentence)
	}
	h.Choices.Spent()
	_, err := h.Life.Create(t.Context(), ana, seed001())
	wantKind(t, err, fleet.KindInvalid)
}

func TestAThrottledCreationWaitsAndGoesOn(t *testing.T) {
	t.Parallel()
	h := agency(t)
	m := theCreation
	m.Times = 3
	h.sim.Fail(m, yeastartest.Throttle())
	j := h.ends(h.create(seed001()), job.Done)
	if _, ok := h.made(); !ok || h.sentCreations() != 4 {
		t.Errorf("%d creations\n%s", h.sentCreations(), steps(j))
	}
	h = agency(t)
	h.sim.Fail(always(theCreation), yeastartest.Throttle())
	j = h.ends(h.create(seed001()), job.NeedsAttention)
	if !strings.Contains(j.Sentence, "Nothing was sent") {
		t.Errorf("%s", j.Sentence)
	}
	h.sim.ClearFaults()
	h.ends(h.resume(j), job.Done)
}

func TestASerialNumberThatIsLateIsWaitedFor(t *testing.T) {
	t.Parallel()
	h := agency(t, func(a *yeastartest.Assumptions) { a.LateSerial = true })
	j := h.ends(h.create(seed001()), job.NeedsAttention)
	if !strings.Contains(j.Sentence, "no serial number") || stateOf(t, j, "Get its serial number") != job.StepAttention || j.PBX == 0 {
		t.Errorf("%s", j.Sentence)
	}
	if row, err := h.DB.PBX(t.Context(), j.PBX); err != nil || row.Serial != "" || row.Name != seed001().Spec.Name {
		t.Errorf("it is not in the fleet: %+v, %v", row, err)
	}
	h.sim.GiveSerial(int64(j.PBX))
	h.ends(h.resume(j), job.Done)
	h.settled()
	if counts, err := h.DB.DeliveryCounts(t.Context()); err != nil || counts[fleet.DeliveryParked] != 0 {
		t.Errorf("reports %v, %v", counts, err)
	}
}

func TestASerialNumberThatComesWhileItIsWaitedForNeedsNobody(t *testing.T) {
	t.Parallel()
	h := agencyWith(t, func(c *station.Config) {
		swift(c)
		c.Patience.Serial = patient
	}, func(a *yeastartest.Assumptions) { a.LateSerial = true })
	j := h.create(whole())
	h.eventually("it waits for the serial number", func() bool {
		now, err := h.DB.Job(t.Context(), j.ID)
		return err == nil && stateOf(t, now, "Get its serial number") == job.StepRunning && now.PBX != 0
	})
	p, _ := h.made()
	h.sim.GiveSerial(p.ID)
	if j = h.ends(j, job.Done); !strings.Contains(j.Sentence, "serial number is") || h.sentCreations() != 1 {
		t.Errorf("%d creations: %s", h.sentCreations(), j.Sentence)
	}
}

func TestAStartThatIsRefusedLeavesThePBXAndSaysSo(t *testing.T) {
	t.Parallel()
	h := agency(t)
	h.sim.Fail(always(theStart), yeastartest.VendorCode(3000028))
	j := h.ends(h.create(whole()), job.Failed)
	if p, ok := h.made(); !ok || p.Status != yeastartest.StatusStopped || !strings.Contains(j.Sentence, "refused to start") || !strings.Contains(j.Sentence, j.PBX.String()) {
		t.Errorf("%s", j.Sentence)
	}
	if len(h.sim.Mails()) != 0 || stateOf(t, j, "Bind its first numbers") != job.StepSkipped {
		t.Errorf("%s", steps(j))
	}
	wantActs(t, h, audit.PBXStart, "intended refused")
	_, err := h.Life.Create(t.Context(), ana, whole())
	wantKind(t, err, fleet.KindInvalid) // the URL is taken: by the PBX that waits for its start
}

func TestAStartWhoseAnswerIsLostIsSettledByTheStatus(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]yeastartest.Fault{
		"done": yeastartest.CloseAfterCommit(), "not done": yeastartest.CloseBeforeCommit(), "refused, and done": yeastartest.VendorCode(1000004).AfterCommit(), "throttled": yeastartest.Throttle(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := agency(t)
			h.sim.Fail(theStart, fault)
			h.ends(h.create(seed001()), job.Done)
			if p, _ := h.made(); p.Status != yeastartest.StatusRunning {
				t.Errorf("%s", p.Status)
			}
		})
	}
}

func TestAPBXThatIsStuckWaitsForAPerson(t *testing.T) {
	t.Parallel()
	for _, state := range []string{yeastartest.StatusStarting, yeastartest.StatusProvisioning} {
		h := agency(t, func(a *yeastartest.Assumptions) { a.StuckIn = state })
		j := h.ends(h.create(seed001()), job.NeedsAttention)
		if !strings.Contains(j.Sentence, state) || stateOf(t, j, "Wait until it runs") != job.StepAttention {
			t.Errorf("%s", j.Sentence)
		}
		h.sim.SetStatus(int64(j.PBX), yeastartest.StatusRunning)
		h.ends(h.resume(j), job.Done)
		if h.sim.CountRequests("PUT", theStart.PathSuffix) > 1 {
			t.Error("it was started twice")
		}
	}
	h := agency(t, func(a *yeastartest.Assumptions) { a.StuckIn = yeastartest.StatusStarting })
	j := h.create(seed001())
	h.eventually("it starts", func() bool { p, _ := h.made(); return p.Status == yeastartest.StatusStarting })
	p, _ := h.made()
	h.sim.SetStatus(p.ID, yeastartest.StatusStopped)
	h.sim.Assume(func(a *yeastartest.Assumptions) { a.StuckIn = "" })
	if j = h.ends(j, job.NeedsAttention); !strings.Contains(j.Sentence, "Stopped again") {
		t.Errorf("%s", j.Sentence)
	}
	h.ends(h.resume(j), job.Done)
}

func TestNumbersThatWereTakenMeanwhileLeaveThePBXRunning(t *testing.T) {
	t.Parallel()
	h := agency(t, func(a *yeastartest.Assumptions) { a.StuckIn = yeastartest.StatusStarting })
	j := h.create(whole())
	h.eventually("it starts", func() bool { p, _ := h.made(); return p.Status == yeastartest.StatusStarting })
	h.sim.Bind(int64(bakery), at(london, 50036))
	p, _ := h.made()
	h.sim.SetStatus(p.ID, yeastartest.StatusRunning)
	j = h.ends(j, job.Failed)
	if !strings.Contains(j.Sentence, "runs at") || !strings.Contains(j.Sentence, "can't be bound") || len(h.sim.Mails()) != 0 {
		t.Errorf("%s\n%s", j.Sentence, steps(j))
	}
	wantSet(t, "the bakery's", h.cloud(bakery), fleet.NewBindingSet(pair(london, 50040), pair(headed, 50060), pair(london, 50036)))
}

func TestABindingWhoseAnswerIsLostIsPlannedAnewAndARefusedOneIsTold(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]yeastartest.Fault{"done": yeastartest.CloseAfterCommit(), "not done": yeastartest.CloseBeforeCommit(), "refused": yeastartest.VendorCode(1000004)} {
		h := agencyWith(t, func(c *station.Config) {
			swift(c)
			c.Patience.Settle = 5 * time.Second
		})
		h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, fault)
		want, bound := job.Done, 2
		if name == "refused" {
			want, bound = job.Failed, 0
		}
		j := h.ends(h.create(whole()), want)
		if h.cloud(j.PBX).Len() != bound {
			t.Errorf("%s: %v", name, h.cloud(j.PBX).Pairs())
		}
	}
}

func TestAMailWhoseAnswerIsLostGoesOutAgainOnlyByAPersonsWord(t *testing.T) {
	t.Parallel()
	h := agency(t)
	h.sim.Fail(theMail, yeastartest.CloseAfterCommit())
	j := h.ends(h.create(whole()), job.NeedsAttention)
	if len(h.sim.Mails()) != 1 || !strings.Contains(j.Sentence, "not known whether the activation mail") {
		t.Errorf("%s", j.Sentence)
	}
	h.ends(h.resume(j), job.Done)
	if len(h.sim.Mails()) != 2 {
		t.Errorf("mails %v", h.sim.Mails())
	}
	h = agency(t)
	h.sim.Fail(theMail, yeastartest.VendorCode(1000029))
	if j = h.ends(h.create(whole()), job.Failed); !strings.Contains(j.Sentence, "SEND_EMAIL_FAILED") && !strings.Contains(j.Sentence, "1000029") {
		t.Errorf("%s", j.Sentence)
	}
	h = agency(t)
	h.sim.AddTemplate(yeastartest.Template{ID: 9})
	ask := whole()
	ask.Spec.ViaTemplate, ask.Spec.Template = fleet.On, 9
	j = h.ends(h.create(ask), job.Done)
	if len(h.sim.Mails()) != 0 || stateOf(t, j, "Send the activation mail") != job.StepSkipped {
		t.Errorf("%s", steps(j))
	}
}
