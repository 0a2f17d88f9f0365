package browser

import (
	"net/http"
	"net/url"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// stood is a house whose trunks stand in different ways, each of them read, one deleted, and whose
// bakery has lost a number.
func stood(t *testing.T) *webtest.House {
	t.Helper()
	h := webtest.New(t, webtest.Config{Assumptions: yeastartest.Assumptions{GrantedStatusDenied: true}, Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		longNames(sim)
		sim.SetTrunkStatus(int64(webtest.BT), "E_REGISTER_FAILED_STATE", "REASON_AUTH")
		sim.SetTrunkStatus(6690, "E_REGISTER_ING_STATE", "")
		sim.AddTrunk(yeastartest.Trunk{ID: 7, Name: "Lent by the provider", Granted: true})
	}})
	h.Sim.DeleteTrunk([]int64{int64(webtest.Gamma)})
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Settled()
	h.Sweep()
	h.Eventually("every trunk was asked about", func() bool {
		rows, err := h.DB.Trunks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if !row.Deleted && row.Registration.AskedAt.IsZero() {
				return false
			}
		}
		return len(rows) == 5
	})
	return h
}

func TestTheDashboardLeadsToTheFilteredListAndATrunksNumberIsProtected(t *testing.T) {
	t.Parallel()
	for _, on := range []screen{desktop, phone} {
		h := stood(t)
		p := signedIn(t, h, on, team.Operator)
		p.says("Needs you", "Corner Bakery", "Numbers free")
		p.click(".bar a", "Drifted")
		p.until("the drifted PBXs are listed", `location.search === "?state=drifted" && find(".fleet a", "Corner Bakery") && !find(".fleet a", "Acme HQ")`)

		p.visit("/trunks")
		p.says("Registration failed", "No longer in YCM", "Not told")
		p.click(".trunks tr:first-child .bar a", "Free")
		p.at("/trunks/6682")
		p.says("BT Wholesale", "Free")
		p.click(".held .tog", "Protect +44 20 7945 0055")
		p.until("it is protected, on the same list", `location.search === "?use=free" && find(".held .tog.on", "0055")`)
		p.click(".states a", "Protected")
		p.until("it is the only one", `location.search === "?use=protected" && document.querySelectorAll(".held tbody tr").length === 1`)
		numbers, err := h.DB.Numbers(t.Context(), []fleet.DIDID{50055})
		if err != nil || !numbers[50055].Protected {
			t.Errorf("%v %v", numbers, err)
		}
		p.click(".held .tog", "Protected")
		p.says("No number is protected")
	}
}

func TestATrunkIsSearchedAsOneTypes(t *testing.T) {
	t.Parallel()
	h := stood(t)
	p := signedIn(t, h, desktop, team.Viewer)
	p.visit("/trunks/6681")
	p.marked()
	p.fill("#q", "0044 20 7945 0037")
	p.until("one number is left", `document.querySelectorAll(".held tbody tr").length === 1 && find(".held tr", "7945 0037")`)
	p.stillTheSame()
}

func TestAnOpenDashboardShowsDriftAndItsEndWithoutALoad(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, desktop, team.Operator)
	p.says("All 4 PBXs are in sync", "Nothing. No drift is open")
	p.marked()
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Sweep()
	p.says("1 PBX needs you", "Corner Bakery", "1 drift in 30 days")
	h.Sim.Bind(int64(webtest.Bakery), webtest.At(webtest.Colt, 50040))
	h.Sweep()
	p.says("All 4 PBXs are in sync")
	p.stillTheSame()
}

func TestTheTrunksAndTheDashboardAreAccessible(t *testing.T) {
	t.Parallel()
	h := stood(t)
	c := h.As(t, team.Operator)
	if a := c.Post("/numbers/50030/protection", url.Values{"protected": {"true"}, "next": {"/"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	p := signedIn(t, h, desktop, team.Operator)
	for _, s := range []struct{ name, path, says string }{
		{"dashboard", "/", "Numbers free"},
		{"trunks", "/trunks", "No longer in YCM"},
		{"trunk", "/trunks/6681", "Protected"},
		{"trunk with long names", "/trunks/6690", "Straits"},
		{"trunk free", "/trunks/6681?use=free", "Free"},
		{"trunk no match", "/trunks/6681?q=zebra", "No number matches"},
		{"trunk gone", "/trunks/6683", "no longer in YCM"},
		{"trunk PBXs", "/trunks/6681/pbxs", "Corner Bakery"},
		{"trunk gone PBXs", "/trunks/6683/pbxs", "none now"},
	} {
		p.visit(s.path)
		p.says(s.says)
		p.inspect(s.name)
	}
	h.Sim.SetClientSecret("another one")
	h.Sim.RevokeTokens()
	for range 3 {
		if _, err := h.Cloud.ListTrunks(t.Context()); err == nil {
			t.Fatal("the sign-in still works")
		}
	}
	p.visit("/trunks")
	p.says("Yeastar sign-in stopped", "Try to sign in again")
	p.inspect("sign-in stopped")
	refused := h.Sim.FailedLogins()
	p.click(".note button", "Try to sign in again")
	h.Eventually("the try is refused", func() bool { return h.Sim.FailedLogins() > refused })
	p.at("/trunks")
	p.says("Yeastar sign-in stopped")
	h.Sim.SetClientSecret(yeastartest.DefaultClientSecret)
	p.click(".note button", "Try to sign in again")
	p.until("the stop is gone", `!seen().includes("Yeastar sign-in stopped")`)
}
