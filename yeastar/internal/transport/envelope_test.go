package transport

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"cordboard/yeastar"
)

func TestASuccessGivesDataRequestIdAndBothClocks(t *testing.T) {
	v := newVendor(t, answer(200, success))
	before := time.Now()
	a, err := v.client(t, nil).Do(background, read)
	must(t, err)
	if string(a.Data) != `{"ok":true}` || string(a.Body) != success || a.RequestID != "r-1" {
		t.Errorf("data %s, request %s", a.Data, a.RequestID)
	}
	if !a.VendorTime.Equal(time.Unix(1747100716, 0)) || a.VendorTime.Location() != time.UTC || a.At.Before(before) {
		t.Errorf("vendor %v, at %v", a.VendorTime, a.At)
	}
}

func TestASuccessMayLackDataTimeAndRequestId(t *testing.T) {
	for _, body := range []string{`{"status":"Success"}`, `{"status":"Success","data":null,"time":"soon","requestId":null}`, ` {"Status":"Success","time":null} `} {
		v := newVendor(t, answer(200, body))
		a, err := v.client(t, nil).Do(background, write)
		if err != nil || a.Data != nil || !a.VendorTime.IsZero() || a.RequestID != "" {
			t.Errorf("%s gave %+v, %v", body, a, err)
		}
	}
}

// TestEveryDocumentedCodeHasItsKindInBothFailureModes runs over the vendor's
// whole table, with HTTP 200 always and with a 4xx status.
func TestEveryDocumentedCodeHasItsKindInBothFailureModes(t *testing.T) {
	documented := []int{1000001, 1000002, 1000004, 1000005, 1000007, 1000008, 1000010, 1000011, 1000012, 1000013, 1000015,
		1000017, 1000018, 1000019, 1000024, 1000027, 1000028, 1000029, 1000030, 1000031, 1000033, 1000035, 1000036, 1000040,
		1000042, 1000043, 1000053, 1000055, 2000016, 2000024, 3000009, 3000014, 3000025, 3000028}
	kinds := map[int]yeastar.Kind{
		1000001: yeastar.KindUnavailable, 1000002: yeastar.KindCredentials, 1000004: yeastar.KindInvalid, 1000005: yeastar.KindNotFound,
		1000007: yeastar.KindConflict, 1000011: yeastar.KindCredentials, 1000012: yeastar.KindUnavailable, 1000030: yeastar.KindConflict,
		1000033: yeastar.KindCredentials, 1000035: yeastar.KindCredentials, 1000036: yeastar.KindCredentials, 1000040: yeastar.KindThrottled,
		1000042: yeastar.KindDenied, 1000043: yeastar.KindDenied, 3000009: yeastar.KindUnavailable,
	}
	unknownFate := map[int]bool{1000001: true, 1000012: true, 1000027: true, 1000030: true, 3000009: true}
	if len(codes) != len(documented) {
		t.Errorf("the table has %d codes, the vendor's %d", len(codes), len(documented))
	}
	for _, code := range documented {
		for _, status := range []int{200, statusOf(code)} {
			t.Run(fmt.Sprintf("%d in %d", code, status), func(t *testing.T) {
				v := newVendor(t, func(w http.ResponseWriter, _ *http.Request) { fail(w, status, code) })
				_, err := v.client(t, nil).Do(background, write)
				kind, sent := kinds[code], yeastar.SentAnswered
				if kind == 0 {
					kind = yeastar.KindRefused
				}
				if unknownFate[code] {
					sent = yeastar.SentUnknown
				}
				e := failed(t, err, kind, sent)
				if e.Code != code || e.Symbol == "" || e.HTTPStatus != status || e.RequestID != "r-failed" || e.Msg != "SYMBOL" {
					t.Errorf("error is %+v", e)
				}
				want := int64(1)
				if codes[code].reauth {
					want = 2 // the one replay
				}
				if v.calls.Load() != want {
					t.Errorf("a write arrived %d times", v.calls.Load())
				}
			})
		}
	}
}

// statusOf is the HTTP status that contract §8 row 2 assumes for a code.
func statusOf(code int) int {
	switch code {
	case 1000002, 1000011, 1000033, 1000035, 1000036:
		return 401
	case 1000040:
		return 429
	case 1000005:
		return 404
	default:
		return 400
	}
}

