package web_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"cordboard/sync/batch"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

const csvHead = "Name,Region,Subdomain,Plan,Type,Customers,Extensions,Concurrent calls,Recording minutes"

// csvFile is a file of lines below the usual headings.
func csvFile(lines ...string) string { return csvHead + "\n" + strings.Join(lines, "\n") + "\n" }

// goodRow asks for a PBX that can be made.
func goodRow(name, sub string) string {
	return name + ",asia pacific(singapore)," + sub + ",Enterprise,Commercial,leo@acme.example,20,10,500"
}

func paste(c *webtest.Client, text string) webtest.Answer {
	return c.Post("/pbx/new/csv", url.Values{"text": {text}})
}

// bring sends bytes as a file.
func bring(t *testing.T, c *webtest.Client, data []byte) webtest.Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "new.csv")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(data)
	w.Close()
	return c.Do(http.MethodPost, "/pbx/new/csv", body.String(), "Content-Type", w.FormDataContentType())
}

func TestAFileMakesOneJobForEachPBXAndTheSameFileMakesNoneTwice(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	says(t, c.Get("/pbx/new/csv").Parse(t), http.StatusOK, "Concurrent calls", "needed", "the template")
	file := csvFile(goodRow("One", "one"), "", goodRow("Wrong", "no.good"), goodRow("Two", "two"), goodRow("Three", "three"), goodRow("Four", "four"))
	page := paste(c, file).Parse(t)
	says(t, page, http.StatusOK, "4 PBXs of 5 rows can be made", "one.r4.pbx.example", "Subdomain: Letters, digits and hyphens", "1 row left out", "80 of ")
	if len(sentBodies(h, http.MethodPost, instances)) != 0 {
		t.Fatal("a dry run sent something")
	}
	form := page.Form(t, "/pbx/new/csv", "seen")
	a := c.Post(form.Action, form.Values)
	if j := ended(t, h, a); j.State != job.Done {
		t.Fatalf("%+v", j)
	}
	if n := len(sentBodies(h, http.MethodPost, instances)); n != 4 {
		t.Errorf("%d creations were sent", n)
	}
	progress := c.Get(a.Location()).Parse(t)
	says(t, progress, http.StatusOK, "Create 4 PBXs from a file", "4 of 4 PBXs run.", "Row 2: One at one.r4.pbx.example", "Row 5: Two", "Job")
	checkLinks(t, c, progress, map[string]bool{})

	if again := c.Post(form.Action, form.Values); again.Status != http.StatusConflict && again.Location() != a.Location() {
		t.Errorf("the same agreement again: %d %s", again.Status, again.Location())
	}
	h.Sweep()
	page = paste(c, file).Parse(t)
	says(t, page, http.StatusOK, "Nothing of 5 rows can be made", "4 already there", "Open it")
	if n := len(sentBodies(h, http.MethodPost, instances)); n != 4 {
		t.Errorf("%d creations were sent", n)
	}
}

