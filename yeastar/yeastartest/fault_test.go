package yeastartest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const putPath = "/dm/open_api/v1/cloud_pbx/instances/4808/did"

func TestFaultsAnswerInPlaceOfTheCallOrAfterIt(t *testing.T) {
	for name, row := range map[string]struct {
		fault   Fault
		applied bool
		status  int
		body    string
	}{
		"status":              {Status(503, "down"), false, 503, "down"},
		"status after commit": {Status(502, "bad gateway").AfterCommit(), true, 502, "bad gateway"},
		"vendor code":         {VendorCode(CodeServerError), false, 400, `"errno":1000001,"errmsg":"SERVER_ERROR"`},
		"throttle":            {Throttle(), false, 429, `"errno":1000040`},
		"token expired":       {TokenExpired(), false, 401, `"errno":1000035`},
		"200 with Failed":     {SuccessWithFailed(CodeServerError), false, 200, `"status":"Failed"`},
		"200 Failed, applied": {SuccessWithFailed(CodeServerError).AfterCommit(), true, 200, `"status":"Failed"`},
		"html":                {HTML(), false, 200, "<!DOCTYPE html>"},
		"truncated":           {Truncated(), true, 200, `{"requestId":"`},
		"huge":                {Huge(1 << 20), false, 200, strings.Repeat("x", 1<<20)},
		"delay":               {Delay(time.Millisecond), true, 200, "Success"},
		"delay after commit":  {DelayAfterCommit(time.Millisecond), true, 200, "Success"},
	} {
		s, c := start(t, Config{})
		world(s)
		s.Fail(Match{Method: http.MethodPut, PathSuffix: "/did"}, row.fault)
		r := c.put("4808", putBoth)
		if r.status != row.status || !strings.Contains(string(r.body), row.body) {
			t.Errorf("%s: %d %.200s, want %d %.50s", name, r.status, r.body, row.status, row.body)
		}
		if applied := len(s.Bindings(4808)) == 2; applied != row.applied {
			t.Errorf("%s: applied %v, want %v", name, applied, row.applied)
		}
		if last := s.Requests()[len(s.Requests())-1]; last.Status != row.status {
			t.Errorf("%s: recorded status %d, want %d", name, last.Status, row.status)
		}
		expectOK(t, c.put("4808", putBoth)) // the fault is spent
	}
}

func TestATruncatedAnswerIsNotJSON(t *testing.T) {
	s, c := start(t, Config{})
	s.Fail(Match{PathPrefix: listPath}, Truncated())
	if got := c.get(listPath).object()["not JSON"]; got == nil {
		t.Error("the truncated answer is still JSON")
	}
}

func TestBrokenConnectionsLeaveTheChangeDoneOrNot(t *testing.T) {
	for name, row := range map[string]struct {
		fault   Fault
		applied bool
	}{
		"before": {CloseBeforeCommit(), false}, "after": {CloseAfterCommit(), true}, "mid-answer": {CutOff(), true},
	} {
		s, c := start(t, Config{})
		world(s)
		got := receiver(t, s)
		s.Fail(Match{PathPrefix: putPath}, row.fault)
		r, err := c.do(c.request(http.MethodPut, putPath, []byte(putBoth)))
		if err == nil {
			t.Errorf("%s: answer %d %s, want a broken connection", name, r.status, r.body)
		}
		if name == "mid-answer" && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("mid-answer: %v", err)
		}
		idle(t, s)
		if applied := len(s.Bindings(4808)) == 2; applied != row.applied || (len(got()) == 1) != row.applied {
			t.Errorf("%s: applied %v with %d reports, want %v", name, applied, len(got()), row.applied)
		}
		if string(s.LastPUTBody(4808)) != putBoth || s.CountPUTs(4808) != 1 {
			t.Errorf("%s: recorded %s, %d PUTs", name, s.LastPUTBody(4808), s.CountPUTs(4808))
		}
	}
}

func TestACallerWhoGivesUpDoesNotStopADelayedCall(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	got := receiver(t, s)
	s.Fail(Match{PathPrefix: putPath}, Delay(100*time.Millisecond))
	c.http.Timeout = 10 * time.Millisecond
	if _, err := c.do(c.request(http.MethodPut, putPath, []byte(putBoth))); err == nil {
		t.Fatal("the caller did not give up")
	}
	deadline := time.Now().Add(10 * time.Second)
	for len(got()) == 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	expectBindings(t, s, 4808, bind(6681, 50036, 50044)...)
}

