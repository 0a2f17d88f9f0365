package transport

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"cordboard/yeastar"
)

func TestReadsAreTriedAgainAndWritesNever(t *testing.T) {
	troubles := map[string]http.HandlerFunc{
		"HTTP 503":            answer(503, "<html>busy</html>"),
		"HTTP 429":            answer(429, ""),
		"RATE_LIMIT_EXCEEDED": func(w http.ResponseWriter, _ *http.Request) { fail(w, 200, 1000040) },
		"SERVER_ERROR":        func(w http.ResponseWriter, _ *http.Request) { fail(w, 200, 1000001) },
		"DATABASE_ERROR":      func(w http.ResponseWriter, _ *http.Request) { fail(w, 400, 1000012) },
		"API_REQUEST_FAILED":  func(w http.ResponseWriter, _ *http.Request) { fail(w, 400, 3000009) },
		"a closed connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a truncated answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			_, _ = w.Write([]byte(success))
		},
	}
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			var v *vendor
			v = newVendor(t, func(w http.ResponseWriter, r *http.Request) {
				if v.calls.Load() <= 2 {
					trouble(w, r)
					return
				}
				answer(200, success)(w, r)
			})
			c := v.client(t, nil)
			_, err := c.Do(background, read)
			must(t, err)
			if v.calls.Load() != 3 {
				t.Errorf("the read arrived %d times", v.calls.Load())
			}
			for _, method := range []string{http.MethodPut, http.MethodPost, http.MethodDelete} {
				v.calls.Store(0)
				call := write
				call.Method = method
				if _, err := c.Do(background, call); err == nil {
					t.Error("the trouble did not show")
				}
				if v.calls.Load() != 1 {
					t.Errorf("%s arrived %d times", method, v.calls.Load())
				}
			}
		})
	}
}

func TestAReadIsTriedFourTimesAtMost(t *testing.T) {
	v := newVendor(t, answer(502, ""))
	_, err := v.client(t, nil).Do(background, read)
	failed(t, err, yeastar.KindUnavailable, yeastar.SentUnknown)
	if v.calls.Load() != maxTries {
		t.Errorf("it arrived %d times", v.calls.Load())
	}
}

func TestADefiniteNoIsNotTriedAgain(t *testing.T) {
	for _, code := range []int{1000004, 1000005, 1000042, 4242} {
		v := newVendor(t, func(w http.ResponseWriter, _ *http.Request) { fail(w, 200, code) })
		if _, err := v.client(t, nil).Do(background, read); err == nil || v.calls.Load() != 1 {
			t.Errorf("%d: %v after %d calls", code, err, v.calls.Load())
		}
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	var v *vendor
	v = newVendor(t, func(w http.ResponseWriter, r *http.Request) {
		if v.calls.Load() == 1 {
			w.Header().Set("Retry-After", "1")
			fail(w, 429, 1000040)
			return
		}
		answer(200, success)(w, r)
	})
	// The base wait is beyond every bound: only Retry-After lets the call succeed.
	c := v.client(t, func(cfg *Config) { cfg.RetryBase = time.Hour })
	began := time.Now()
	_, err := c.Do(background, read)
	must(t, err)
	if time.Since(began) < time.Second {
		t.Error("it came back before it was asked to")
	}
}

func TestARetryAfterBeyondTheBoundGivesUpAtOnceAndTellsIt(t *testing.T) {
	for _, value := range []string{"3600", time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat)} {
		v := newVendor(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value)
			fail(w, 429, 1000040)
		})
		_, err := v.client(t, nil).Do(background, read)
		e := failed(t, err, yeastar.KindThrottled, yeastar.SentAnswered)
		if e.RetryAfter < 59*time.Minute || v.calls.Load() != 1 {
			t.Errorf("%s: retry after %v, %d calls", value, e.RetryAfter, v.calls.Load())
		}
	}
}

func TestCancellingEndsTheWaitBetweenTries(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	v := newVendor(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503); cancel() })
	_, err := v.client(t, func(cfg *Config) { cfg.RetryBase = 20 * time.Second }).Do(ctx, read)
	if yeastar.KindOf(err) != yeastar.KindUnavailable || !errors.Is(err, context.Canceled) || v.calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, v.calls.Load())
	}
}

func TestStrangeRetryAfterValuesAreNoWait(t *testing.T) {
	now := time.Now()
	for _, value := range []string{"", "soon", "-5", "1.5", now.Add(-time.Hour).UTC().Format(http.TimeFormat)} {
		if d := retryAfter(http.Header{"Retry-After": {value}}, now); d != 0 {
			t.Errorf("%q gave %v", value, d)
		}
	}
	if d := retryAfter(http.Header{"Retry-After": {"99999999999"}}, now); d != 24*time.Hour {
		t.Errorf("a wait of centuries gave %v", d)
	}
}
