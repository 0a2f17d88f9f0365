package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rule says what a package may import. Paths are below the module; "yeastar/..." means
// yeastar and all below it, test kits excepted.
type rule struct {
	may     []string // our own packages that its code may import
	never   []string // our own packages that even its tests must not import
	modules []string // if not nil: the only modules that its code may use beside the standard library
	without []string // packages of the standard library that its code must not use
}

// house is the import table. A package that is not in it may not exist.
var house = map[string]rule{
	"sync/fleet": {modules: []string{}},
	"sync/team":  {modules: []string{"github.com/alexedwards/argon2id"}},
	// sip: the vocabulary of a PBX's own trunks, beside fleet.
	"sync/sip":  {may: []string{"sync/fleet"}, never: []string{"db"}, without: []string{"log", "log/slog", "database/sql", "os", "net/http"}},
	"sync/plan": {may: []string{"sync/fleet", "sync/sip"}, never: []string{"db"}, without: []string{"log", "log/slog", "database/sql", "os", "net/http"}},
	// bulk: a spreadsheet held against what is known, decided without a clock or a database, like plan.
	"sync/bulk":    {may: []string{"sync/fleet"}, never: []string{"db"}, without: []string{"log", "log/slog", "database/sql", "os", "net/http"}},
	"sync/audit":   {may: []string{"sync/fleet", "sync/team"}, never: []string{"db"}},
	"sync/job":     {may: []string{"sync/fleet", "sync/team", "sync/audit"}, never: []string{"db", "yeastar/...", "web/..."}},
	"sync/choices": {may: []string{"sync/fleet"}, never: []string{"db", "yeastar/...", "web/..."}},
	"sync/seal":    {modules: []string{}},
	// factor: seal for the secret; team and audit for whose it is.
	"sync/factor": {may: []string{"sync/fleet", "sync/team", "sync/audit", "sync/seal"}, never: []string{"db", "yeastar/...", "web/..."}},
	// sso: fleet for words about what went wrong, team for roles.
	"sync/sso":    {may: []string{"sync/fleet", "sync/team"}, never: []string{"db", "yeastar/...", "web/..."}},
	"sync/door":   {may: []string{"sync/fleet", "sync/audit", "sync/seal"}, never: []string{"db", "yeastar/...", "web/..."}},
	"sync/notify": {may: []string{"sync/fleet", "sync/audit", "sync/seal"}, never: []string{"db", "yeastar/...", "web/...", "sync/change"}},
	"sync/doctor": {may: []string{"sync/fleet"}, never: []string{"db", "yeastar/...", "web/..."}, without: []string{"os", "net/http", "database/sql"}},
	// settings: plan for its guard, phone for the countries that it knows.
	"sync/settings":  {may: []string{"sync/fleet", "sync/plan", "sync/phone", "sync/audit"}, never: []string{"db", "yeastar/...", "web/...", "sync/change"}},
	"sync/backup":    {may: []string{"sync/fleet", "sync/audit"}, never: []string{"yeastar/...", "web/..."}},
	"sync/observe":   {may: []string{"sync/fleet"}, never: []string{"db", "yeastar/...", "web/..."}},
	"sync/change":    {may: []string{"sync/fleet", "sync/sip", "sync/team", "sync/plan", "sync/bulk", "sync/audit", "sync/observe", "sync/job"}, never: []string{"db", "yeastar/...", "web/...", "sync/reconcile"}},
	"sync/reconcile": {may: []string{"sync/fleet", "sync/team", "sync/plan", "sync/audit", "sync/observe"}, never: []string{"db", "yeastar/...", "web/...", "sync/change"}},
	// batch: for the jobs that make PBXs, of which it begins several.
	"sync/batch":  {may: []string{"sync/fleet", "sync/audit", "sync/job", "sync/change"}, never: []string{"db", "yeastar/...", "web/..."}},
	"sync/lines":  {may: []string{"sync/fleet", "sync/sip"}, never: []string{"db", "yeastar/...", "web/..."}},
	"sync/trunks": {may: []string{"sync/fleet"}, never: []string{"db", "yeastar/...", "web/..."}},
	"sync/ingest": {may: []string{"sync/fleet", "sync/audit"}, never: []string{"sync/plan", "sync/change", "sync/upstream", "yeastar/..."}},
	// ingest: for the port that upstream answers, which speaks of parsed reports. audit: how a PBX's own API is
	// reached is set here, where it is known what an address and a certificate must look like.
	"sync/upstream": {may: []string{"sync/fleet", "sync/sip", "sync/audit", "sync/ingest", "yeastar/..."}, never: []string{"db", "web/..."}},

	"sync/phone":   {},
	"sync/station": {may: []string{"db", "yeastar/...", "sync/..."}, never: []string{"web/...", "views/..."}},

	"yeastar":                    {may: []string{"yeastar/..."}, never: []string{"sync/..."}},
	"yeastar/ycm":                {may: []string{"yeastar/..."}, never: []string{"sync/..."}},
	"yeastar/pseries":            {may: []string{"yeastar/..."}, never: []string{"sync/..."}},
	"yeastar/event":              {may: []string{"yeastar/..."}, never: []string{"sync/..."}},
	"yeastar/internal/transport": {may: []string{"yeastar/..."}, never: []string{"sync/..."}},
	"yeastar/internal/wire":      {may: []string{"yeastar/..."}, never: []string{"sync/..."}},

	"db": {may: []string{"sync/fleet", "sync/sip", "sync/team", "sync/plan", "sync/bulk", "sync/audit", "sync/job", "sync/notify"}, never: []string{"sync/change", "web/...", "yeastar/..."}},

	"static":     {},
	"views/href": {},
	"views/ui":   {may: []string{"views/href", "static"}, never: []string{"sync/...", "db"}},
	"views":      {may: []string{"views/ui", "views/href", "static"}, never: []string{"sync/...", "db"}},

	// settings: for the names of what admins set.
	"web/form": {may: []string{"sync/fleet", "sync/sip", "sync/settings"}, never: []string{"db", "yeastar/..."}},
	// sheet: people's CSV files, for bindings and for new PBXs alike; it knows of neither.
	"web/sheet": {modules: []string{"golang.org/x/text/encoding", "golang.org/x/text/encoding/charmap", "golang.org/x/text/encoding/unicode"}},
	"web": {
		may: []string{
			"views", "views/ui", "views/href", "static", "web/form", "web/sheet", "sync/bulk",
			"sync/fleet", "sync/team", "sync/plan", "sync/audit", "sync/observe", "sync/change", "sync/ingest", "sync/job", "sync/reconcile", "sync/phone",
			"sync/choices", // for the form of a new PBX
			"sync/batch",   // for the page that makes several of a file
			"sync/sip",     // for the trunks of a PBX
			"sync/notify",  // for its settings, and what was told
			"sync/factor",  // for the second step of the sign-in
			"sync/sso",     // for the sign-in at the identity provider
			"sync/door",    // for the secrets of the webhook
			"sync/backup",  // for its page
			"sync/trunks",  // for the page that asks for fresh statuses
			"sync/settings",
			"sync/doctor", // for the page that says what is wrong
			"sync/choices",
			"sync/trunks", // for the page that asks for fresh statuses
		},
		never: []string{"db", "yeastar/..."},
	},
	"web/browser": {modules: []string{}}, // tests alone, which may import everything
}

