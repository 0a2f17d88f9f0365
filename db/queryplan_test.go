package db

import (
	"context"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// queries evaluates the string constants of this package that hold SQL, by name.
func queries(t *testing.T) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && path != "." {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
		parsed = append(parsed, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// Imports are left unresolved: constants of strings need none.
	checker := types.Config{Error: func(error) {}}
	pkg, _ := checker.Check("cordboard/db", files, parsed, nil)
	found := make(map[string]string)
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if ok && c.Val().Kind() == constant.String && regexp.MustCompile(`^(page|total)[A-Z]`).MatchString(name) {
			found[name] = constant.StringVal(c.Val())
		}
	}
	return found
}

// growing are the tables whose rows become more as long as Cordboard runs.
var growing = regexp.MustCompile(`SCAN (pbx|p|did|d|did_was|w|did_key|was_key|k|fs|ts|x|snapshot|s|holding|h|did_trunk|trunk_pbx|o|delivery|plan|sip_trunk|sip_reading|job|audit|a|body|packed_body)\b`)

// TestNoPageScansAGrowingTableSortsOrCountsItOrUsesOffset is goal P3, by SQLite's own word.
func TestNoPageScansAGrowingTableSortsOrCountsItOrUsesOffset(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "cordboard.db"), embedded())
	all := queries(t)
	if len(all) < 25 {
		t.Fatalf("only %d queries of pages were found: %v", len(all), all)
	}
	for name, query := range all {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(strings.ToUpper(query), "OFFSET") {
				t.Error("it uses OFFSET")
			}
			if strings.HasPrefix(name, "page") && !strings.Contains(query, "LIMIT") && !strings.Contains(query, "json_each") && !strings.Contains(query, "BETWEEN") && !strings.Contains(query, "_at <= ?") {
				t.Error("nothing bounds it")
			}
			err := d.read(t.Context(), func(ctx context.Context, c *conn) error {
				args := make([]any, 11) // no query has more
				return c.each(ctx, func(s scanner) error {
					var id, parent, unused int
					var step string
					if err := s.Scan(&id, &parent, &unused, &step); err != nil {
						return err
					}
					t.Log(step)
					if growing.MatchString(step) && !strings.Contains(step, "VIRTUAL TABLE") {
						t.Errorf("it scans: %s", step)
					}
					if strings.Contains(step, "TEMP B-TREE") || strings.Contains(step, "AUTOMATIC") {
						t.Errorf("it sorts: %s", step)
					}
					return nil
				}, "EXPLAIN QUERY PLAN "+query, args...)
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
