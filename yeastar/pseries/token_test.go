package pseries_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/yeastartest"
)

// shelf is a TokenStore in memory.
type shelf struct {
	mu   sync.Mutex
	kept map[string]yeastar.Secret
	err  error
}

func (s *shelf) LoadToken(_ context.Context, key string) (yeastar.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[key], s.err
}

func (s *shelf) SaveToken(_ context.Context, key string, pair yeastar.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string]yeastar.Secret{}
	}
	s.kept[key] = pair
	return s.err
}

// clock is a clock for the client and the PBX, set by hand.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}
func (c *clock) now() time.Time       { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

// timed gives a world and a client that share a clock.
func timed(t *testing.T, change func(*pseries.Direct)) (*world, *clock, *pseries.Client) {
	t.Helper()
	at := newClock()
	w := worldWith(t, yeastartest.Config{Now: at.now, Assumptions: yeastartest.Assumptions{NoRateLimit: true}})
	return w, at, w.direct(t, func(d *pseries.Direct) {
		d.Now = at.now
		if change != nil {
			change(d)
		}
	})
}

func read(t *testing.T, c *pseries.Client) {
	t.Helper()
	_, err := c.System(background)
	must(t, err)
}

func TestOneTokenServesAllCalls(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	c := w.direct(t, nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := c.System(background); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if live, issued, _ := w.PBXTokens(pbxID); live != 1 || issued != 1 {
		t.Errorf("%d tokens live, %d issued", live, issued)
	}
	for _, r := range w.Requests() {
		if r.UserAgent == "" || r.Header.Get("Authorization") != "" || r.Header.Get("Connection") != "close" {
			t.Errorf("%s %s: User-Agent %q, headers %v", r.Method, r.Path, r.UserAgent, r.Header)
		}
	}
}

func TestATokenIsRefreshedAMinuteBeforeItsEnd(t *testing.T) {
	w, at, c := timed(t, nil)
	read(t, c)
	at.pass(28*time.Minute + 59*time.Second)
	read(t, c)
	if n := w.count("refresh_token"); n != 0 {
		t.Fatalf("%d refreshes before the last minute", n)
	}
	at.pass(2 * time.Second)
	read(t, c)
	if n, m := w.count("refresh_token"), w.count("get_token"); n != 1 || m != 1 {
		t.Errorf("%d refreshes, %d get_token", n, m)
	}
	at.pass(25 * time.Hour) // the refresh token is over too: it is not tried
	read(t, c)
	if n, m := w.count("refresh_token"), w.count("get_token"); n != 1 || m != 2 {
		t.Errorf("%d refreshes, %d get_token", n, m)
	}
}

func TestARefusedTokenIsRenewedAndTheCallRepeatedOnce(t *testing.T) {
	for name, lose := range map[string]func(*world){
		"expired": func(w *world) { w.ExpirePBXTokens(pbxID) },
		"revoked": func(w *world) { w.RevokePBXTokens(pbxID) },
		"10004 in the middle": func(w *world) {
			w.Fail(yeastartest.Match{PathSuffix: "/trunk/update"}, yeastartest.PBXCode(10004))
		},
	} {
		for _, odd := range []bool{false, true} {
			w := newWorld(t, yeastartest.SIPAssumptions{BadRefreshFails: odd, RefreshKeepsOld: odd})
			c := w.direct(t, nil)
			read(t, c)
			lose(w)
			_, err := c.UpdateTrunk(background, w.peer, pseries.PeerChange{Name: ptr("renamed")})
			must(t, err)
			if got := w.trunk(w.peer).Name; got != "renamed" || len(w.bodies("trunk/update")) != 2 {
				t.Errorf("%s: %q after %d requests", name, got, len(w.bodies("trunk/update")))
			}
		}
	}
}

func TestATokenThatIsRefusedTwiceEndsTheCall(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	w.Fail(yeastartest.Match{PathSuffix: "/trunk/update", Times: -1}, yeastartest.PBXCode(10004))
	_, err := w.direct(t, nil).UpdateTrunk(background, w.peer, pseries.PeerChange{Name: ptr("renamed")})
	failed(t, err, yeastar.KindCredentials, yeastar.SentAnswered)
	if n := w.count("trunk/update"); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestOneCredentialFailureStopsTheClient(t *testing.T) {
	for code, prepare := range map[int]func(*world){
		-1: func(w *world) { w.SetPBXSecret(pbxID, "regenerated in the portal") },
		70004: func(w *world) {
			w.Fail(yeastartest.Match{PathSuffix: "/get_token", Times: -1}, yeastartest.PBXCode(70004))
		},
		70087: func(w *world) { w.SetPBXAllowList(pbxID, "192.0.2.1") },
		70123: func(w *world) { w.SetPBXAPI(pbxID, false) },
	} {
		w := newWorld(t, yeastartest.SIPAssumptions{})
		c := w.direct(t, nil)
		prepare(w)
		_, err := c.System(background)
		e, ok := errors.AsType[*yeastar.Error](err)
		if !ok || e.Code != code || e.Sent != yeastar.SentNo || !e.ByPBX {
			t.Errorf("%d: %v", code, err)
		}
		for range 5 {
			_, err = c.UpdateTrunk(background, w.peer, pseries.PeerChange{Name: ptr("renamed")})
			if e := failed(t, err, yeastar.KindStopped, yeastar.SentNo); e.Code != code || e.Symbol == "" {
				t.Errorf("%d: %v", code, err)
			}
		}
		if st := c.Status(); !st.Stopped || st.Code != code || st.Reason == "" {
			t.Errorf("%d: status %+v", code, st)
		}
		if n := w.count("get_token"); n != 1 {
			t.Errorf("%d: %d logins", code, n)
		}
	}
}

func TestAResumedClientTriesOnce(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	c := w.direct(t, nil)
	w.SetPBXAPI(pbxID, false)
	_, _ = c.System(background)
	c.Resume()
	_, err := c.System(background)
	if e, ok := errors.AsType[*yeastar.Error](err); !ok || e.Code != 70123 || e.Kind != yeastar.KindDenied {
		t.Fatal(err)
	}
	w.SetPBXAPI(pbxID, true)
	c.Resume()
	read(t, c)
	if st := c.Status(); st.Stopped || st.Code != 0 {
		t.Errorf("status %+v", st)
	}
}

func TestACallThatIsToldTheAddressIsForbiddenStopsToo(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	c := w.direct(t, nil)
	read(t, c)
	w.SetPBXAllowList(pbxID, "192.0.2.1")
	_, err := c.System(background)
	failed(t, err, yeastar.KindDenied, yeastar.SentAnswered)
	before := len(w.Requests())
	_, err = c.System(background)
	failed(t, err, yeastar.KindStopped, yeastar.SentNo)
	if after := len(w.Requests()); after != before {
		t.Errorf("%d requests of a stopped client", after-before)
	}
}

func TestAFullTokenTableIsWaitedOut(t *testing.T) {
	w, at, c := timed(t, nil)
	w.OccupyPBXTokens(pbxID, 8)
	_, err := c.System(background)
	if e := failed(t, err, yeastar.KindThrottled, yeastar.SentNo); e.Code != 60002 || e.RetryAfter != 5*time.Minute {
		t.Errorf("%+v", e)
	}
	at.pass(4 * time.Minute)
	_, err = c.System(background)
	if e := failed(t, err, yeastar.KindThrottled, yeastar.SentNo); e.RetryAfter != time.Minute {
		t.Errorf("%+v", e)
	}
	at.pass(2 * time.Minute)
	_, err = c.System(background)
	if e := failed(t, err, yeastar.KindThrottled, yeastar.SentNo); e.RetryAfter != 10*time.Minute || w.count("get_token") != 2 {
		t.Errorf("%+v after %d logins", e, w.count("get_token"))
	}
	at.pass(30 * time.Minute) // the others' tokens have ended
	read(t, c)
	if c.Status().Stopped {
		t.Error("the client stopped")
	}
}

func TestAValidTokenIsUsedWhileTheTableIsFull(t *testing.T) {
	w, at, c := timed(t, nil)
	read(t, c)
	at.pass(29*time.Minute + 30*time.Second)
	w.Fail(yeastartest.Match{PathSuffix: "/refresh_token", Times: -1}, yeastartest.PBXCode(60002))
	w.Fail(yeastartest.Match{PathSuffix: "/get_token", Times: -1}, yeastartest.PBXCode(60002))
	read(t, c)
	read(t, c)
	if n := w.count("refresh_token"); n != 1 {
		t.Errorf("%d refreshes", n)
	}
	at.pass(time.Minute)
	_, err := c.System(background)
	failed(t, err, yeastar.KindThrottled, yeastar.SentNo)
}

func TestARestartBurnsNoToken(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	kept := &shelf{}
	keep := func(d *pseries.Direct) { d.Tokens, d.Key = kept, "pbx-4808" }
	read(t, w.direct(t, keep))
	for range 3 {
		read(t, w.direct(t, keep))
	}
	if _, issued, _ := w.PBXTokens(pbxID); issued != 1 {
		t.Errorf("%d tokens issued", issued)
	}
	w.ExpirePBXTokens(pbxID)
	read(t, w.direct(t, keep))
	if n := w.count("refresh_token"); n != 1 {
		t.Errorf("%d refreshes after the kept token had ended", n)
	}
	// A pair is worth nothing with other credentials.
	_, err := w.direct(t, func(d *pseries.Direct) { keep(d); d.ClientID = "another" }).System(background)
	failed(t, err, yeastar.KindCredentials, yeastar.SentNo)
}

func TestAStoreThatFailsDoesNotStopCalls(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	read(t, w.direct(t, func(d *pseries.Direct) { d.Tokens = &shelf{err: errors.New("disk full")} }))
}

func TestCloseHandsTheTokenBack(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	kept := &shelf{}
	c := w.direct(t, func(d *pseries.Direct) { d.Tokens, d.Key = kept, "k" })
	must(t, w.direct(t, nil).Close(background)) // one that was never used sends nothing
	if n := len(w.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	read(t, c)
	must(t, c.Close(background))
	if live, _, _ := w.PBXTokens(pbxID); live != 0 || !kept.kept["k"].IsZero() {
		t.Errorf("%d tokens live", live)
	}
	_, err := c.System(background)
	failed(t, err, yeastar.KindStopped, yeastar.SentNo)
	must(t, c.Close(background))
	if n := w.count("del_token"); n != 1 {
		t.Errorf("%d del_token", n)
	}
}

func TestATokenThatCannotBeHandedBackStaysKept(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	kept := &shelf{}
	c := w.direct(t, func(d *pseries.Direct) { d.Tokens, d.Key = kept, "k" })
	read(t, c)
	w.Fail(yeastartest.Match{PathSuffix: "/del_token", Times: -1}, yeastartest.CloseBeforeCommit())
	if err := c.Close(background); err == nil || kept.kept["k"].IsZero() {
		t.Errorf("%v", err)
	}
}

func TestAtMostTwoCallsAreUnderWayAtOnce(t *testing.T) {
	for _, way := range []string{"direct", "relay"} {
		w := newWorld(t, yeastartest.SIPAssumptions{})
		var now, most atomic.Int64
		counting := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/system/") {
				n := now.Add(1)
				defer now.Add(-1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				time.Sleep(2 * time.Millisecond)
			}
			w.ServeHTTP(rw, r)
		}))
		t.Cleanup(counting.Close)
		c := w.relayAt(t, counting.URL)
		if way == "direct" {
			c = w.direct(t, func(d *pseries.Direct) { d.BaseURL = strings.Replace(d.BaseURL, w.URL(), counting.URL, 1) })
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, err := c.System(background); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := most.Load(); n > pseries.DefaultMaxInFlight {
			t.Errorf("%s: %d calls at once", way, n)
		}
	}
}