func TestEveryRowOfABadFileHasAVerdictAndNothingIsSent(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	good := func(change map[int]string) string {
		cells := strings.Split(goodRow("Good", "good"), ",")
		for i, v := range change {
			cells[i] = v
		}
		return strings.Join(cells, ",")
	}
	for _, bad := range []struct{ row, want string }{
		{good(map[int]string{0: ""}), "Name: A name for the PBX"},
		{good(map[int]string{0: "=HYPERLINK(1)"}), "Name is a formula"},
		{good(map[int]string{1: "Mars"}), "There is no region “Mars”"},
		{good(map[int]string{1: ""}), "Region: Choose one of the regions"},
		{good(map[int]string{2: "acme.hq"}), "Subdomain: Letters"},
		{good(map[int]string{3: "Gold"}), "Plan: Enterprise Plan or Ultimate Plan"},
		{good(map[int]string{4: ""}), "Type: Trial or Commercial"},
		{good(map[int]string{5: "nobody@nowhere.example"}), "There is no customer “nobody@nowhere.example”"},
		{good(map[int]string{5: ""}), "Customers: Choose at least one customer"},
		{good(map[int]string{6: "many"}), "Extensions: A whole number"},
		{good(map[int]string{6: "2E+01"}), "rounded"},
		{good(map[int]string{6: "501"}), "Extensions: A number from 1 to 500"},
		{good(map[int]string{6: "=1+1"}), "Extensions is a formula"},
		{good(map[int]string{7: "0"}), "Concurrent calls: A number from 1"},
		{good(map[int]string{8: ""}), "Recording minutes: Minutes"},
		{good(nil) + ",stray", "more cells than there are headings"},
	} {
		page := paste(c, csvFile(bad.row)).Parse(t)
		says(t, page, http.StatusOK, "Nothing of 1 row can be made", "Wrong", bad.want)
		if page.HasPost("/pbx/new/csv") {
			t.Errorf("%s can be sent", bad.row)
		}
	}
	more := csvHead + ",Domain,Firmware,Expires on,Runs on,Internal chat,Template,Numbers\n"
	for _, bad := range []struct{ cells, want string }{
		{"elsewhere.example,,,,,,", "There is no domain of that region “elsewhere.example”. There is r4.pbx.example"},
		{",1.2.3,,,,,", "There is no firmware of that region “1.2.3”"},
		{",,31/12/2027,yes,,,", "Expires on: A day, such as 2027-12-31"},
		{",,2027-12-31,,,,", "Runs on: Say whether"},
		{",,2027-12-31,perhaps,,,", "“perhaps” is neither yes nor no"},
		{",84.8.0.25,,,yes,,", "Internal chat needs firmware"},
		{",,,,,Nowhere,", "There is no template “Nowhere”"},
		{",,,,,,+442079450040", "is bound to Corner Bakery"},
		{",,,,,,+442079450070", "sits on several trunks"},
		{",,,,,,999", "is on no trunk that Cordboard knows"},
		{",84.8.0.25,,,no,,+442079450036", "Numbers can be bound from firmware"},
	} {
		says(t, paste(c, more+goodRow("Good", "good")+","+bad.cells+"\n").Parse(t), http.StatusOK, "Wrong", bad.want)
	}
	says(t, paste(c, csvFile(goodRow("A", "twice"), goodRow("B", "TWICE"))).Parse(t), http.StatusOK, "1 PBX of 2 rows", "Row 2 asks for twice.r4.pbx.example too")
	says(t, paste(c, more+goodRow("A", "a")+",,,,,,,+442079450036\n"+goodRow("B", "b")+",,,,,,,+442079450037|+442079450036\n").Parse(t), http.StatusOK, "1 PBX of 2 rows", "Row 2 asks for the same number")
	for _, whole := range []struct{ file, want string }{
		{"", "The file is empty"},
		{csvHead, "no row below them"},
		{strings.Replace(csvFile(goodRow("A", "a")), "Customers,", "Kunden,", 1), "Missing: “Customers”"},
		{csvHead + ",Name\n", "stands twice"},
		{csvFile(`"open`), "quotation mark"},
	} {
		page := paste(c, whole.file).Parse(t)
		says(t, page, http.StatusUnprocessableEntity, "The file was not taken", whole.want)
		if kept := page.Form(t, "/pbx/new/csv").Values.Get("text"); strings.TrimSpace(kept) != strings.TrimSpace(whole.file) {
			t.Errorf("what was pasted became %q", kept)
		}
	}
	h.Sim.SetSubscription(yeastartest.Subscription{Extensions: 60, ConcurrentCalls: 100, Recording: 100})
	h2 := h.As(t, team.Operator)
	h2.Get("/pbx/new?refresh=yes&key=k")
	says(t, paste(h2, csvFile(goodRow("A", "a1"), goodRow("B", "b1"), goodRow("C", "c1"), goodRow("D", "d1"))).Parse(t), http.StatusOK, "Together with the rows above it is more than the subscription has left")
	if n := h.Sim.CountRequests(http.MethodPost, instances); n != 0 {
		t.Errorf("%d creations were sent", n)
	}
}

