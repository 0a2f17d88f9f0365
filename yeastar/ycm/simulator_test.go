package ycm_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

const (
	putPath = "/dm/open_api/v1/cloud_pbx/instances/4808/did"
	apiPath = "/dm/open_api/v1/"
)

// office is PBX 4808 with one number bound, and two more on the same trunk.
func office(s *yeastartest.Server) {
	s.AddTrunk(yeastartest.Trunk{ID: 6681, Name: "register-trunk", Password: "planted-sip-password"})
	s.AddPBX(yeastartest.PBX{ID: 4808, URL: "acme.example.com"})
	for _, id := range []int64{50001, 50036, 50044} {
		s.AddDID(yeastartest.DID{ID: id, Number: fmt.Sprintf("+49%d", id), Trunks: []int64{6681}})
	}
	s.Bind(4808, pairs(50001)...)
}

func pairs(dids ...int64) []yeastartest.Binding {
	out := make([]yeastartest.Binding, 0, len(dids))
	for _, d := range dids {
		out = append(out, yeastartest.Binding{Trunk: 6681, DID: d})
	}
	return out
}

var assign = ycm.DIDUpdate{Relations: []ycm.TrunkDIDRelation{{TrunkID: 6681, DIDIDs: []int64{50036, 50044}}}}

// modes are the ways in which the vendor may tell failures.
var modes = map[string]yeastartest.Assumptions{
	"4xx":                 {},
	"always 200":          {AlwaysOK: true},
	"codes as texts":      {Errors: yeastartest.ErrorString},
	"siblings' spellings": {Errors: yeastartest.ErrorDetail, AlwaysOK: true},
	"bare OAuth errors":   {OAuthErrors: true},
	"strict tokens":       {StrictTokens: true},
}

func TestBothExamplesOfSeed000DoInTheSimulatorWhatTheySay(t *testing.T) {
	s, c := simulator(t, yeastartest.Assumptions{})
	office(s)
	_, err := c.UpdateDIDBindings(background, 4808, assign)
	must(t, err)
	if got := s.Bindings(4808); !slices.Equal(got, pairs(50036, 50044)) {
		t.Errorf("bindings are %v", got)
	}
	ids, err := c.DIDsOfPBX(background, 4808)
	slices.Sort(ids)
	if err != nil || !slices.Equal(ids, []int64{50036, 50044}) {
		t.Errorf("read back %v, %v", ids, err)
	}
	if got, want := string(s.LastPUTBody(4808)), compact(t, sample(t, "put_did_assign")); got != want {
		t.Errorf("sent %s", got)
	}
	_, err = c.ClearDIDBindings(background, 4808, false)
	must(t, err)
	if got := s.Bindings(4808); len(got) != 0 {
		t.Errorf("bindings are %v after a clear", got)
	}
	if got, want := string(s.LastPUTBody(4808)), compact(t, sample(t, "put_did_clear")); got != want {
		t.Errorf("sent %s", got)
	}
}

func TestEveryRequestToTheSimulatorNamesUs(t *testing.T) {
	s, c := simulator(t, yeastartest.Assumptions{})
	office(s)
	_, err := c.ListPBXs(background)
	must(t, err)
	_, err = c.UpdateDIDBindings(background, 4808, assign)
	must(t, err)
	for _, r := range s.Requests() {
		if r.UserAgent != "Cordboard" {
			t.Errorf("%s %s came from %q", r.Method, r.Path, r.UserAgent)
		}
	}
}

func TestTokensLiveAndDieInEveryMode(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			s, c := simulator(t, mode)
			office(s)
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if _, err := c.PBX(background, 4808); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := s.TokensIssued(); n != 1 {
				t.Errorf("%d tokens for 50 calls at once", n)
			}
			s.ExpireTokens()
			_, err := c.UpdateDIDBindings(background, 4808, assign)
			must(t, err)
			s.RevokeTokens()
			_, err = c.PBX(background, 4808)
			must(t, err)
			if s.CountPUTs(4808) != 2 || s.FailedLogins() > 1 {
				t.Errorf("%d PUTs, %d failed logins", s.CountPUTs(4808), s.FailedLogins())
			}
		})
	}
}