func TestErrorsAreReadInEverySpellingOfTheFamily(t *testing.T) {
	tests := []struct{ body, msg, detail string }{
		{`{"status":"Failed","errno":1000004,"errmsg":"bad"}`, "bad", ""},
		{`{"status":"Failed","errno":"1000004","errmsg":"bad"}`, "bad", ""},
		{`{"status":"Failed","errNo":1000004,"errMsg":"bad","detailMsg":"why"}`, "bad", "why"},
		{`{"Status":"Failed","errcode":1000004,"errorMsg":"bad","detail":{"field":"trunkId"}}`, "bad", `{"field":"trunkId"}`},
		{`{"errCode":1000004,"message":"bad","errors":["a","b"]}`, "bad", `["a","b"]`},
		{`{"code":1000004,"detailMessage":"why","requestId":"x","result":"failure","status":400}`, "", "why"},
		{`{"status":"Failed","errorCode":1000004,"msg":"bad\u0000\n\n  indeed"}`, "bad indeed", ""},
		{`{"status":"Failed","errno":0,"code":1000004,"errmsg":null,"msg":17}`, "17", ""},
	}
	for _, tt := range tests {
		for _, status := range []int{200, 400} {
			v := newVendor(t, answer(status, tt.body))
			_, err := v.client(t, nil).Do(background, write)
			e := failed(t, err, yeastar.KindInvalid, yeastar.SentAnswered)
			if e.Code != 1000004 || e.Symbol != "INVALID_PARAMETER" || e.Msg != tt.msg || e.Detail != tt.detail {
				t.Errorf("%s gave %+v", tt.body, e)
			}
		}
	}
}

func TestOnlyTheVendorItselfCanSayNotFound(t *testing.T) {
	for body, kind := range map[string]yeastar.Kind{
		`{"status":"Failed","errno":1000005}`: yeastar.KindNotFound,
		`{"status":"Failed","requestId":"q"}`: yeastar.KindNotFound,
		`<html>404</html>`:                    yeastar.KindMalformed,
		``:                                    yeastar.KindMalformed,
		`{"status":404,"error":"Not Found"}`:  yeastar.KindMalformed,
		`{"status":"Success","data":{"cloudPbxId":7}}`: yeastar.KindMalformed,
	} {
		v := newVendor(t, answer(404, body))
		_, err := v.client(t, nil).Do(background, read)
		if yeastar.KindOf(err) != kind {
			t.Errorf("%q gave %v", body, err)
		}
	}
}

func TestTheVendorsClockIsFollowedFromTwoSecondsOn(t *testing.T) {
	for ahead, want := range map[time.Duration]time.Duration{0: 0, time.Hour: time.Hour, -time.Hour: -time.Hour} {
		v := newVendor(t, func(w http.ResponseWriter, _ *http.Request) {
			answer(200, fmt.Sprintf(`{"status":"Success","time":%d}`, time.Now().Add(ahead).Unix()))(w, nil)
		})
		c := v.client(t, nil)
		if c.ClockOffset() != 0 {
			t.Error("an offset before the first answer")
		}
		_, err := c.Do(background, read)
		must(t, err)
		if got := c.ClockOffset(); (got-want).Abs() > 5*time.Second || want == 0 && got != 0 {
			t.Errorf("the vendor is %v ahead, the offset is %v", ahead, got)
		}
	}
}

func TestRequestsCarryTheHeadersThatTheVendorDemands(t *testing.T) {
	var got *http.Request
	v := newVendor(t, func(w http.ResponseWriter, r *http.Request) { got = r.Clone(r.Context()); answer(200, success)(w, r) })
	c := v.client(t, nil)
	for _, call := range []Call{read, write} {
		_, err := c.Do(background, call)
		must(t, err)
		want := map[string]string{"User-Agent": "Cordboard/test", "Authorization": "Bearer " + v.current, "Accept": "application/json", "Content-Type": ""}
		if call.Body != nil {
			want["Content-Type"] = "application/json"
		}
		for name, value := range want {
			if got.Header.Get(name) != value {
				t.Errorf("%s: %s is %q, want %q", call.Method, name, got.Header.Get(name), value)
			}
		}
	}
}
