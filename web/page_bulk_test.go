package web_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// export is the file of bindings, as records.
func export(t *testing.T, c *webtest.Client, path string) [][]string {
	t.Helper()
	a := c.Get(path)
	rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if err != nil || a.Status != 200 || len(rows) == 0 {
		t.Fatalf("%s: %d, %d rows, %v", path, a.Status, len(rows), err)
	}
	return rows
}

func asFile(t *testing.T, rows [][]string) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// upload sends a file as a browser does.
func upload(t *testing.T, c *webtest.Client, name, file, text string) webtest.Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte(file))
	if err := w.WriteField("text", text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return c.Do("POST", "/bulk", body.String(), "Content-Type", w.FormDataContentType())
}

// rests waits until the job of a spreadsheet does not run, and shows its page.
func rests(t *testing.T, h *webtest.House, c *webtest.Client, path string) webtest.Page {
	t.Helper()
	h.Eventually("the job rests", func() bool {
		j, err := h.DB.Job(t.Context(), job.ID(strings.TrimPrefix(path, "/bulk/")))
		return err == nil && j.State != job.Running
	})
	a := c.Get(path)
	if a.Status != 200 {
		t.Fatalf("%s: %d %s", path, a.Status, a.Body)
	}
	return a.Parse(t)
}

// pasted is a table as cells are copied from a spreadsheet.
func pasted(rows ...string) string {
	return "PBX\ttrunk\tnumber\n" + strings.ReplaceAll(strings.Join(rows, "\n"), "|", "\t")
}

func wantText(t *testing.T, p webtest.Page, words ...string) {
	t.Helper()
	text := p.Text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q:\n%s", p.Path, w, text)
		}
	}
}