func TestARegeneratedSecretStopsTheClientBeforeTheVendorBlocksUs(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			s, c := simulator(t, mode)
			office(s)
			_, err := c.PBX(background, 4808)
			must(t, err)
			s.SetClientSecret("regenerated-in-the-portal")
			s.RevokeTokens()
			for range 12 {
				if _, err := c.UpdateDIDBindings(background, 4808, assign); err == nil || yeastar.SentOf(err) == yeastar.SentUnknown {
					t.Fatalf("got %v", err)
				}
			}
			_, err = c.PBX(background, 4808)
			failed(t, err, yeastar.KindStopped, yeastar.SentNo)
			if n := s.FailedLogins(); n >= 5 {
				t.Errorf("%d failed logins", n)
			}
			if st := c.Status(); !st.Stopped || st.Failures != 2 || st.Reason == "" {
				t.Errorf("status %+v", st)
			}
			s.SetClientSecret(yeastartest.DefaultClientSecret)
			c.Resume()
			_, err = c.PBX(background, 4808)
			must(t, err)
		})
	}
}

func TestTheFateOfAPutIsRightWhateverBreaksIt(t *testing.T) {
	const slow, impatient = time.Second, 200 * time.Millisecond
	tests := []struct {
		name  string
		fault yeastartest.Fault
		sent  yeastar.Sent
		kind  yeastar.Kind
	}{
		{"closed before commit", yeastartest.CloseBeforeCommit(), yeastar.SentUnknown, yeastar.KindUnavailable},
		{"closed after commit", yeastartest.CloseAfterCommit(), yeastar.SentUnknown, yeastar.KindUnavailable},
		{"no answer in time", yeastartest.Delay(slow), yeastar.SentUnknown, yeastar.KindUnavailable},
		{"no answer in time after commit", yeastartest.DelayAfterCommit(slow), yeastar.SentUnknown, yeastar.KindUnavailable},
		{"503 before commit", yeastartest.Status(503, "busy"), yeastar.SentUnknown, yeastar.KindUnavailable},
		{"502 after commit", yeastartest.Status(502, "<html>").AfterCommit(), yeastar.SentUnknown, yeastar.KindUnavailable},
		{"SERVER_ERROR", yeastartest.SuccessWithFailed(1000001), yeastar.SentUnknown, yeastar.KindUnavailable},
		{"HTML", yeastartest.HTML(), yeastar.SentUnknown, yeastar.KindMalformed},
		{"truncated after commit", yeastartest.Truncated(), yeastar.SentUnknown, yeastar.KindMalformed},
		{"cut off after commit", yeastartest.CutOff(), yeastar.SentUnknown, yeastar.KindMalformed},
		{"huge", yeastartest.Huge(9 << 20), yeastar.SentUnknown, yeastar.KindMalformed},
		{"throttled", yeastartest.Throttle(), yeastar.SentAnswered, yeastar.KindThrottled},
		{"200 with Failed", yeastartest.SuccessWithFailed(1000004), yeastar.SentAnswered, yeastar.KindInvalid},
		{"not found", yeastartest.VendorCode(1000005), yeastar.SentAnswered, yeastar.KindNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := yeastartest.Start(t, yeastartest.Config{})
			office(s)
			c := clientOf(t, s.URL(), func(cfg *ycm.Config) {
				if strings.Contains(tt.name, "in time") {
					cfg.WriteTimeout = impatient
				}
			})
			_, err := c.PBX(background, 4808) // leaves an idle connection behind
			must(t, err)
			s.Fail(yeastartest.Match{Method: http.MethodPut, PathPrefix: putPath}, tt.fault)
			_, err = c.UpdateDIDBindings(background, 4808, assign)
			failed(t, err, tt.kind, tt.sent)
			if n := s.CountPUTs(4808); n != 1 {
				t.Errorf("the PUT arrived %d times", n)
			}
		})
	}
}

func TestAPutWithoutATokenNeverLeft(t *testing.T) {
	s, c := simulator(t, yeastartest.Assumptions{})
	office(s)
	s.Fail(yeastartest.Match{PathSuffix: "/oauth/token", Times: -1}, yeastartest.Status(503, "busy"))
	_, err := c.UpdateDIDBindings(background, 4808, assign)
	failed(t, err, yeastar.KindUnavailable, yeastar.SentNo)
	if s.CountPUTs(4808) != 0 {
		t.Error("a PUT arrived")
	}
}

