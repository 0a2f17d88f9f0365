package pseries_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/yeastartest"
)

// A write that fails tells what became of it, and leaves once.
func TestTheFateOfAWriteIsTold(t *testing.T) {
	cases := map[string]struct {
		fault   yeastartest.Fault
		kind    yeastar.Kind
		sent    yeastar.Sent
		happens bool
	}{
		"HTML":           {yeastartest.HTML(), yeastar.KindMalformed, yeastar.SentUnknown, false},
		"truncated":      {yeastartest.Truncated(), yeastar.KindMalformed, yeastar.SentUnknown, true},
		"cut off":        {yeastartest.CutOff(), yeastar.KindMalformed, yeastar.SentUnknown, true},
		"closed before":  {yeastartest.CloseBeforeCommit(), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		"closed after":   {yeastartest.CloseAfterCommit(), yeastar.KindUnavailable, yeastar.SentUnknown, true},
		"-2 after":       {yeastartest.PBXCode(-2).AfterCommit(), yeastar.KindUnavailable, yeastar.SentUnknown, true},
		"partial":        {yeastartest.PBXCode(1), yeastar.KindPartial, yeastar.SentUnknown, false},
		"processing":     {yeastartest.PBXCode(2).AfterCommit(), yeastar.KindProcessing, yeastar.SentUnknown, true},
		"a long task":    {yeastartest.PBXCode(70082), yeastar.KindThrottled, yeastar.SentAnswered, false},
		"no such call":   {yeastartest.PBXCode(10001), yeastar.KindRefused, yeastar.SentAnswered, false},
		"no permission":  {yeastartest.PBXCode(10009), yeastar.KindDenied, yeastar.SentAnswered, false},
		"an unknown no":  {yeastartest.PBXCode(71234), yeastar.KindRefused, yeastar.SentAnswered, false},
		"HTTP 429":       {yeastartest.Status(http.StatusTooManyRequests, "slow down"), yeastar.KindThrottled, yeastar.SentAnswered, false},
		"HTTP 502":       {yeastartest.Status(http.StatusBadGateway, "bad gateway").AfterCommit(), yeastar.KindUnavailable, yeastar.SentUnknown, true},
		"HTTP 404":       {yeastartest.Status(http.StatusNotFound, "nothing here"), yeastar.KindMalformed, yeastar.SentUnknown, false},
		"a redirect":     {yeastartest.Status(http.StatusFound, ""), yeastar.KindMalformed, yeastar.SentUnknown, false},
		"another shape":  {yeastartest.Status(http.StatusOK, `{"status":"Success"}`), yeastar.KindMalformed, yeastar.SentUnknown, false},
		"success in 500": {yeastartest.Status(http.StatusInternalServerError, `{"errcode":0}`), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		"success in 404": {yeastartest.Status(http.StatusNotFound, `{"errcode":0}`), yeastar.KindMalformed, yeastar.SentUnknown, false},
	}
	both(t, func(t *testing.T, w *world, c *pseries.Client) {
		read(t, c)
		for name, tc := range cases {
			was := w.trunk(w.peer).Name
			w.ResetRequests()
			w.Fail(yeastartest.Match{PathSuffix: "/trunk/update"}, tc.fault)
			_, err := c.UpdateTrunk(background, w.peer, pseries.PeerChange{Name: ptr("named-after-" + slugOf(name))})
			if yeastar.KindOf(err) != tc.kind || yeastar.SentOf(err) != tc.sent {
				t.Errorf("%s: %v", name, err)
			}
			if happened := w.trunk(w.peer).Name != was; happened != tc.happens {
				t.Errorf("%s: changed %v, want %v", name, happened, tc.happens)
			}
			if n := w.count("trunk/update"); n != 1 {
				t.Errorf("%s: sent %d times", name, n)
			}
			w.ClearFaults()
		}
	})
}

func slugOf(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c == ' ' {
			b[i] = '-'
		}
	}
	return string(b)
}

func TestASlowAnswerEndsWithTheCallersPatience(t *testing.T) {
	both(t, func(t *testing.T, w *world, c *pseries.Client) {
		read(t, c)
		w.Fail(yeastartest.Match{PathSuffix: "/trunk/update"}, yeastartest.DelayAfterCommit(time.Hour))
		ctx, cancel := context.WithCancel(background)
		go func() {
			for w.trunk(w.peer).Name != "slow" {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		_, err := c.UpdateTrunk(ctx, w.peer, pseries.PeerChange{Name: ptr("slow")})
		failed(t, err, yeastar.KindUnavailable, yeastar.SentUnknown)
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestAReadIsTriedAgain(t *testing.T) {
	for _, fault := range []yeastartest.Fault{yeastartest.CloseBeforeCommit(), yeastartest.PBXCode(-2), yeastartest.PBXCode(70082),
		yeastartest.Status(http.StatusServiceUnavailable, "later"), yeastartest.Status(http.StatusTooManyRequests, "slow down")} {
		both(t, func(t *testing.T, w *world, c *pseries.Client) {
			w.Fail(yeastartest.Match{PathSuffix: "/trunk/get", Times: 2}, fault)
			_, err := c.Trunk(background, w.peer)
			must(t, err)
		})
	}
}

func TestARefusalKeepsItsLists(t *testing.T) {
	both(t, func(t *testing.T, w *world, c *pseries.Client) {
		_, err := c.UpdateTrunk(background, w.peer, pseries.PeerChange{Name: ptr("carrier-a")})
		e := failed(t, err, yeastar.KindConflict, yeastar.SentAnswered)
		want := []yeastar.Duplicate{{Field: "name", Value: "carrier-a", Source: "trunk", SourceName: "carrier-a"}}
		if e.Code != 40003 || !e.ByPBX || !slices.Equal(e.Duplicates, want) {
			t.Errorf("%+v", e)
		}
		_, err = c.UpdateTrunk(background, w.peer, pseries.PeerChange{Name: ptr("with space"), Transport: ptr("carrier pigeon")})
		e = failed(t, err, yeastar.KindInvalid, yeastar.SentAnswered)
		if e.Code != 40002 || len(e.Params) != 2 || e.Params[0] != (yeastar.ParamFault{Field: "name", Value: "with space"}) {
			t.Errorf("%+v", e)
		}
		if got := w.trunk(w.peer).Name; got != "branch" {
			t.Errorf("the trunk is called %q", got)
		}
	})
	_, err := scripted(t, string(sample(t, "duplicate"))).UpdateTrunk(background, 12, pseries.PeerChange{Name: ptr("branch")})
	if e := failed(t, err, yeastar.KindConflict, yeastar.SentAnswered); e.Detail != "the name is taken" || len(e.Duplicates) != 1 {
		t.Errorf("%+v", e)
	}
	_, err = scripted(t, string(sample(t, "required"))).UpdateTrunk(background, 12, pseries.PeerChange{Name: ptr("branch")})
	if e := failed(t, err, yeastar.KindInvalid, yeastar.SentAnswered); e.Params[0] != (yeastar.ParamFault{Field: "id", Rule: "required"}) {
		t.Errorf("%+v", e)
	}
}

func TestRelayedErrorsNameTheRequest(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	_, err := w.relay(t).Trunk(background, 999)
	if e := failed(t, err, yeastar.KindNotFound, yeastar.SentAnswered); e.RequestID == "" || !e.ByPBX {
		t.Errorf("%+v", e)
	}
}

// What YCM itself refuses is told apart from what the PBX refuses.
func TestYCMThatDoesNotRelaySaysSo(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(*world)
		kind    yeastar.Kind
		code    int
	}{
		"API disabled": {func(w *world) { w.SetPBXAPI(pbxID, false) }, yeastar.KindDenied, yeastartest.CodePermissionDenied},
		"stopped":      {func(w *world) { w.SetStatus(pbxID, yeastartest.StatusStopped) }, yeastar.KindUnavailable, yeastartest.CodeRequestFailed},
		"gone":         {func(w *world) { w.DeletePBX(pbxID) }, yeastar.KindNotFound, yeastartest.CodeNotFound},
	} {
		w := newWorld(t, yeastartest.SIPAssumptions{})
		c := w.relay(t)
		tc.prepare(w)
		_, err := c.System(background)
		e, ok := errors.AsType[*yeastar.Error](err)
		if !ok || e.Kind != tc.kind || e.Code != tc.code || e.ByPBX {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A PBX that is too busy, or lost YCM's session, says nothing of YCM.
func TestAPBXsTroubleIsNotYCMs(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	c := w.relay(t)
	for _, code := range []int{10004, 70004, 70087, 70123} {
		w.Fail(yeastartest.Match{PathSuffix: "/system/information"}, yeastartest.PBXCode(code))
		_, err := c.System(background)
		if err == nil == (code != 10004) {
			t.Errorf("%d: %v", code, err)
		}
	}
	if n := w.TokensIssued(); n != 1 {
		t.Errorf("%d tokens of YCM", n)
	}
	read(t, c)
}

func TestASharedTrunkTakesItsThreeFieldsAlone(t *testing.T) {
	for rule, want := range map[yeastartest.SharedRule]yeastar.Kind{
		yeastartest.SharedInvalid: yeastar.KindInvalid, yeastartest.SharedDenied: yeastar.KindDenied, yeastartest.SharedIgnored: 0,
	} {
		w := newWorld(t, yeastartest.SIPAssumptions{Shared: rule})
		c := w.direct(t, nil)
		_, err := c.UpdateTrunk(background, w.shared, pseries.SharedChange{DefOutboundCID: ptr("4930200")})
		must(t, err)
		_, err = c.UpdateTrunk(background, w.shared, pseries.RegisterChange{Hostname: ptr("sip.new.test")})
		if yeastar.KindOf(err) != want {
			t.Errorf("rule %d: %v", rule, err)
		}
		if got := w.trunk(w.shared); got.CID != "4930200" || got.Hostname != "sip.carrier.test" {
			t.Errorf("rule %d: %+v", rule, got)
		}
	}
}

func TestASaveThatEndsBadlyShowsInTheState(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{Settle: time.Hour})
	w.SetSIPProvider("sip.carrier.test", yeastartest.SIPProvider{Accounts: map[string]string{"700": "planted-sip-password"}})
	c := w.direct(t, nil)
	state := func(want pseries.State) {
		t.Helper()
		rows, err := c.ListTrunks(background)
		must(t, err)
		if got := *rows[1].State; got != want {
			t.Errorf("state %d, want %d", got, want)
		}
	}
	save := func(change pseries.RegisterChange) {
		t.Helper()
		_, err := c.UpdateTrunk(background, w.register, change)
		must(t, err)
	}
	state(pseries.StateIdle)
	save(pseries.RegisterChange{Password: ptr(yeastar.NewSecret("mistyped"))})
	state(pseries.StateRegistering)
	w.Assume(func(a *yeastartest.Assumptions) { a.SIP.Settle = time.Nanosecond })
	save(pseries.RegisterChange{Password: ptr(yeastar.NewSecret("mistyped"))})
	state(pseries.StateAuthRejected)
	save(pseries.RegisterChange{Hostname: ptr("sip.nowhere.invalid")})
	state(pseries.StateRegFailed)
	save(pseries.RegisterChange{Enable: ptr(false)})
	state(pseries.StateDisabled)
}
