package web_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// past is a house whose PBX 5000 has a history of three hours: a report, a read that agreed an hour
// later, one that found another number another hour later, and at last a report in which an id means
// another number.
func past(t *testing.T) (h *webtest.House, at func(minutes int) string) {
	t.Helper()
	h = webtest.New(t, webtest.Config{Unconnected: true, HomeRegion: "GB"})
	began := time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Second)
	pbx := fleet.PBX{ID: 5000, Serial: "S5000", Name: "Kestrel Dental", Firmware: "84.22.0.134", Status: fleet.StatusRunning}
	if _, err := h.DB.KeepPBXs(t.Context(), []fleet.PBX{pbx, {ID: 5001, Serial: "S5001", Name: "Corner Shop"}}, began); err != nil {
		t.Fatal(err)
	}
	report := func(minutes int, numbers map[int]string) {
		t.Helper()
		var list []string
		for id, number := range numbers {
			list = append(list, fmt.Sprintf(`{"did":"%s","didId":"%d","trunkId":"7","trunkName":"London"}`, number, id))
		}
		body := fmt.Sprintf(`[{"event":"did_change","sn":"S5000","updateTime":%d,"trunkDidInfoList":[%s]}]`, began.Add(time.Duration(minutes)*time.Minute).UnixMilli(), strings.Join(list, ","))
		vendor{t, h, webtest.WebhookSecret}.wants(200, "a report", vendor{t, h, webtest.WebhookSecret}.post([]byte(body)))
		h.Settled()
	}
	read := func(minutes int, dids ...fleet.DID) {
		t.Helper()
		var pairs []fleet.Binding
		for _, d := range dids {
			pairs = append(pairs, fleet.Binding{Trunk: 7, DID: d.ID})
		}
		known := fleet.Known{Certainty: fleet.CertaintyExact, Set: fleet.NewBindingSet(pairs...), At: began.Add(time.Duration(minutes) * time.Minute)}
		if _, err := h.DB.Record(t.Context(), fleet.Reading{PBX: pbx, Known: known, DIDs: dids}); err != nil {
			t.Fatal(err)
		}
	}
	one, two, three := fleet.DID{ID: 1, Number: "+442079460001"}, fleet.DID{ID: 2, Number: "+442079460002"}, fleet.DID{ID: 3, Number: "+442079460003"}
	report(0, map[int]string{1: one.Number, 2: two.Number})
	read(60, one, two)
	read(120, one, three)
	report(150, map[int]string{1: one.Number, 2: "+442079460099", 3: three.Number})
	return h, func(minutes int) string {
		return began.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339)
	}
}

func TestWhatIsNotCertainIsToldAsSuch(t *testing.T) {
	h, at := past(t)
	c := h.As(t, team.Viewer)
	ask := func(number string, minutes int) webtest.Page {
		return c.Get("/numbers?" + url.Values{"number": {number}, "at": {at(minutes)}}.Encode()).Parse(t)
	}
	says(t, ask("020 7946 0002", 30), http.StatusOK, "Was bound", "Kestrel Dental", "or earlier", "London")
	says(t, ask("020 7946 0002", 90), http.StatusOK, "Perhaps", "It ended between")
	says(t, ask("020 7946 0003", 90), http.StatusOK, "Perhaps", "It began between")
	says(t, ask("020 7946 0002", 130), http.StatusOK, "Nobody had it then. With Kestrel Dental until", "Its id means +44 20 7946 0099 now.")
	says(t, ask("020 7946 0099", 160), http.StatusOK, "Bound")
	says(t, ask("020 7946 0001", -10), http.StatusOK, "Nothing is known from then: the record of Kestrel Dental begins on")

	script := newScript(t, h, team.Viewer)
	found := items(script.get("/numbers?" + url.Values{"number": {"+442079460003"}, "at": {at(90)}}.Encode()))
	if len(found) != 1 || found[0]["certain"] != false || found[0]["from_exact"] != false || found[0]["from_earliest"] != at(60) || found[0]["to_exact"] != true {
		t.Errorf("%v", found)
	}
	for between, want := range map[[2]int]string{{0, 30}: "+442079460002 true", {70, 110}: "+442079460002 false", {125, 145}: "", {70, 170}: "+442079460002 false"} {
		got := ""
		for _, item := range items(script.get("/numbers?" + url.Values{"number": {"79460002"}, "from": {at(between[0])}, "to": {at(between[1])}}.Encode())) {
			got += fmt.Sprint(item["number"], " ", item["certain"])
		}
		if got != want {
			t.Errorf("between %v: %q, want %q", between, got, want)
		}
	}
}

func TestAnOldSnapshotShowsTheNumbersOfItsTime(t *testing.T) {
	h, _ := past(t)
	script := newScript(t, h, team.Viewer)
	all := items(script.get("/pbxs/5000/snapshots"))
	if len(all) != 3 || list(all[0], "added")[0]["number"] != "+442079460099" || list(all[1], "removed")[0]["number"] != "+442079460002" || all[1]["not_before"] == nil || all[0]["not_before"] != nil {
		t.Fatalf("%v", all)
	}
	oldest := script.get("/pbxs/5000/snapshots/" + all[2]["id"].(string))
	if bound := list(oldest, "bindings"); len(bound) != 2 || bound[1]["number"] != "+442079460002" {
		t.Errorf("%v", bound)
	}
	page := h.As(t, team.Viewer).Get("/pbx/5000/history/" + all[2]["id"].(string)).Parse(t)
	says(t, page, http.StatusOK, "+44 20 7946 0002")
	if strings.Contains(page.Text(), "0099") {
		t.Error("the number that the id was given later is in an old snapshot")
	}
}

