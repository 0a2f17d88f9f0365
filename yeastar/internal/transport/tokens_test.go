package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"cordboard/yeastar"
)

// together runs n calls at once and gives their errors.
func together(n int, call func() error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = call() })
	}
	wg.Wait()
	return errs
}

func TestFiftyCallsAtOnceMintOneToken(t *testing.T) {
	v := newVendor(t, answer(200, success))
	c := v.client(t, nil)
	for _, err := range together(50, func() error { _, err := c.Do(background, read); return err }) {
		must(t, err)
	}
	if v.mints.Load() != 1 || v.refreshes.Load() != 0 || v.calls.Load() != 50 {
		t.Errorf("%d mints, %d refreshes, %d calls", v.mints.Load(), v.refreshes.Load(), v.calls.Load())
	}
	form := v.forms[0]
	want := url.Values{"grant_type": {"client_credentials"}, "client_id": {"id-1"}, "client_secret": {plantedSecret}}
	if form.Encode() != want.Encode() {
		t.Errorf("the form is %v", form)
	}
}

func TestATokenIsRefreshedAheadOfItsEndWithTheLatestRefreshToken(t *testing.T) {
	v := newVendor(t, answer(200, success))
	c := v.client(t, nil)
	clock := time.Now()
	c.now = func() time.Time { return clock }
	for range 3 {
		_, err := c.Do(background, read)
		must(t, err)
		clock = clock.Add(1800*time.Second - time.Minute) // not expired yet, but soon
	}
	if v.mints.Load() != 1 || v.refreshes.Load() != 2 {
		t.Fatalf("%d mints, %d refreshes", v.mints.Load(), v.refreshes.Load())
	}
	for i, form := range v.forms[1:] {
		want := fmt.Sprintf("grant_type=refresh_token&refresh_token=%s-%d", plantedRefresh, i+1)
		if form.Encode() != want {
			t.Errorf("refresh %d sent %s, want %s", i+1, form.Encode(), want)
		}
	}
}

func TestARefusedRefreshFallsBackToTheCredentials(t *testing.T) {
	v := newVendor(t, answer(200, success))
	c := v.client(t, nil)
	clock := time.Now()
	c.now = func() time.Time { return clock }
	_, err := c.Do(background, read)
	must(t, err)
	v.mu.Lock()
	v.latest = "rotated elsewhere"
	v.mu.Unlock()
	clock = clock.Add(time.Hour)
	_, err = c.Do(background, read)
	must(t, err)
	if v.mints.Load() != 2 || v.refreshes.Load() != 1 || c.Status().Failures != 0 {
		t.Errorf("%d mints, %d refreshes, status %+v", v.mints.Load(), v.refreshes.Load(), c.Status())
	}
}

func TestAnUnreachableTokenEndpointDoesNotSpoilATokenThatIsStillGood(t *testing.T) {
	v := newVendor(t, answer(200, success))
	c := v.client(t, nil)
	clock := time.Now()
	c.now = func() time.Time { return clock }
	_, err := c.Do(background, read)
	must(t, err)
	v.mu.Lock()
	v.token = func(w http.ResponseWriter, _ url.Values) { w.WriteHeader(503) }
	v.mu.Unlock()
	clock = clock.Add(1800*time.Second - time.Minute)
	_, err = c.Do(background, read)
	must(t, err)
	clock = clock.Add(2 * time.Minute)
	_, err = c.Do(background, write)
	failed(t, err, yeastar.KindUnavailable, yeastar.SentNo)
	if v.mints.Load() != 1 || c.Status().Failures != 0 {
		t.Errorf("%d mints, status %+v: trouble at the vendor is no authentication failure", v.mints.Load(), c.Status())
	}
}