func TestListPagesCanComeEmptyPartialOrShifted(t *testing.T) {
	s, c := start(t, Config{})
	for i := range 30 {
		s.AddPBX(PBX{ID: int64(100 + i)})
	}
	const query = listPath + "?sort=cloudPbxId&pageNumber=2"
	for name, row := range map[string]struct {
		fault      Fault
		rows       int
		first, end int64
	}{
		"empty": {EmptyPage(), 0, 0, 0}, "partial": {PartialPage(), 5, 110, 114},
		"later": {ShiftPage(3), 10, 113, 122}, "earlier": {ShiftPage(-20), 0, 0, 0}, "repeated": {ShiftPage(-4), 10, 106, 115},
	} {
		s.Fail(Match{PathPrefix: listPath}, row.fault)
		p := data[idPage](t, c.get(query))
		if p.Total != 30 || len(p.List) != row.rows {
			t.Errorf("%s: total %d, ids %v", name, p.Total, p.pbxIDs())
			continue
		}
		if ids := p.pbxIDs(); row.rows > 0 && (ids[0] != row.first || ids[len(ids)-1] != row.end) {
			t.Errorf("%s: ids %v, want %d to %d", name, ids, row.first, row.end)
		}
	}
	if p := data[idPage](t, c.get(query)); len(p.List) != 10 {
		t.Errorf("%d rows after the faults were spent", len(p.List))
	}
}

func TestAFaultPicksItsRequests(t *testing.T) {
	s, c := start(t, Config{})
	statuses := func(n int) (got []int) {
		for range n {
			got = append(got, c.get(listPath).status)
		}
		return got
	}
	expect := func(m Match, want ...int) {
		t.Helper()
		s.Fail(m, Status(503, ""))
		got := statuses(len(want))
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%+v: statuses %v, want %v", m, got, want)
				break
			}
		}
		s.ClearFaults()
	}
	expect(Match{}, 503, 200, 200)
	expect(Match{Nth: 2}, 200, 503, 200)
	expect(Match{Nth: 2, Times: 2}, 200, 503, 503, 200)
	expect(Match{Times: -1}, 503, 503, 503, 503)
	expect(Match{Method: http.MethodPut, Times: -1}, 200, 200)
	expect(Match{PathPrefix: "/dm/open_api/v1", Times: -1}, 200, 200)
	expect(Match{PathSuffix: "/did", Times: -1}, 200, 200)
	expect(Match{Method: http.MethodGet, PathPrefix: "/dm/", PathSuffix: "instances"}, 503, 200)

	s.Fail(Match{Nth: 1}, Status(501, ""))
	s.Fail(Match{Nth: 2}, Status(502, ""))
	if got := statuses(3); got[0] != 501 || got[1] != 502 || got[2] != 200 {
		t.Errorf("two faults gave %v", got)
	}
}

func TestAConnectionThatCannotBeBrokenSaysSo(t *testing.T) {
	s := New(Config{})
	s.Fail(Match{}, CloseBeforeCommit())
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, listPath, nil))
	if rec.Code != http.StatusBadGateway {
		t.Errorf("status %d", rec.Code)
	}
}

func TestRequestsAreRecordedBoundedAndSwitchable(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{NoRateLimit: true}})
	c.get(listPath + "?search=x")
	all := s.Requests()
	last := all[len(all)-1]
	if len(all) != 2 || last.Query != "search=x" || last.UserAgent != "yeastartest" || last.Status != 200 ||
		last.Header.Get("Authorization") != "Bearer "+c.token || all[0].Path != tokenPath {
		t.Errorf("requests %+v", all)
	}
	s.ResetRequests()
	for range recordSize + 10 {
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/first", nil))
	}
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/last", nil))
	all = s.Requests()
	if len(all) != recordSize || all[len(all)-1].Path != "/last" || all[0].Path != "/first" {
		t.Errorf("%d requests kept, the last %s", len(all), all[len(all)-1].Path)
	}
	if n := s.CountRequests("GET", "/fir"); n != recordSize+10 {
		t.Errorf("%d requests counted", n)
	}
	if s.CountRequests("", "/") != recordSize+11 || s.CountRequests("PUT", "/") != 0 {
		t.Error("counts by method are wrong")
	}
	s.Record(false)
	s.ResetRequests()
	c.get(listPath)
	if len(s.Requests()) != 0 || s.CountRequests("", "") != 0 || s.LastPUTBody(1) != nil {
		t.Error("a request was recorded although recording is off")
	}
	s.Record(true)
	c.get(listPath)
	if len(s.Requests()) != 1 {
		t.Error("no request was recorded although recording is on")
	}
}