func TestTheExportIsEditedReviewedAgreedToAndCarriedOut(t *testing.T) {
	h := webtest.New(t, webtest.Config{Fleet: corner})
	c := h.As(t, team.Operator)
	rows := export(t, c, "/bindings.csv")
	if len(rows) != 11 || strings.Join(rows[0], "|") != "PBX id|PBX|trunk id|trunk|DID id|number|name|base" || rows[1][5] != "+44 20 7945 0030" {
		t.Fatalf("%q", rows)
	}
	same := upload(t, c, "bindings.csv", asFile(t, rows), "")
	wantText(t, rests(t, h, c, same.Location()), "Done", "Nothing to do: everything is as asked.", "10 rows, 10 as it is")

	// Acme HQ gives its second number for a free one, and takes the kiosk's last.
	rows[2][5], rows[2][4] = webtest.Number(50045), ""
	i := slices.IndexFunc(rows, func(row []string) bool { return row[4] == "50043" })
	rows[i][1] = "Acme HQ" // with the kiosk's id left beside it
	a := upload(t, c, "edited.csv", strings.ReplaceAll(asFile(t, rows), ",", ";"), "")
	if a.Status != 303 || !strings.HasPrefix(a.Location(), "/bulk/") {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	path := a.Location()
	p := rests(t, h, c, path)
	wantText(t, p, "Needs attention", "2 plans wait for you to agree.", "From another PBX", "Unbind 1 and bind 2 numbers on Acme HQ", "Unbind 1 number on Kiosk", "must give it up before this plan is confirmed")
	if sent(h) != 0 {
		t.Fatal("something was sent before anybody agreed")
	}
	form := p.Form(t, path+"/apply", "stop")
	if len(form.Values["plan"]) != 1 { // the kiosk loses more than 30 %: nobody ticks that but a person
		t.Errorf("ticked: %v", form.Values["plan"])
	}
	if a := c.Post(path+"/apply", form.Values); a.Status != 422 || !strings.Contains(a.Parse(t).Text(), "Acme HQ takes numbers that Kiosk gives up: choose both, or neither.") {
		t.Errorf("who takes without who gives: %d", a.Status)
	}
	form.Values["plan"] = planBoxes(p)
	refused := c.Post(path+"/apply", form.Values)
	back := refused.Parse(t)
	if refused.Status != 422 || sent(h) != 0 {
		t.Fatalf("without a reason: %d", refused.Status)
	}
	wantText(t, back, "Say why; the audit log keeps it. Asked for by Kiosk.")
	if got := back.Form(t, path+"/apply").Values["plan"]; len(got) != 2 {
		t.Errorf("the ticks were lost: %v", got)
	}
	form.Values.Set("reason", "the customer moved")
	if a := c.Post(path+"/apply", form.Values); a.Status != 303 || a.Location() != path {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	wantText(t, rests(t, h, c, path), "Done", "2 PBXs are changed and verified.", "Agreed to by operator", "the customer moved")
	want := fleet.NewBindingSet(webtest.Pair(webtest.Colt, 50030), webtest.Pair(webtest.Colt, 50045), webtest.Pair(webtest.Colt, 50032), webtest.Pair(webtest.BT, 50050), webtest.Pair(webtest.Colt, 50043))
	if got := h.Bound(webtest.AcmeHQ); !got.Equal(want) {
		t.Errorf("Acme HQ has %v", got.Pairs())
	}
	if a := c.Post(path+"/apply", form.Values); a.Status != 409 {
		t.Errorf("the same once more: %d", a.Status)
	}
	for _, word := range []string{"bulk.create", "bulk.apply"} {
		if !strings.Contains(c.Get("/audit?action="+word).Body, "Bindings from a spreadsheet") {
			t.Errorf("the audit log has no %s", word)
		}
	}
}

// kiosk is a PBX with three numbers and nothing special about it.
const kiosk fleet.PBXID = 4900

// corner is Acme and a kiosk.
func corner(sim *yeastartest.Server) {
	webtest.Acme(sim)
	sim.AddPBX(yeastartest.PBX{ID: int64(kiosk), Serial: "36A0B43111KIOSK1", Name: "Kiosk", Firmware: "84.20.0.5"})
	sim.Bind(int64(kiosk), webtest.At(webtest.Colt, 50041), webtest.At(webtest.Colt, 50042), webtest.At(webtest.Colt, 50043))
}

// sent counts the writes of a house.
func sent(h *webtest.House) int {
	n := 0
	for _, r := range h.Sim.Requests() {
		if r.Method == "PUT" {
			n++
		}
	}
	return n
}

// planBoxes are the plans that a page offers to tick.
func planBoxes(p webtest.Page) []string {
	var ids []string
	p.Each(func(tag string, at map[string]string) {
		if tag == "input" && at["name"] == "plan" {
			ids = append(ids, at["value"])
		}
	})
	return ids
}

func TestTheExportIsWhatTheFleetsFilterLeaves(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Viewer)
	link := func(path, label string) string {
		t.Helper()
		found := slices.IndexFunc(c.Get(path).Parse(t).Links(), func(l string) bool { return strings.HasPrefix(l, "/bindings.csv") })
		if found < 0 {
			return ""
		}
		return c.Get(path).Parse(t).Links()[found]
	}
	if rows := export(t, c, link("/pbx?q=bakery", "")); len(rows) != 3 || rows[1][1] != "Corner Bakery" {
		t.Errorf("%q", rows)
	}
	if rows := export(t, h.As(t, team.Operator), "/bindings.csv?pbx_id=4808"); len(rows) != 5 {
		t.Errorf("%q", rows)
	}
	if a := c.Get("/bindings.csv?pbx_id=nobody"); a.Status != 422 {
		t.Errorf("no PBX: %d", a.Status)
	}
	if a := c.Get("/bulk"); a.Status != 403 {
		t.Errorf("a viewer brings a file: %d", a.Status)
	}
}

func TestAFileThatCannotBeReadComesBackWithAllThatWasTyped(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	many := "PBX,number\n" + strings.Repeat("Corner Bakery,1\n", 5001)
	for name, file := range map[string]struct{ data, says string }{
		"no headings":   {"Corner Bakery;+44\n", "Missing: “PBX”, “number”."},
		"a column less": {"PBX;trunk\nCorner Bakery;Colt\n", "Missing: “number”."},
		"empty":         {" ", "The file is empty."},
		"no text":       {"PK\x03\x04\x00\x00", "The file is no text."},
		"too long":      {many, "more than 5000 rows"},
		"open quote":    {"PBX,number\n\"Corner Bakery,1\n", "Row 2: A quotation mark"},
	} {
		uploaded := upload(t, c, "x.csv", file.data, "")
		if p := uploaded.Parse(t); uploaded.Status != 422 || !strings.Contains(p.Text(), file.says) {
			t.Errorf("%s: %d\n%s", name, uploaded.Status, p.Text())
		}
		if strings.ContainsRune(file.data, 0) || name == "too long" {
			continue
		}
		typed := c.Post("/bulk", url.Values{"text": {file.data}})
		if typed.Status != 422 || typed.Parse(t).Form(t, "/bulk", "text").Values.Get("text") != file.data {
			t.Errorf("%s: %d, %q", name, typed.Status, typed.Parse(t).Form(t, "/bulk", "text").Values.Get("text"))
		}
	}
	if sent(h) != 0 {
		t.Error("something was sent")
	}
}

func TestAWrongRowHasAVerdictAndNothingIsSent(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	a := c.Post("/bulk", url.Values{"text": {pasted(
		"Corner Bakery|Colt London|"+webtest.Number(50040), "Corner Bakery|Gamma|"+webtest.Number(50060), "Corner Bakery|Gamma|"+webtest.Number(50061),
		"Acme HQ|Colt London|=1+1", "Acme HQ|Colt London|4.4207E+11", "Acme HQ|Nobody|"+webtest.Number(50030), "Acme|Colt London|"+webtest.Number(50031),
		"Acme HQ|Colt London|+4420000", "Acme HQ|Colt London|"+webtest.Number(50048), "Acme HQ|BT Wholesale|"+webtest.Number(50032),
	)}})
	p := rests(t, h, c, a.Location())
	wantText(t, p, "7 rows are wrong.", "Formula", "Rounded", "There is no shared trunk called “Nobody”.", "There is no PBX called “Acme”.", "Unknown number", "Old Mill has it.", "does not sit on BT Wholesale",
		"Left alone", "6 of its rows are wrong: rows 5, 6, 7, 9, 10 and 1 more.")
	// The bakery's firmware takes custom SIP headers, and nobody knows their values.
	wantText(t, p, "No plan could be made", "State them, or state that there are none.")
	kept := c.Get(a.Location() + "?rows=kept").Parse(t)
	if wantText(t, kept, "Kept 2"); strings.Contains(kept.Text(), "4.4207E+11") {
		t.Error("wrong rows are among the kept ones")
	}
	viewed := h.As(t, team.Viewer).Get(a.Location()).Parse(t)
	if len(viewed.Posts()) > 2 { // sign out, theme
		t.Errorf("a viewer may post to %v", viewed.Posts())
	}
	if a := c.Post(a.Location()+"/give-up", nil); a.Status != 303 {
		t.Errorf("giving it up: %d", a.Status)
	}
	if rests(t, h, c, a.Location()); sent(h) != 0 {
		t.Error("something was sent")
	}
}

func TestFiveThousandRowsAreReviewed(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	var b strings.Builder
	b.WriteString("PBX,trunk,number\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "Corner Bakery,Colt London,+4420795%05d\n", i)
	}
	a := upload(t, c, "long.csv", b.String(), "")
	p := rests(t, h, c, a.Location())
	wantText(t, p, "5000 rows are wrong.", "Wrong 5,000", "100 of 5,000 rows")
	if len(p.Body) > 200_000 {
		t.Errorf("the page has %d bytes", len(p.Body))
	}
	last := c.Get(a.Location() + "?rows=wrong&from=4900").Parse(t)
	wantText(t, last, "5001 ")
	if a := c.Do("POST", "/bulk", strings.Repeat("x", 6<<20), "Content-Type", "application/x-www-form-urlencoded"); a.Status != 413 && a.Status != 422 {
		t.Errorf("six megabytes: %d", a.Status)
	}
}

func TestScriptsBringASpreadsheetAndAgreeToItsPlans(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	d := describe(t)
	type answer struct {
		ID, State, Phase, Sentence string
		Rows                       []struct{ Verdict string }
		PBXs                       []struct {
			PBXID  fleet.PBXID `json:"pbx_id"`
			Fate   string
			PlanID string `json:"plan_id"`
		}
	}
	read := func(a webtest.Answer, method, path string, status int) (out answer) {
		t.Helper()
		d.check(t, method, path, a)
		if err := json.Unmarshal([]byte(a.Body), &out); err != nil || a.Status != status {
			t.Fatalf("%s %s: %d %v %s", method, path, a.Status, err, a.Body)
		}
		return out
	}
	d.check(t, "GET", "/api/v1/bindings.csv", c.Get("/api/v1/bindings.csv"))
	rows := export(t, c, "/api/v1/bindings.csv?pbx_id=4808")
	rows = append(rows, []string{"", "Acme HQ", "", "", "", webtest.Number(50045), "", ""})
	created := read(c.Do("POST", "/api/v1/bulk", asFile(t, rows), "Content-Type", "text/csv; charset=utf-8"), "POST", "/api/v1/bulk", 202)
	if created.Rows[4].Verdict != "bind" || created.PBXs[0].Fate != "change" {
		t.Fatalf("%+v", created)
	}
	path := "/api/v1/bulk/" + created.ID
	rests(t, h, c, "/bulk/"+created.ID)
	waiting := read(c.Get(path), "GET", path, 200)
	if waiting.State != "needs_attention" || waiting.Phase != "reviewing" || waiting.PBXs[0].PlanID == "" {
		t.Fatalf("%+v", waiting)
	}
	json := func(body string) webtest.Answer {
		return c.Do("POST", path+"/apply", body, "Content-Type", "application/json")
	}
	if a := json(`{"plans":[]}`); a.Status != 422 || !strings.Contains(a.Body, `"plan":"Choose at least one plan."`) {
		t.Errorf("no plan: %d %s", a.Status, a.Body)
	}
	read(json(`{"plans":["`+waiting.PBXs[0].PlanID+`"]}`), "POST", path+"/apply", 202)
	rests(t, h, c, "/bulk/"+created.ID)
	if done := read(c.Get(path), "GET", path, 200); done.State != "done" || !h.Bound(webtest.AcmeHQ).Has(webtest.Pair(webtest.Colt, 50045)) {
		t.Errorf("%+v", done)
	}
	a := c.Do("POST", "/api/v1/bulk", "nothing", "Content-Type", "text/csv")
	if d.check(t, "POST", "/api/v1/bulk", a); a.Status != 422 || !strings.Contains(a.Body, `"fields":{"body":`) {
		t.Errorf("no table: %d %s", a.Status, a.Body)
	}
}

func TestAPersonStatesThatAPBXHasNoCustomSIPHeadersAndItsPlanIsMade(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	a := c.Post("/bulk", url.Values{"text": {pasted("Corner Bakery|Colt London|"+webtest.Number(50040), "Corner Bakery|Gamma|"+webtest.Number(50060), "Corner Bakery|Gamma|"+webtest.Number(50061))}})
	path := a.Location()
	p := rests(t, h, c, path)
	wantText(t, p, "No plan could be made", "It has no custom SIP header values")
	if form := p.Form(t, path+"/again"); form.Values.Has("no_headers") {
		t.Error("it is ticked although nobody said so")
	}
	if a := c.Post(path+"/again", url.Values{"no_headers": {"4808"}}); a.Status != 422 {
		t.Errorf("a word about a PBX that nobody asked for: %d", a.Status)
	}
	if a := c.Post(path+"/again", url.Values{"no_headers": {"4809"}}); a.Status != 303 || a.Location() != path {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	p = rests(t, h, c, path)
	wantText(t, p, "1 plan waits for you to agree.", "The custom SIP header values of this PBX were not known. Those that are not stated here are removed.")
	form := p.Form(t, path+"/apply", "plan")
	if a := c.Post(path+"/apply", form.Values); a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	wantText(t, rests(t, h, c, path), "1 PBX is changed and verified.")
	if body := string(h.Sim.LastPUTBody(int64(webtest.Bakery))); !strings.Contains(body, `"customSipHeadersBindings":[]`) {
		t.Errorf("sent: %s", body)
	}
}
