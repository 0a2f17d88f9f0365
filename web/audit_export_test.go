package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// stranger is the verifier that shares no code with Cordboard, built, and asked about an export.
type outsider struct{ program, folder string }

func newOutsider(t *testing.T) outsider {
	t.Helper()
	o := outsider{filepath.Join(t.TempDir(), "verifyaudit"), t.TempDir()}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", o.program, "../tools/verifyaudit/main.go").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return o
}

func (o outsider) verify(t *testing.T, export string, flags ...string) (string, error) {
	t.Helper()
	file := filepath.Join(o.folder, "audit.jsonl")
	if err := os.WriteFile(file, []byte(export), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), o.program, append(flags, file)...).CombinedOutput()
	return string(out), err
}

// TestAnExportOfTheRecordIsCheckedByOthers has somebody else's program look at an export, as it left and tampered
// with in a hundred ways.
func TestAnExportOfTheRecordIsCheckedByOthers(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	confirm, _ := s.draft("/pbxs/4808/plans", oneMore)
	s.ask(200, "POST", confirm, "")
	for i := range 8 {
		if err := h.DB.AppendAudit(t.Context(), sampleAct(fmt.Sprintf("Bäckerei <%d> \u2028", i), strings.Repeat("x", i)+"\xff")); err != nil {
			t.Fatal(err)
		}
	}
	export := s.Get("/audit.jsonl").Body
	head, err := h.DB.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := newOutsider(t)
	if out, err := o.verify(t, export, "-head", head.String()); err == nil {
		t.Errorf("the export's own row is not in it: %s", out)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(export, "\n"), "\n")
	var newest audit.Head
	if err := json.Unmarshal([]byte(lines[0]), &newest); err != nil || newest.Seq != head.Seq-1 || len(lines) != int(newest.Seq) {
		t.Fatalf("%d lines, head %v, %v", len(lines), newest, err)
	}
	if out, err := o.verify(t, export, "-head", newest.String()); err != nil || !strings.Contains(out, newest.String()) {
		t.Fatalf("untouched: %s %v", out, err)
	}
	if out, err := o.verify(t, s.Get("/audit.jsonl?actor=ana").Body, "-filtered"); err != nil || !strings.HasPrefix(out, "8 rows") {
		t.Errorf("filtered: %s %v", out, err)
	}
	random := rand.New(rand.NewPCG(6, 3))
	for range 100 {
		bad, what := tamper(random, lines)
		if out, err := o.verify(t, bad, "-head", newest.String()); err == nil {
			t.Errorf("%s: %s", what, out)
		}
	}
}

// tamper changes an export so that it tells something else, and says how.
func tamper(random *rand.Rand, lines []string) (bad, what string) {
	at := random.IntN(len(lines))
	lines = slices.Clone(lines)
	line := []byte(lines[at])
	switch random.IntN(4) {
	case 0:
		lines, what = slices.Delete(lines, at, at+1), "a line was taken out"
	case 1:
		lines, what = slices.Insert(lines, at, lines[at]), "a line stands twice"
	case 2:
		i := random.IntN(len(line) - 1)
		line[i], what = line[i]^byte(1+random.IntN(255)), fmt.Sprintf("byte %d of %s was changed", i, line)
		lines[at] = string(line)
	default: // the number alone, so that two rows change places
		other := (at + 1) % len(lines)
		a, b := fmt.Sprintf(`{"seq":%d,`, len(lines)-at), fmt.Sprintf(`{"seq":%d,`, len(lines)-other)
		lines[at], lines[other] = strings.Replace(lines[at], a, b, 1), strings.Replace(lines[other], b, a, 1)
		what = "two rows changed places"
	}
	return strings.Join(lines, ""), what
}

func TestExportsAndRefusalsAreOnRecord(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	viewer := h.As(t, team.Viewer)
	viewer.Get("/audit.csv?" + url.Values{"actor": {"test"}, "q": {"operator"}}.Encode())
	viewer.Get("/audit.jsonl")
	viewer.Get("/pbx.csv?q=acme")
	viewer.Do("HEAD", "/pbx.csv", "")
	viewer.Get("/audit.csv?outcome=well")
	for range 3 {
		if a := viewer.Get("/settings/notifications"); a.Status != http.StatusForbidden {
			t.Fatalf("a viewer opened it: %d", a.Status)
		}
	}
	page, err := h.DB.Audit(t.Context(), audit.Filter{Actor: "viewer", Page: fleet.PageRequest{Limit: 20}})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(page.Items)
	var told []string
	for _, e := range page.Items[1:] { // after the sign-in
		told = append(told, fmt.Sprintf("%s %s %s %s", e.Action, e.Target, e.Outcome, bytes.TrimSpace(e.After)))
	}
	head := func(n int) string {
		e, err := h.DB.AuditEntry(t.Context(), int64(n))
		if err != nil {
			t.Fatal(err)
		}
		return audit.Head{Seq: e.Seq, Hash: e.Hash}.String()
	}
	want := []string{
		`record.export the audit log succeeded {"format":"csv","filter":{"actor":"test","q":"operator"},"rows":1,"head":"` + head(4) + `"}`,
		`record.export the audit log succeeded {"format":"jsonl","filter":{},"rows":5,"head":"` + head(5) + `"}`,
		`list.export pbx.csv succeeded {"filter":"q=acme","from":"/pbx.csv"}`,
		`access.refuse GET /settings/notifications refused `,
	}
	if !slices.Equal(told, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}
