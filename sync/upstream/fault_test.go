package upstream_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/upstream"
	"cordboard/yeastar/yeastartest"
)

// faults are the ways in which a call can go wrong, and what each means in our words: for a read,
// for a write, and whether the write came through all the same.
var faults = map[string]struct {
	fault       yeastartest.Fault
	read, write fleet.Kind
	applied     bool
}{
	"server error":           {fault: yeastartest.VendorCode(1000001), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"database error":         {fault: yeastartest.VendorCode(1000012), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"relay error":            {fault: yeastartest.VendorCode(3000009), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"lost lock":              {fault: yeastartest.VendorCode(1000030), read: fleet.KindRefused, write: fleet.KindUnknown},
	"invalid parameter":      {fault: yeastartest.VendorCode(1000004), read: fleet.KindRefused, write: fleet.KindRefused},
	"exists already":         {fault: yeastartest.VendorCode(1000007), read: fleet.KindRefused, write: fleet.KindRefused},
	"a code of the future":   {fault: yeastartest.VendorCode(4711), read: fleet.KindRefused, write: fleet.KindRefused},
	"access denied":          {fault: yeastartest.VendorCode(1000042), read: fleet.KindDenied, write: fleet.KindRefused},
	"permission denied":      {fault: yeastartest.VendorCode(1000043), read: fleet.KindDenied, write: fleet.KindRefused},
	"throttled":              {fault: yeastartest.Throttle(), read: fleet.KindUnavailable, write: fleet.KindRefused},
	"200 with Failed":        {fault: yeastartest.SuccessWithFailed(1000004), read: fleet.KindRefused, write: fleet.KindRefused},
	"500":                    {fault: yeastartest.Status(500, "oops"), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"503":                    {fault: yeastartest.Status(503, ""), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"503 after it was done":  {fault: yeastartest.Status(503, "").AfterCommit(), read: fleet.KindUnavailable, write: fleet.KindUnknown, applied: true},
	"bare 404 of a gateway":  {fault: yeastartest.Status(404, "<html>Not Found</html>"), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"a web page":             {fault: yeastartest.HTML(), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"half an answer":         {fault: yeastartest.Truncated(), read: fleet.KindUnavailable, write: fleet.KindUnknown, applied: true},
	"cut off":                {fault: yeastartest.CutOff(), read: fleet.KindUnavailable, write: fleet.KindUnknown, applied: true},
	"a huge answer":          {fault: yeastartest.Huge(9 << 20), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"closed before":          {fault: yeastartest.CloseBeforeCommit(), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"closed after":           {fault: yeastartest.CloseAfterCommit(), read: fleet.KindUnavailable, write: fleet.KindUnknown, applied: true},
	"too slow, and not done": {fault: yeastartest.Delay(time.Minute), read: fleet.KindUnavailable, write: fleet.KindUnknown},
	"too slow, and done":     {fault: yeastartest.DelayAfterCommit(time.Minute), read: fleet.KindUnavailable, write: fleet.KindUnknown, applied: true},
	"tokens never good":      {fault: yeastartest.TokenExpired(), read: fleet.KindDenied, write: fleet.KindRefused},
}

func TestEveryFaultOfAReadIsAnErrorOfItsKindAndNeverAnEmptyReading(t *testing.T) {
	for name, tt := range faults {
		for _, part := range []string{"/cloud_pbx/instances/4808", "/did_management/4808/did", "/shared_trunk/pbx/used"} {
			t.Run(name+part, func(t *testing.T) {
				t.Parallel()
				c, sim := cloud(t)
				if strings.HasPrefix(name, "too slow") {
					c = impatient(t, c, sim)
				}
				sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: part, Times: -1}, tt.fault)
				seen, err := c.Observe(t.Context(), acme)
				if fleet.KindOf(err) != tt.read {
					t.Fatalf("got %v, want kind %s", err, tt.read)
				}
				if len(seen.Copies) != 0 || seen.PBX.ID != 0 || !seen.At.IsZero() {
					t.Errorf("a failed read says %+v", seen)
				}
				presentable(t, err)
			})
		}
	}
}

func TestEveryFaultOfAWriteTellsWhatIsKnownOfItsFate(t *testing.T) {
	want := fleet.NewBindingSet(pair(london, 50030), pair(london, 50032))
	for name, tt := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, sim := cloud(t)
			if strings.HasPrefix(name, "too slow") {
				c = impatient(t, c, sim)
			}
			base := held(sim)
			sim.Fail(yeastartest.Match{Method: "PUT", Times: -1}, tt.fault)
			none := fleet.KnownHeaders()
			_, err := c.Replace(t.Context(), acme, want, &none)
			if fleet.KindOf(err) != tt.write {
				t.Fatalf("got %v, want kind %s", err, tt.write)
			}
			presentable(t, err)
			if strings.HasPrefix(name, "too slow, and not") {
				return // it may still come through
			}
			if got := held(sim); tt.applied && !got.Equal(want) || !tt.applied && !got.Equal(base) {
				t.Errorf("the cloud holds %v", got.Pairs())
			}
			if sent := sim.CountPUTs(int64(acme)); sent != 1 && name != "tokens never good" {
				t.Errorf("it was sent %d times", sent)
			}
		})
	}
}

// impatient is a client that gives up soon. Its first call may wait for a token as long as it takes.
func impatient(t *testing.T, patient *upstream.Cloud, sim *yeastartest.Server) *upstream.Cloud {
	t.Helper()
	for range 50 {
		c := connect(t, sim, 200*time.Millisecond)
		if _, err := c.ListPBXs(t.Context()); err == nil {
			return c
		}
	}
	t.Fatal("the machine is too slow for a client that gives up after 200 ms")
	return patient
}

// presentable checks that an error has a sentence for the person and nothing secret.
func presentable(t *testing.T, err error) {
	t.Helper()
	var e *fleet.Error
	if !errors.As(err, &e) || e.Op == "" || e.Err == nil || !strings.HasSuffix(e.Msg, ".") || strings.Contains(e.Msg, "..") {
		t.Errorf("not fit for a person: %#v", err)
		return
	}
	for _, secret := range []string{yeastartest.DefaultClientSecret, "hush-hush", "Bearer"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows %q: %v", secret, err)
		}
	}
}

func TestAMissingPBXIsToldFromAMissingPart(t *testing.T) {
	c, sim := cloud(t)
	if _, err := c.Observe(t.Context(), 1); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("a PBX that does not exist: %v", err)
	}
	for _, part := range []string{"/did_management/4808/did", "/shared_trunk/pbx/used"} {
		sim.ClearFaults()
		sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: part, Times: -1}, yeastartest.VendorCode(1000005))
		if _, err := c.Observe(t.Context(), acme); fleet.KindOf(err) != fleet.KindUnavailable {
			t.Errorf("%s: %v", part, err)
		}
	}
	sim.ClearFaults()
	sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/did_management", Times: -1}, yeastartest.VendorCode(1000005))
	if _, err := c.ListDIDs(t.Context()); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("no list of numbers: %v", err)
	}
}

