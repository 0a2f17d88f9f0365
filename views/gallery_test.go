package views_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cordboard/static"
	"cordboard/views/viewstest"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func render(t *testing.T, screen viewstest.Screen) string {
	t.Helper()
	var page bytes.Buffer
	if err := screen.Page("").Render(context.Background(), &page); err != nil {
		t.Fatalf("%s: %v", screen.Name, err)
	}
	// The hash of the static files changes with every edit of the style sheet: the golden files do without it.
	html := strings.ReplaceAll(page.String(), static.Path(""), "/static/HASH/")
	// One tag a line makes a change readable in a diff.
	return strings.ReplaceAll(html, "><", ">\n<") + "\n"
}

func TestEveryScreenLooksAsItsGoldenFile(t *testing.T) {
	for _, screen := range viewstest.Screens() {
		path := filepath.Join("testdata", screen.Name+".html")
		got := render(t, screen)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from %s; look at it and run go test ./views -update", screen.Name, path)
		}
	}
}

func TestEveryGoldenFileBelongsToAScreen(t *testing.T) {
	names := map[string]bool{}
	for _, screen := range viewstest.Screens() {
		if names[screen.Name] {
			t.Errorf("two screens are called %s", screen.Name)
		}
		names[screen.Name] = true
	}
	files, err := filepath.Glob("testdata/*.html")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no golden files")
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".html"); !names[name] {
			t.Errorf("%s belongs to no screen", file)
		}
	}
}

func TestNoPageNeedsInlineScriptOrStyle(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|<script>|hx-vals="?js:`)
	for _, screen := range viewstest.Screens() {
		if found := forbidden.FindString(render(t, screen)); found != "" {
			t.Errorf("%s holds %q, which the content security policy forbids", screen.Name, found)
		}
	}
}

func TestEveryIDOnAPageIsUniqueAndEveryLabelFindsItsInput(t *testing.T) {
	ids := regexp.MustCompile(`\sid="([^"]*)"`)
	refs := regexp.MustCompile(`\s(?:for|aria-labelledby|aria-describedby|form)="([^"]*)"`)
	for _, screen := range viewstest.Screens() {
		html := render(t, screen)
		seen := map[string]bool{}
		for _, match := range ids.FindAllStringSubmatch(html, -1) {
			if seen[match[1]] {
				t.Errorf("%s: id %q is used twice", screen.Name, match[1])
			}
			seen[match[1]] = true
		}
		if screen.Part {
			continue
		}
		for _, match := range refs.FindAllStringSubmatch(html, -1) {
			for _, id := range strings.Fields(match[1]) {
				if !seen[id] {
					t.Errorf("%s: %s points at no element", screen.Name, match[0])
				}
			}
		}
	}
}

func TestHostileWordsStayWords(t *testing.T) {
	for _, screen := range viewstest.Screens() {
		if strings.Contains(render(t, screen), "<script>alert(1)") {
			t.Errorf("%s prints a vendor's text as markup", screen.Name)
		}
	}
}