func TestARejectedTokenIsRenewedAndTheCallReplayedOnce(t *testing.T) {
	for _, call := range []Call{read, write} {
		for _, status := range []int{200, 401, 400} {
			for _, code := range []int{1000035, 1000036, 1000011, 1000002, 0} {
				if code == 0 && status != 401 {
					continue // a bare Failed says nothing about tokens
				}
				t.Run(fmt.Sprintf("%s %d %d", call.Method, status, code), func(t *testing.T) {
					var v *vendor
					v = newVendor(t, func(w http.ResponseWriter, r *http.Request) {
						if v.calls.Load() == 2 { // the first after the warm-up
							fail(w, status, code)
							return
						}
						answer(200, success)(w, r)
					})
					c := v.client(t, nil)
					_, err := c.Do(background, read)
					must(t, err)
					_, err = c.Do(background, call)
					must(t, err)
					if v.calls.Load() != 3 || v.mints.Load() != 1 || v.refreshes.Load() != 1 || c.Status().Failures != 0 {
						t.Errorf("%d calls, %d mints, %d refreshes, %+v", v.calls.Load(), v.mints.Load(), v.refreshes.Load(), c.Status())
					}
				})
			}
		}
	}
}

func TestFiftyCallsWithOneDeadTokenRenewItOnce(t *testing.T) {
	var v *vendor
	v = newVendor(t, func(w http.ResponseWriter, r *http.Request) {
		if !v.holds(r) {
			fail(w, 401, 1000035)
			return
		}
		answer(200, success)(w, r)
	})
	c := v.client(t, nil)
	_, err := c.Do(background, read)
	must(t, err)
	v.mu.Lock()
	v.current = "minted elsewhere"
	v.mu.Unlock()
	for _, err := range together(50, func() error { _, err := c.Do(background, read); return err }) {
		must(t, err)
	}
	if v.mints.Load()+v.refreshes.Load() != 2 {
		t.Errorf("%d mints, %d refreshes", v.mints.Load(), v.refreshes.Load())
	}
}

// refuse makes the token endpoint refuse in one of the shapes that may come.
var refusals = map[string]func(w http.ResponseWriter, _ url.Values){
	"4xx with the code":  func(w http.ResponseWriter, _ url.Values) { fail(w, 401, 1000033) },
	"200 with Failed":    func(w http.ResponseWriter, _ url.Values) { fail(w, 200, 1000002) },
	"200 with no code":   func(w http.ResponseWriter, _ url.Values) { fail(w, 200, 0) },
	"bare OAuth error":   func(w http.ResponseWriter, _ url.Values) { answer(401, `{"error":"invalid_client"}`)(w, nil) },
	"OAuth error in 200": func(w http.ResponseWriter, _ url.Values) { answer(200, `{"error":"invalid_client"}`)(w, nil) },
	"OAuth error in 400": func(w http.ResponseWriter, _ url.Values) { answer(400, `{"error":"unauthorized_client"}`)(w, nil) },
	"401 without a body": func(w http.ResponseWriter, _ url.Values) { w.WriteHeader(401) },
	"the code as a text": func(w http.ResponseWriter, _ url.Values) {
		answer(400, `{"status":"Failed","errcode":"1000033"}`)(w, nil)
	},
	"invalid parameter":   func(w http.ResponseWriter, _ url.Values) { fail(w, 400, 1000004) },
	"siblings' spellings": func(w http.ResponseWriter, _ url.Values) { answer(401, `{"code":1000002,"detailMessage":"x"}`)(w, nil) },
}

func TestTwoRefusedLoginsInARowStopTheClientUntilResumed(t *testing.T) {
	for name, refuse := range refusals {
		t.Run(name, func(t *testing.T) {
			v := newVendor(t, answer(200, success))
			v.token = refuse
			c := v.client(t, nil)
			for i := range 2 {
				_, err := c.Do(background, write)
				failed(t, err, yeastar.KindCredentials, yeastar.SentNo)
				if s := c.Status(); s.Failures != i+1 || s.Stopped != (i == 1) || s.Reason == "" {
					t.Errorf("after %d failures the status is %+v", i+1, s)
				}
			}
			for _, call := range []Call{read, write} {
				_, err := c.Do(background, call)
				failed(t, err, yeastar.KindStopped, yeastar.SentNo)
			}
			if v.mints.Load() != 2 || v.calls.Load() != 0 || c.Status().Since.IsZero() {
				t.Errorf("%d logins, %d calls, %+v", v.mints.Load(), v.calls.Load(), c.Status())
			}
			c.Resume()
			_, err := c.Do(background, write)
			failed(t, err, yeastar.KindCredentials, yeastar.SentNo)
			if v.mints.Load() != 3 || !c.Status().Stopped {
				t.Errorf("one attempt after a stop: %d logins, %+v", v.mints.Load(), c.Status())
			}
			v.mu.Lock()
			v.token = nil
			v.mu.Unlock()
			c.Resume()
			_, err = c.Do(background, write)
			must(t, err)
			if s := c.Status(); s != (Status{}) {
				t.Errorf("resumed, the status is %+v", s)
			}
		})
	}
}