func TestFilesOfAllEncodingsAndSeparatorsReadAlike(t *testing.T) {
	h := seedHouse(t)
	h.Sim.AddCustomer(yeastartest.Customer{ID: 7009, FirstName: "Jörg", Company: "Bäckerei Süß", Email: "joerg@suess.example"})
	c := h.As(t, team.Operator)
	file := csvFile(strings.Replace(goodRow("Bäckerei", "baeckerei"), "leo@acme.example", "bäckerei süß", 1))
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	latin, err := charmap.Windows1252.NewEncoder().Bytes([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"UTF-8": []byte(file), "UTF-8 with a mark": []byte("\ufeff" + file), "UTF-16": utf16, "Windows-1252": latin,
		"semicolons": []byte(strings.ReplaceAll(file, ",", ";")), "tabs": []byte(strings.ReplaceAll(file, ",", "\t")),
		"told": []byte("sep=;\n" + strings.ReplaceAll(file, ",", ";")), "CRLF": []byte(strings.ReplaceAll(file, "\n", "\r\n")),
	} {
		page := bring(t, c, data).Parse(t)
		if text := page.Text(); page.Status != http.StatusOK || !strings.Contains(text, "1 PBX of 1 row can be made") || !strings.Contains(text, "Bäckerei") {
			t.Errorf("%s: %d %s", name, page.Status, text)
		}
	}
	says(t, bring(t, c, []byte("\x89PNG\r\n\x00\x01")).Parse(t), http.StatusUnprocessableEntity, "is no text", "Choose the file again")
}

func TestAFileOfFiveThousandRowsHasAVerdictOnEachAndIsTooMuch(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	var rows []string
	for i := range 5000 {
		rows = append(rows, strings.Replace(goodRow(fmt.Sprintf("P%04d", i), fmt.Sprintf("p%04d", i)), ",20,10,500", ",1,1,0", 1))
	}
	page := bring(t, c, []byte(csvFile(rows...))).Parse(t)
	if page.Status != http.StatusOK || strings.Count(page.Body, "Will be made") != 5000 || !strings.Contains(page.Text(), fmt.Sprintf("At most %d PBXs at once", batch.Most)) || page.HasPost("/pbx/new/csv") {
		t.Errorf("%d, %d verdicts", page.Status, strings.Count(page.Body, "Will be made"))
	}
	says(t, bring(t, c, []byte(csvFile(append(rows, rows[0])...))).Parse(t), http.StatusUnprocessableEntity, "more than 5000 rows")
	if n := h.Sim.CountRequests(http.MethodPost, instances); n != 0 {
		t.Errorf("%d creations were sent", n)
	}
}

func TestTheTemplateFileReadsAndIsSafeInASpreadsheet(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	a := c.Get("/pbx/new/template.csv")
	if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || !strings.Contains(a.Header.Get("Content-Disposition"), "new-pbxs.csv") {
		t.Fatalf("%d %v", a.Status, a.Header)
	}
	records, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if err != nil || len(records) != 2 || len(records[0]) != 22 {
		t.Fatalf("%v %v", records, err)
	}
	says(t, paste(c, strings.Replace(a.Body, "office@acme.example", "ada@acme.example", 1)).Parse(t), http.StatusOK, "1 PBX of 1 row can be made")
}

func TestWhenYeastarIsAwayAFileIsNotJudgedAndComesBack(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	h.Sim.Fail(yeastartest.Match{Times: -1}, yeastartest.CloseBeforeCommit())
	file := csvFile(goodRow("One", "one"))
	page := paste(c, file).Parse(t)
	says(t, page, http.StatusServiceUnavailable, "can't be judged")
	if kept := page.Form(t, "/pbx/new/csv").Values.Get("text"); strings.TrimSpace(kept) != strings.TrimSpace(file) {
		t.Errorf("what was pasted became %q", kept)
	}
}

func TestWhatChangedSinceTheVerdictsIsShownAgainBeforeAnythingIsSent(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	form := paste(c, csvFile(goodRow("One", "one"), goodRow("Two", "two"))).Parse(t).Form(t, "/pbx/new/csv", "seen")
	h.Sim.AddPBX(yeastartest.PBX{ID: 4900, Serial: "36A0B43111TAKEN1", Name: "Somebody's", URL: "two.r4.pbx.example"})
	h.Sweep()
	page := c.Post(form.Action, form.Values).Parse(t)
	says(t, page, http.StatusConflict, "has changed since you looked", "is taken by Somebody's", "1 PBX of 2 rows")
	if n := h.Sim.CountRequests(http.MethodPost, instances); n != 0 {
		t.Errorf("%d creations were sent", n)
	}
}
