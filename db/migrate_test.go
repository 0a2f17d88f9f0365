package db

import (
	"bytes"
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"cordboard/sync/fleet"
)

var update = flag.Bool("update", false, "write schema.sql")

// openIn opens a database for a test of this package's inside.
func openIn(t *testing.T, path string, migrations fs.FS) (*DB, error) {
	t.Helper()
	return open(context.Background(), Config{Path: path}, migrations)
}

func mustOpen(t *testing.T, path string, migrations fs.FS) *DB {
	t.Helper()
	d, err := openIn(t, path, migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// schemaOf is the schema without what FTS5 and goose keep for themselves.
func schemaOf(t *testing.T, d *DB) string {
	t.Helper()
	var all []string
	err := d.read(t.Context(), func(ctx context.Context, c *conn) (err error) {
		all, err = list(ctx, c, func(s scanner) (text string, err error) { return text, s.Scan(&text) },
			`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite_%' AND name NOT GLOB '*_fts_*'
				OR type = 'trigger' ORDER BY tbl_name, instr('table index trigger', type), name`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ";\n\n") + ";\n"
}

func TestTheSchemaIsWhatTheMigrationsMake(t *testing.T) {
	got := schemaOf(t, mustOpen(t, filepath.Join(t.TempDir(), "cordboard.db"), embedded()))
	if *update {
		if err := os.WriteFile("schema.sql", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("schema.sql is not what the migrations make: go test ./db -run Schema -update\n%s", got)
	}
}

func TestEveryTableIsStrict(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "cordboard.db"), embedded())
	err := d.read(t.Context(), func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var name string
			err := s.Scan(&name)
			t.Errorf("table %s is not STRICT", name)
			return err
		}, `SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose%'`)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// later is the migrations with one more.
func later(t *testing.T, text string) fs.FS {
	t.Helper()
	all := fstest.MapFS{"99999_more.sql": {Data: []byte("-- +goose Up\n" + text + "\n-- +goose Down\nSELECT 1;\n")}}
	for _, name := range names(t) {
		data, err := fs.ReadFile(embedded(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: data}
	}
	return all
}

// names are the migrations' files, in their order.
func names(t *testing.T) []string {
	t.Helper()
	found, err := fs.Glob(embedded(), "*.sql")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	return found
}

func TestAnOlderDatabaseIsCopiedAndThenMigratedWithAllItHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	d := mustOpen(t, path, embedded())
	if err := d.SetSetting(t.Context(), "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = mustOpen(t, path, later(t, "CREATE TABLE more (a INTEGER) STRICT;"))
	if v, err := d.Setting(t.Context(), "k"); err != nil || string(v) != "v" {
		t.Errorf("%q %v", v, err)
	}
	if !strings.Contains(schemaOf(t, d), "CREATE TABLE more") {
		t.Error("it was not migrated")
	}
	last := names(t)[len(names(t))-1]
	copied := mustOpen(t, path+".schema"+strings.TrimLeft(last[:5], "0"), embedded())
	if v, err := copied.Setting(t.Context(), "k"); err != nil || string(v) != "v" {
		t.Errorf("the copy: %q %v", v, err)
	}
}

func TestAMigrationThatFailsLeavesTheOldSchemaAndTheNextStartTriesAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	d := mustOpen(t, path, embedded())
	before := schemaOf(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openIn(t, path, later(t, "CREATE TABLE more (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);")); err == nil {
		t.Fatal("it went through")
	}
	d = mustOpen(t, path, embedded())
	if after := schemaOf(t, d); after != before {
		t.Errorf("half a migration is left:\n%s", after)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, path, later(t, "CREATE TABLE more (a INTEGER) STRICT;"))
}

func TestANewerDatabaseIsRefusedUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	if err := mustOpen(t, path, later(t, "CREATE TABLE more (a INTEGER) STRICT;")).Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, path, "newer Cordboard")
}

func TestADatabaseOfAnotherProgramIsRefusedUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	theirs := fstest.MapFS{"00001_theirs.sql": {Data: []byte("-- +goose Up\nCREATE TABLE theirs (a INTEGER);\n-- +goose Down\nSELECT 1;\n")}}
	d := mustOpen(t, path, theirs)
	if err := d.write(t.Context(), func(ctx context.Context, c *conn) error { return c.script(ctx, `DROP TABLE goose_db_version`) }); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, path, "another program")
}

func TestAFileThatIsNoDatabaseIsRefusedUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openIn(t, path, embedded()); err == nil {
		t.Fatal("it was opened")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("it was changed, %v", err)
	}
}

func refused(t *testing.T, path, words string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = openIn(t, path, embedded())
	if fleet.KindOf(err) != fleet.KindUnavailable || !strings.Contains(err.Error(), words) {
		t.Fatalf("%v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed, %v", err)
	}
	left, err := filepath.Glob(path + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("files left: %v, %v", left, err)
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	d := mustOpen(t, path, embedded())
	if _, err := d.Backup(t.Context(), path+".bak"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 4 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, info.Mode(), err)
		}
	}
}

func TestEveryConnectionHasItsPragmas(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "cordboard.db"), embedded())
	want := map[string]string{"busy_timeout": "5000", "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "temp_store": "2", "cache_size": "-4000", "trusted_schema": "0"}
	check := func(queryOnly string) func(context.Context, *conn) error {
		return func(ctx context.Context, c *conn) error {
			want["query_only"] = queryOnly
			for name, value := range want {
				var got string
				if err := c.row(ctx, "PRAGMA "+name).Scan(&got); err != nil {
					return err
				}
				if got != value {
					t.Errorf("%s = %s, want %s", name, got, value)
				}
			}
			return nil
		}
	}
	if err := d.write(t.Context(), check("0")); err != nil {
		t.Fatal(err)
	}
	for range cap(d.readers) {
		if err := d.read(t.Context(), check("1")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABackupIsTheWholeDatabaseAndNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	d := mustOpen(t, path, embedded())
	if err := d.SetSetting(t.Context(), "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "copy 100%.db")
	if _, err := d.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := d.SetSetting(t.Context(), "k", []byte("later")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Backup(t.Context(), file); fleet.KindOf(err) != fleet.KindConflict {
		t.Errorf("an existing file: %v", err)
	}
	if _, err := d.Backup(t.Context(), filepath.Join(t.TempDir(), "no", "such")); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("no such folder: %v", err)
	}
	copied := mustOpen(t, file, embedded())
	if v, err := copied.Setting(t.Context(), "k"); err != nil || string(v) != "v" {
		t.Errorf("%q %v", v, err)
	}
}