func TestTheVendorsOwnWordsCodeAndRequestIdReachThePerson(t *testing.T) {
	c, sim := cloud(t)
	_, err := c.Replace(t.Context(), acme, fleet.NewBindingSet(pair(london, 50035)), nil)
	var e *fleet.Error
	if !errors.As(err, &e) || e.Kind != fleet.KindRefused || e.VendorCode != yeastartest.CodeInvalidParameter || e.VendorRequestID == "" {
		t.Fatalf("got %#v", err)
	}
	if want := "Yeastar said: INVALID_PARAMETER"; !strings.HasPrefix(e.Msg, want) || !strings.HasSuffix(e.Msg, ", code 1000004.") {
		t.Errorf("got %q", e.Msg)
	}
	if held(sim).Len() != 4 {
		t.Error("a refused write changed something")
	}
}

func TestARejectedSecretStopsTheClientAndSaysSo(t *testing.T) {
	c, sim := cloud(t)
	sim.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/oauth/token", Times: -1}, yeastartest.VendorCode(1000002))
	for range 3 {
		if _, err := c.Observe(t.Context(), acme); fleet.KindOf(err) != fleet.KindDenied {
			t.Fatalf("a read: %v", err)
		}
	}
	if n := sim.CountRequests("", "/dm/open_api/oauth/token"); n > 2 {
		t.Errorf("%d sign-ins were tried", n)
	}
	if since, why := c.Stopped(); c.Trouble() == "" || since.IsZero() || why == "" {
		t.Error("nobody is told")
	}
	if err := c.TryAgain(t.Context()); fleet.KindOf(err) != fleet.KindDenied {
		t.Errorf("one more attempt: %v", err)
	}
	if n := sim.CountRequests("", "/dm/open_api/oauth/token"); n != 3 || c.Trouble() == "" {
		t.Errorf("%d sign-ins after one more attempt", n)
	}
	_, err := c.Replace(t.Context(), acme, held(sim), nil)
	if fleet.KindOf(err) != fleet.KindUnavailable || strings.Contains(err.Error(), "can't be reached") {
		t.Errorf("a write that was not sent: %v", err)
	}
	if sim.CountPUTs(int64(acme)) != 0 {
		t.Error("it was sent")
	}
	sim.ClearFaults()
	if err := c.TryAgain(t.Context()); err != nil || c.Trouble() != "" {
		t.Errorf("once the secret is good: %v, %q", err, c.Trouble())
	}
}

func TestNothingAnswersAtTheAddress(t *testing.T) {
	c, sim := cloud(t)
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Observe(t.Context(), acme); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("a read: %v", err)
	}
	if _, err := c.Clear(t.Context(), acme, true); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("a write: %v", err)
	}
}