func TestManyCallsWithBadCredentialsLogInTwiceAtMost(t *testing.T) {
	v := newVendor(t, answer(200, success))
	v.token = refusals["4xx with the code"]
	c := v.client(t, nil)
	for range 4 {
		for _, err := range together(50, func() error { _, err := c.Do(background, read); return err }) {
			if k := yeastar.KindOf(err); k != yeastar.KindCredentials && k != yeastar.KindStopped {
				t.Fatal(err)
			}
		}
	}
	if v.mints.Load() > 2 {
		t.Errorf("%d logins: the fifth would block our address", v.mints.Load())
	}
}

func TestFreshTokensThatAreRejectedCountAsFailuresToo(t *testing.T) {
	v := newVendor(t, func(w http.ResponseWriter, _ *http.Request) { fail(w, 401, 1000036) })
	c := v.client(t, nil)
	for _, err := range together(20, func() error { _, err := c.Do(background, write); return err }) {
		if k := yeastar.KindOf(err); k != yeastar.KindCredentials && k != yeastar.KindStopped {
			t.Fatal(err)
		}
	}
	_, _ = c.Do(background, write)
	before := v.mints.Load() + v.refreshes.Load() + v.calls.Load()
	_, err := c.Do(background, read)
	failed(t, err, yeastar.KindStopped, yeastar.SentNo)
	if after := v.mints.Load() + v.refreshes.Load() + v.calls.Load(); after != before {
		t.Errorf("a stopped client sent %d requests", after-before)
	}
}

func TestOneFailureBetweenSuccessesNeverStops(t *testing.T) {
	v := newVendor(t, answer(200, success))
	c := v.client(t, nil)
	for range 4 {
		v.mu.Lock()
		v.token = refusals["4xx with the code"]
		v.mu.Unlock()
		_, err := c.Do(background, read)
		failed(t, err, yeastar.KindCredentials, yeastar.SentNo)
		v.mu.Lock()
		v.token = nil
		v.mu.Unlock()
		_, err = c.Do(background, read)
		must(t, err)
		c.tokens.mu.Lock()
		c.tokens.current.token, c.tokens.refresh = "", ""
		c.tokens.mu.Unlock()
	}
}

func TestACallerWhoGivesUpDoesNotEndTheRenewalForTheOthers(t *testing.T) {
	v := newVendor(t, answer(200, success))
	asked, goOn := make(chan struct{}), make(chan struct{})
	v.token = func(w http.ResponseWriter, _ url.Values) {
		close(asked)
		<-goOn
		v.grant(w)
	}
	c := v.client(t, nil)
	impatient, giveUp := context.WithCancel(background)
	gaveUp, patient := make(chan error, 1), make(chan error, 1)
	go func() { _, err := c.Do(impatient, write); gaveUp <- err }()
	<-asked
	go func() { _, err := c.Do(background, write); patient <- err }()
	giveUp()
	failed(t, <-gaveUp, yeastar.KindUnavailable, yeastar.SentNo)
	close(goOn)
	must(t, <-patient)
	if v.mints.Load() != 1 {
		t.Errorf("%d mints", v.mints.Load())
	}
}

func TestATokenAnswerThatIsNoTokenIsMalformedAndNoLoginFailure(t *testing.T) {
	for name, body := range map[string]string{"HTML": "<html>portal</html>", "no token": `{"expires_in":1800}`, "empty": ""} {
		v := newVendor(t, answer(200, success))
		v.token = func(w http.ResponseWriter, _ url.Values) { answer(200, body)(w, nil) }
		c := v.client(t, nil)
		_, err := c.Do(background, write)
		failed(t, err, yeastar.KindMalformed, yeastar.SentNo)
		if c.Status().Failures != 0 {
			t.Errorf("%s counted as a failed login", name)
		}
	}
}
