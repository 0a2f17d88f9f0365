package pseries_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
)

// Whatever a PBX answers, the client gives a typed error or a whole result.
func FuzzAnswers(f *testing.F) {
	files, err := filepath.Glob("testdata/samples/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b), 200)
	}
	f.Add(`{"errcode":"10004"}`, 400)
	f.Add(`<html>`, 502)
	body, status := "", 200
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/get_token") || strings.HasSuffix(r.URL.Path, "/refresh_token") {
			_, _ = w.Write([]byte(`{"errcode":0,"access_token":"0123456789abcdef","access_token_expire_time":1800,"refresh_token":"fedcba9876543210"}`))
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, answer string, code int) {
		if code < 200 || code > 599 || code == 204 || code == 304 {
			return // not an answer with a body
		}
		body, status = answer, code
		c := directOf(t, pseries.Direct{BaseURL: s.URL, ClientID: "id", ClientSecret: yeastar.NewSecret("a-secret"), RatePerMinute: 600_000, RetryBase: time.Nanosecond}, nil)
		check := func(err error) {
			if e, ok := errors.AsType[*yeastar.Error](err); err != nil && (!ok || e.Kind == 0) {
				t.Errorf("%T: %v", err, err)
			}
		}
		rows, err := c.ListTrunks(background)
		check(err)
		for _, r := range rows {
			if r.ID <= 0 {
				t.Errorf("row %+v", r)
			}
		}
		trunk, err := c.Trunk(background, 11)
		check(err)
		if err == nil && trunk.ID != 11 {
			t.Errorf("trunk %+v", trunk)
		}
		_, err = c.UpdateTrunk(background, 11, pseries.PeerChange{Name: ptr("x")})
		check(err)
		_, err = c.System(background)
		check(err)
	})
}
