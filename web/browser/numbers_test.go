package browser

import (
	"net/url"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// past is a house whose one PBX was read three times: after the second hour one of its numbers was
// gone and another was there.
func past(t *testing.T) (h *webtest.House, at func(minutes int) string) {
	t.Helper()
	h = webtest.New(t, webtest.Config{Unconnected: true, HomeRegion: "GB"})
	began := time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Second)
	pbx := fleet.PBX{ID: 5000, Serial: "S5000", Name: "Kestrel Dental", Firmware: "84.22.0.134", Status: fleet.StatusRunning}
	numbers := map[fleet.DIDID]string{1: "+442079460001", 2: "+442079460002", 3: "+442079460003"}
	if err := h.DB.Remember(t.Context(), nil, []fleet.Trunk{{ID: 7, Name: "London"}}); err != nil {
		t.Fatal(err)
	}
	for hour, ids := range [][]fleet.DIDID{{1, 2}, {1, 2}, {1, 3}} {
		r := fleet.Reading{PBX: pbx, Known: fleet.Known{Certainty: fleet.CertaintyExact, At: began.Add(time.Duration(hour) * time.Hour)}}
		for _, id := range ids {
			r.DIDs = append(r.DIDs, fleet.DID{ID: id, Number: numbers[id], Trunks: []fleet.TrunkID{7}})
			r.Known.Set = r.Known.Set.With(fleet.Binding{Trunk: 7, DID: id})
		}
		if _, err := h.DB.KeepPBXs(t.Context(), []fleet.PBX{pbx}, r.Known.At); err != nil {
			t.Fatal(err)
		}
		if _, err := h.DB.Record(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return h, func(minutes int) string {
		return began.Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05")
	}
}

func TestThePersonWithAMouseFindsANumberGoesBackInTimeComparesAndTakesTheFile(t *testing.T) {
	t.Parallel()
	travel(t, desktop, false)
}

func TestThePersonWithAPhoneFindsANumberGoesBackInTimeComparesAndTakesTheFile(t *testing.T) {
	t.Parallel()
	travel(t, phone, false)
}

func TestThePersonWithoutScriptsFindsANumberGoesBackInTimeComparesAndTakesTheFile(t *testing.T) {
	t.Parallel()
	travel(t, desktop, true)
}

func travel(t *testing.T, on screen, scriptless bool) {
	h, at := past(t)
	p := open(t, h, on)
	if scriptless {
		p.scriptless()
	}
	p.visit("/numbers")
	p.typeSignIn(team.Viewer)
	for _, typed := range []string{"+44 20 7946 0001", "0044 (20) 7946-0001", "020 7946 0001"} {
		p.fill("#number", typed)
		p.click("main button", "Find")
		p.until("the answer to "+typed, `new URLSearchParams(location.search).get("number") === `+quote(typed)+` && find(".nums tr", "Kestrel Dental")?.innerText.includes("Bound")`)
	}
	p.fill("#number", "020 7946 0002")
	p.set("#at", at(30))
	p.click("main button", "Find")
	p.says("Was bound", "as of")
	p.click(".nums a", "Kestrel Dental")
	p.at("/pbx/5000/history")
	p.says("Bound on", "2 numbers", "+44 20 7946 0002")
	p.click("#moment a", "Later change")
	p.says("+44 20 7946 0003", "It is so now")
	p.until("the later change is shown", `location.search.includes("000001")`)
	p.set("#at", at(90))
	p.click("main button", "Look")
	p.says("A read found another list", "removed +44 20 7946 0002", "added +44 20 7946 0003")
	p.click("#moment a", "Compare with now")
	p.says("Comparison", "1 removed, 0 moved, 1 added, 1 the same", "is not certain")
	var file string
	p.eval(`fetch(find(".diff a", "CSV").href).then((answer) => answer.text())`, &file)
	if want := "change,number,did_id,trunk_before,trunk_after\nRemoved,+442079460002,2,London,\nAdded,+442079460003,3,,London\nSame,+442079460001,1,London,London\n"; file != want {
		t.Errorf("the file:\n%s", file)
	}
	if scriptless {
		return
	}
	p.visit("/pbx/5000/history")
	p.until("there is a slider", `document.querySelector(".scrub input[type=range]")`)
	p.eval(`(() => { const slider = document.querySelector(".scrub input[type=range]"); slider.focus(); slider.value = 100; slider.dispatchEvent(new Event("input", {bubbles: true})); })()`, nil)
	p.until("the page shows the moment of the slider", `document.querySelector("#moment").innerText.includes("+44 20 7946 0002") && new URLSearchParams(location.search).get("at") === document.querySelector("#at").value`)
	p.until("the slider keeps the focus", `document.activeElement.type === "range"`)
}

// set gives a date and time to a field: how they are typed depends on the browser's language.
func (p *tab) set(css, value string) {
	p.t.Helper()
	p.eval(`(() => { const el = document.querySelector(`+quote(css)+`); el.value = `+quote(value)+`; el.dispatchEvent(new Event("change", {bubbles: true})); })()`, nil)
}

func TestThePagesOfThePastAreAccessible(t *testing.T) {
	t.Parallel()
	h, at := past(t)
	p := signedIn(t, h, desktop, team.Viewer)
	ask := func(path string, pairs ...string) string {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return path + "?" + v.Encode()
	}
	for _, s := range []struct{ name, path, says string }{
		{"numbers of the past", ask("/numbers", "number", "79460002\n79460003\nReception\n123456", "at", at(90)), "Perhaps"},
		{"numbers between", ask("/numbers", "number", "7946", "from", at(0), "to", at(170)), "from"},
		{"numbers at no time", ask("/numbers", "number", "7946", "at", "2999-01-01"), "Choose a time in the past"},
		{"moment", ask("/pbx/5000/history", "at", at(30)), "Bound on"},
		{"moment in doubt", ask("/pbx/5000/history", "at", at(90)), "A read found another list"},
		{"moment before all", ask("/pbx/5000/history", "at", at(-9)), "Nothing is known from then"},
		{"moment at no time", ask("/pbx/5000/history", "at", "soon"), "A time looks like"},
		{"moments compared", ask("/pbx/5000/history", "from", at(30), "to", at(160)), "Comparison"},
	} {
		p.visit(s.path)
		p.says(s.says)
		p.inspect(s.name)
	}
}