// kits are the test kits. They and package main may import everything; only tests, other
// kits and package main may import them.
var kits = []string{"db/dbtest", "sync/notify/notifytest", "sync/sso/ssotest", "web/webtest", "yeastar/yeastartest", "views/viewstest"}

// homes names the packages outside of which a module or package must not be used at all, so
// that replacing it stays a small job.
var homes = map[string][]string{
	"github.com/labstack/echo":     {"web"},
	"github.com/gorilla":           {"web"},
	"github.com/spf13/pflag":       {""},
	"github.com/gofrs/flock":       {"", "sync/station"}, // one server for each folder; one renewal of the token at a time
	"github.com/pressly/goose":     {"db"},
	"modernc.org/sqlite":           {"db"},
	"database/sql":                 {"db"},
	"github.com/cenkalti/backoff":  {"yeastar/internal/transport"},
	"github.com/chromedp/chromedp": {},
	"github.com/pquerna/otp":       {"sync/factor"},
	"github.com/coreos/go-oidc":    {"sync/sso"},
	"golang.org/x/oauth2":          {"sync/sso"},
	"github.com/wneessen/go-mail":  {"sync/notify"},
	"golang.org/x/text":            {"web/sheet"},
}

// listed is what go list says of a package.
type listed struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// name is the path below the module; "" is package main.
func (p listed) name() string { return own(p.ImportPath) }