func TestAPBXIsLookedAtAtAnyMomentAndComparedWithAnother(t *testing.T) {
	h, at := past(t)
	c := h.As(t, team.Viewer)
	look := func(query ...string) webtest.Page {
		v := url.Values{}
		for i := 0; i < len(query); i += 2 {
			v.Set(query[i], query[i+1])
		}
		return c.Get("/pbx/5000/history?" + v.Encode()).Parse(t)
	}
	says(t, look("at", at(30)), http.StatusOK, "2 numbers", "+44 20 7946 0002", "Webhook, Snapshot", "Compare with now", "Later change")
	says(t, look("at", at(90)), http.StatusOK, "A read found another list between", "removed +44 20 7946 0002", "added +44 20 7946 0003")
	says(t, look("at", at(-1)), http.StatusOK, "Nothing is known from then", "The record of this PBX begins on")
	says(t, look("at", "noon"), http.StatusUnprocessableEntity, "A time looks like")
	says(t, look("at", "2999-01-01T00:00"), http.StatusUnprocessableEntity, "Choose a time in the past")

	steps := []string{"/pbx/5000/history?at=" + url.QueryEscape(at(30))}
	for i := 0; i < len(steps) && i < 9; i++ {
		for _, l := range c.Get(steps[i]).Parse(t).Links() {
			if strings.Contains(l, "/pbx/5000/history?at=") && !slices.Contains(steps, l) {
				steps = append(steps, l)
			}
		}
	}
	if len(steps) != 4 {
		t.Errorf("from change to change: %v", steps)
	}

	says(t, look("from", at(30), "to", at(160)), http.StatusOK, "1 removed, 0 moved, 2 added, 1 the same", "Removed +44 20 7946 0002", "Added +44 20 7946 0099", "Added +44 20 7946 0003")
	says(t, look("from", at(90), "to", at(160)), http.StatusOK, "is not certain: a read found 1 added and 1 removed between")
	says(t, look("from", at(-1), "to", at(160)), http.StatusOK, "the record of this PBX begins on")
	says(t, look("from", at(30), "to", "x"), http.StatusUnprocessableEntity, "can't be compared")
}

func TestAnswersAboutThePastComeAsFilesToo(t *testing.T) {
	h, at := past(t)
	c := h.As(t, team.Viewer)
	file := func(path string, v url.Values) string {
		t.Helper()
		a := c.Get(path + "?" + v.Encode())
		rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
		if a.Status != http.StatusOK || err != nil || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
			t.Fatalf("%s: %d %v\n%s", path, a.Status, err, a.Body)
		}
		var out []string
		for _, row := range rows[1:] {
			out = append(out, strings.Join(row, ","))
		}
		return strings.Join(out, "\n")
	}
	numbers := file("/numbers.csv", url.Values{"number": {"020 7946 0002;=1+1\t+442079460003,0"}, "at": {at(90)}})
	for _, want := range []string{
		"020 7946 0002,+442079460002,Perhaps,false,Kestrel Dental,5000,London,7,2,," + at(0) + "," + at(60) + "," + strings.TrimSuffix(at(120), "Z") + ".000001Z,It ended between",
		"'=1+1,", "+442079460003,+442079460003,Perhaps,false,", "0,,Not found,",
	} {
		if !strings.Contains(numbers, want) {
			t.Errorf("no %q in\n%s", want, numbers)
		}
	}
	if got, want := file("/pbx/5000/history.csv", url.Values{"at": {at(90)}}), "+442079460001,1,London,7,true"; !strings.Contains(got, want) || strings.Count(got, "false") != 2 {
		t.Errorf("%s", got)
	}
	diff := file("/pbx/5000/history.csv", url.Values{"from": {at(30)}, "to": {at(160)}})
	if diff != "Removed,+442079460002,2,London,\nAdded,+442079460003,3,,London\nAdded,+442079460099,2,,London\nSame,+442079460001,1,London,London" {
		t.Errorf("%s", diff)
	}
	if all := file("/pbx/5000/history.csv", nil); strings.Count(all, "\n") != 4 || !strings.Contains(all, "reconcile,,,removed,+442079460002,2,London,7,2") {
		t.Errorf("%s", all)
	}
	for _, path := range []string{"/numbers.csv", "/numbers.csv?number=1&at=x", "/pbx/5000/history.csv?at=x", "/pbx/5000/history.csv?from=1"} {
		if a := c.Get(path); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestAListTooLongForAnAddressIsAskedInTheBody(t *testing.T) {
	h, _ := past(t)
	c := h.As(t, team.Viewer)
	short := c.Post("/numbers", url.Values{"number": {"+442079460001"}, "at": {""}})
	if short.Status != http.StatusSeeOther || short.Location() != "/numbers?number=%2B442079460001" {
		t.Errorf("%d %s", short.Status, short.Location())
	}
	var lines []string
	for i := range 500 {
		lines = append(lines, fmt.Sprintf("+4420794600%02d%d", i%100, i/100))
	}
	lines[250] = "020 7946 0001"
	says(t, c.Post("/numbers", url.Values{"number": {strings.Join(lines, "\r\n")}}).Parse(t), http.StatusOK, "1 of 500 numbers found", "Kestrel Dental")
	if a := c.Post("/numbers.csv", url.Values{"number": {strings.Join(lines, "\r\n")}}); a.Status != http.StatusOK || strings.Count(a.Body, "\n") != 501 {
		t.Errorf("%d, %d lines", a.Status, strings.Count(a.Body, "\n"))
	}
	says(t, c.Post("/numbers", url.Values{"number": {strings.Join(append(lines, "9"), "\n")}}).Parse(t), http.StatusUnprocessableEntity, "At most 500 numbers at once")
}