func TestWhatTheSimulatorRefusesIsToldInEveryMode(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			s, c := simulator(t, mode)
			office(s)
			_, err := c.PBX(background, 9999)
			failed(t, err, yeastar.KindNotFound, yeastar.SentAnswered)
			_, err = c.PBXByURL(background, "nobody.example.com")
			failed(t, err, yeastar.KindNotFound, yeastar.SentAnswered)
			_, err = c.DID(background, 9999)
			failed(t, err, yeastar.KindNotFound, yeastar.SentAnswered)
			e := failed(t, func() error {
				_, err := c.UpdateDIDBindings(background, 4808, ycm.DIDUpdate{Relations: []ycm.TrunkDIDRelation{{TrunkID: 6681, DIDIDs: []int64{9999}}}})
				return err
			}(), yeastar.KindNotFound, yeastar.SentAnswered)
			if e.RequestID == "" || e.Code != 1000005 || e.Symbol != "DATA_NOT_FOUND" {
				t.Errorf("the error is %+v", e)
			}
			if got := s.Bindings(4808); !slices.Equal(got, pairs(50001)) {
				t.Errorf("bindings are %v", got)
			}
		})
	}
}

func TestAThrottledReadComesThroughAndAThrottledSweepSaysSo(t *testing.T) {
	s, c := simulator(t, yeastartest.Assumptions{RetryAfter: true})
	office(s)
	s.Fail(yeastartest.Match{PathPrefix: apiPath + "cloud_pbx", Times: 2}, yeastartest.Status(429, "slow down"))
	_, err := c.PBX(ycm.Background(background), 4808)
	must(t, err)
	s.Fail(yeastartest.Match{PathPrefix: apiPath + "cloud_pbx", Times: -1}, yeastartest.Status(429, "slow down"))
	_, err = c.PBX(ycm.Background(background), 4808)
	failed(t, err, yeastar.KindThrottled, yeastar.SentAnswered)
}

func TestThePBXByURLIsFoundInAnyCase(t *testing.T) {
	s, c := simulator(t, yeastartest.Assumptions{})
	office(s)
	p, err := c.PBXByURL(background, "acme.example.com")
	if err != nil || p.ID != 4808 {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestAgainstTheSimulatorNoErrorAndNoLogHoldsASecret(t *testing.T) {
	s := yeastartest.Start(t, yeastartest.Config{ClientSecret: "planted-client-secret"})
	office(s)
	var logged bytes.Buffer
	var mu sync.Mutex
	c := clientOf(t, s.URL(), func(cfg *ycm.Config) {
		cfg.ClientSecret = yeastar.NewSecret("planted-client-secret")
		cfg.Log = slog.New(slog.NewTextHandler(lockedWriter{&mu, &logged}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	var told []string
	for _, f := range []yeastartest.Fault{yeastartest.Truncated(), yeastartest.HTML(), yeastartest.CutOff(), yeastartest.Status(500, "x"), yeastartest.TokenExpired()} {
		s.ClearFaults()
		s.Fail(yeastartest.Match{PathPrefix: apiPath, Times: -1}, f)
		if _, err := c.SharedTrunk(background, 6681); err != nil {
			told = append(told, fmt.Sprintf("%v %+v", err, err))
		}
	}
	ctx, cancel := context.WithTimeout(background, time.Second)
	defer cancel()
	s.ClearFaults()
	c.Resume()
	trunk, err := c.SharedTrunk(ctx, 6681)
	must(t, err)
	told = append(told, fmt.Sprintf("%+v %+v", trunk, c.Status()), logged.String())
	if len(told) < 6 {
		t.Error("the faults did not show: this test proves nothing")
	}
	secrets := []string{"planted-client-secret", "planted-sip-password"}
	for _, r := range s.Requests() {
		if token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); token != "" {
			secrets = append(secrets, token)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(strings.Join(told, "\n"), secret) {
			t.Errorf("%s leaked:\n%s", secret, strings.Join(told, "\n"))
		}
	}
}

// lockedWriter makes a buffer safe for a logger of many goroutines.
type lockedWriter struct {
	mu *sync.Mutex
	w  *bytes.Buffer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