func (p listed) isKit() bool { return isKit(p.name()) }

func own(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, "cordboard"), "/")
}

func isOwn(importPath string) bool {
	return importPath == "cordboard" || strings.HasPrefix(importPath, "cordboard/")
}

func isKit(name string) bool {
	return slices.ContainsFunc(kits, func(kit string) bool { return below(name, kit) })
}

// below reports whether path is dir or in it.
func below(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// covers reports whether one of the patterns means the package.
func covers(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if dir, all := strings.CutSuffix(pattern, "/..."); all {
			return below(name, dir) && !isKit(name)
		}
		return name == pattern
	})
}

func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !isOwn(importPath) && !strings.Contains(first, ".")
}

// packages runs go list over the whole module, once per test run.
func packages(t *testing.T) []listed {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "./...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
	if !slices.ContainsFunc(all, func(p listed) bool { return p.name() == "" }) {
		t.Fatal("go list did not find package main")
	}
	return all
}

func TestEveryPackageImportsOnlyWhatTheTableAllows(t *testing.T) {
	for _, p := range packages(t) {
		for _, breach := range breaches(p) {
			t.Error(breach)
		}
	}
}

func TestEveryPackageSaysInItsDocFileWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if p.name() == "" {
			continue
		}
		var in []string
		for _, file := range p.GoFiles {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(parsed.Doc.Text(), "Package "+parsed.Name.Name+" ") {
				in = append(in, file)
			}
		}
		if !slices.Equal(in, []string{"doc.go"}) {
			t.Errorf("%s says what it is in %v", p.name(), in)
		}
	}
}

// breaches says in words what is wrong with the imports of a package.
func breaches(p listed) []string {
	name := p.name()
	if name == "" || p.isKit() {
		return nil
	}
	r, known := house[name]
	if !known {
		return []string{name + " is not in the import table"}
	}
	var found []string
	for _, path := range p.Imports {
		switch {
		case isOwn(path) && !covers(r.may, own(path)):
			found = append(found, name+" imports "+own(path))
		case !isOwn(path) && !isStandard(path) && r.modules != nil && !slices.Contains(r.modules, path):
			found = append(found, name+" imports "+path)
		case slices.Contains(r.without, path):
			found = append(found, name+" imports "+path)
		}
		for module, where := range homes {
			if below(path, module) && !slices.Contains(where, name) {
				found = append(found, name+" imports "+path)
			}
		}
	}
	for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
		if isOwn(path) && covers(r.never, own(path)) {
			found = append(found, "a test of "+name+" imports "+own(path))
		}
	}
	return found
}

func TestTheTableFindsEveryKindOfBreach(t *testing.T) {
	for _, c := range []struct {
		p    listed
		want string // empty: allowed
	}{
		{listed{ImportPath: "cordboard/sync/plan", Imports: []string{"strings", "cordboard/sync/fleet"}}, ""},
		{listed{ImportPath: "cordboard/sync/plan", Imports: []string{"cordboard/sync/team"}}, "sync/plan imports sync/team"},
		{listed{ImportPath: "cordboard/sync/plan", Imports: []string{"log/slog"}}, "sync/plan imports log/slog"},
		{listed{ImportPath: "cordboard/sync/fleet", Imports: []string{"golang.org/x/time/rate"}}, "sync/fleet imports golang.org/x/time/rate"},
		{listed{ImportPath: "cordboard/sync/team", Imports: []string{"github.com/alexedwards/argon2id"}}, ""},
		{listed{ImportPath: "cordboard/sync/change", Imports: []string{"cordboard/sync/reconcile"}}, "sync/change imports sync/reconcile"},
		{listed{ImportPath: "cordboard/sync/change", XTestImports: []string{"cordboard/db"}}, "a test of sync/change imports db"},
		{listed{ImportPath: "cordboard/sync/change", XTestImports: []string{"cordboard/db/dbtest", "cordboard/yeastar/yeastartest"}}, ""},
		{listed{ImportPath: "cordboard/yeastar/ycm", Imports: []string{"cordboard/yeastar", "cordboard/yeastar/internal/wire"}}, ""},
		{listed{ImportPath: "cordboard/yeastar/ycm", Imports: []string{"cordboard/yeastar/yeastartest"}}, "yeastar/ycm imports yeastar/yeastartest"},
		{listed{ImportPath: "cordboard/yeastar/ycm", TestImports: []string{"cordboard/sync/fleet"}}, "a test of yeastar/ycm imports sync/fleet"},
		{listed{ImportPath: "cordboard/web", Imports: []string{"github.com/labstack/echo/v4/middleware"}}, ""},
		{listed{ImportPath: "cordboard/views", Imports: []string{"github.com/labstack/echo/v4"}}, "views imports github.com/labstack/echo/v4"},
		{listed{ImportPath: "cordboard/web", Imports: []string{"database/sql"}}, "web imports database/sql"},
		{listed{ImportPath: "cordboard/util"}, "util is not in the import table"},
		{listed{ImportPath: "cordboard", Imports: []string{"cordboard/db"}}, ""},
		{listed{ImportPath: "cordboard/yeastar/yeastartest/demofleet", Imports: []string{"cordboard/db"}}, ""},
	} {
		if got := strings.Join(breaches(c.p), "; "); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.p, got, c.want)
		}
	}
}

func TestThePurePackagesTakeTheTimeAsAParameter(t *testing.T) {
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}
	for _, p := range packages(t) {
		if name := p.name(); name != "sync/plan" && name != "sync/bulk" && name != "sync/team" && name != "sync/fleet" {
			continue
		}
		for _, file := range p.GoFiles {
			files := token.NewFileSet()
			parsed, err := parser.ParseFile(files, filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains(clock, call.Sel.Name) {
					t.Errorf("%s asks the clock: time.%s", files.Position(call.Pos()), call.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestTheTopLevelHoldsNothingUnexpected(t *testing.T) {
	expected := []string{
		"go.mod", "go.sum", "LICENSE", "README.md", "Taskfile.yml", "task", "tools", "docs", "Dockerfile",
		".ci", ".dockerignore", ".git", ".gitignore",
		"crowd.go", "crowd_test.go", "kill_test.go", "hazard_test.go",
		"main.go", "config.go", "config_oidc.go", "commandline.go", "commands.go", "commands_pass.go", "commands_key.go", "security_test.go", "commands_doctor.go", "commands_doctor_test.go", "commands_backup.go", "commands_backup_test.go", "key.go", "commands_token.go", "demo.go", "demo_test.go", "main_test.go", "config_test.go", "commands_test.go", "commands_key_test.go", "commands_token_test.go", "process_test.go", "imports_test.go", "image_test.go",
		"web", "views", "static", "db", "sync", "yeastar",
	}
	made := []string{"bin", ".task"} // by ./task, and ignored by git
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(expected, e.Name()) && !slices.Contains(made, e.Name()) {
			t.Errorf("the top level has an unexpected %s", e.Name())
		}
	}
	noun, err := filepath.Glob("sync/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range noun {
		t.Errorf("%s: no package is named sync", file)
	}
}
