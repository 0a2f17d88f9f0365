package db

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"cordboard/sync/audit"
)

var eleven = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

// copied makes a database with a setting, and a copy of it from before that setting became another.
func copied(t *testing.T) (path, file string, head audit.Head) {
	t.Helper()
	path, file = filepath.Join(t.TempDir(), "cordboard.db"), filepath.Join(t.TempDir(), "copy 100%?#.db")
	d := mustOpen(t, path, embedded())
	set(t, d, "early")
	if err := d.AppendAudit(t.Context(), audit.Entry{At: eleven, Actor: "ana"}); err != nil {
		t.Fatal(err)
	}
	head, err := d.Backup(t.Context(), file)
	if err != nil || head.Seq != 1 {
		t.Fatal(head, err)
	}
	set(t, d, "late")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path, file, head
}

func set(t *testing.T, d *DB, value string) {
	t.Helper()
	if err := d.SetSetting(t.Context(), "k", []byte(value)); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	d := mustOpen(t, path, embedded())
	if value, err := d.Setting(t.Context(), "k"); err != nil || string(value) != want {
		t.Errorf("%s has %q, want %q, %v", filepath.Base(path), value, want, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestACopyTakesThePlaceOfTheDatabaseWhichStaysBesideIt(t *testing.T) {
	path, file, head := copied(t)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Replace(t.Context(), path, file, eleven)
	if err != nil || r.Head != head || r.From.IsZero() || r.Kept != path+".before-20261122T110000Z" {
		t.Fatalf("%+v %v", r, err)
	}
	holds(t, path, "early")
	holds(t, r.Kept, "late")
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the copy itself was changed, %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	began, err := Open(t.Context(), Config{Path: path, Keys: DigitKeys})
	if err != nil {
		t.Fatal(err)
	}
	defer began.Close()
	if e, err := began.AuditEntry(t.Context(), 2); err != nil || e.Action != audit.RecordRestore || strings.Contains(e.Reason, "somebody changed it") {
		t.Errorf("%+v %v", e, err)
	}
}

func TestACopyThatWasChangedSinceSaysSoInTheRecord(t *testing.T) {
	path, file, _ := copied(t)
	d := mustOpen(t, file, embedded())
	if err := d.AppendAudit(t.Context(), audit.Entry{At: eleven, Actor: "eve"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	// By hand, as people did before there was a command.
	if err := os.Rename(file, path); err != nil {
		t.Fatal(err)
	}
	began, err := Open(t.Context(), Config{Path: path, Keys: DigitKeys})
	if err != nil {
		t.Fatal(err)
	}
	defer began.Close()
	if e, err := began.AuditEntry(t.Context(), 3); err != nil || !strings.Contains(e.Reason, "somebody changed it in between") {
		t.Errorf("%+v %v", e, err)
	}
}

func TestAFileThatWasCopiedByOtherMeansIsACopyToo(t *testing.T) {
	path, _, _ := copied(t)
	elsewhere := filepath.Join(t.TempDir(), "cordboard.db")
	r, err := Replace(t.Context(), elsewhere, path, eleven) // the database itself, as a replica gives it back
	if err != nil || r.Kept != "" || !r.From.Equal(eleven) {
		t.Fatalf("%+v %v", r, err)
	}
	holds(t, elsewhere, "late")
	d := mustOpen(t, elsewhere, embedded())
	if _, err := d.Setting(t.Context(), copiedAt); err != nil {
		t.Errorf("it does not know that it is one: %v", err)
	}
}

// upTo are the migrations of an older version: all below a number.
func upTo(t *testing.T, number string) fs.FS {
	t.Helper()
	older := fstest.MapFS{}
	files, err := fs.Glob(embedded(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file >= number {
			continue
		}
		text, err := fs.ReadFile(embedded(), file)
		if err != nil {
			t.Fatal(err)
		}
		older[file] = &fstest.MapFile{Data: text}
	}
	return older
}

func TestACopyOfAnOlderVersionIsRestoredAndUpgraded(t *testing.T) {
	path, _, _ := copied(t)
	file := filepath.Join(t.TempDir(), "older.db")
	d := mustOpen(t, file, upTo(t, "00014"))
	set(t, d, "older")
	if err := d.AppendAudit(t.Context(), audit.Entry{At: eleven, Actor: "ana", Target: "Bäckerei", Outcome: audit.Failed}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Replace(t.Context(), path, file, eleven); err != nil {
		t.Fatal(err)
	}
	upgraded := mustOpen(t, path, embedded())
	if page, err := upgraded.Audit(t.Context(), audit.Filter{Text: "backerei"}); err != nil || page.Total != 1 {
		t.Errorf("rows of before are not found by their words: %+v %v", page, err)
	}
	if kept, err := filepath.Glob(path + ".schema*"); err != nil || len(kept) != 1 {
		t.Errorf("no copy of before the upgrade: %v %v", kept, err)
	}
}

func TestWhatIsNoWholeCopyReplacesNothing(t *testing.T) {
	path, file, _ := copied(t)
	folder := t.TempDir()
	write := func(name string, text []byte) string {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(folder, name)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	for i := len(damaged) / 2; i < len(damaged)/2+5000; i++ {
		damaged[i] ^= 0x55
	}
	newerFile := filepath.Join(folder, "newer.db")
	d := mustOpen(t, newerFile, embedded())
	if err := d.write(t.Context(), func(ctx context.Context, c *conn) error {
		return c.script(ctx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	otherFile := filepath.Join(folder, "other.db")
	other := mustOpen(t, otherFile, fstest.MapFS{"00001_theirs.sql": {Data: []byte("-- +goose Up\nCREATE TABLE theirs (a INTEGER);\n")}})
	if err := other.write(t.Context(), func(ctx context.Context, c *conn) error { return c.script(ctx, `DROP TABLE goose_db_version`) }); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]struct{ file, says string }{
		"missing": {filepath.Join(folder, "nowhere"), "no such file"}, "text": {write("text", []byte(strings.Repeat("no database ", 999))), ""},
		"empty": {write("empty", nil), "no database of Cordboard"}, "cut off": {write("cut", whole[:len(whole)/3]), ""}, "damaged": {write("damaged", damaged), ""},
		"newer": {newerFile, "written by a newer Cordboard"}, "another program's": {otherFile, "another program"},
	} {
		if _, err := Replace(t.Context(), path, bad.file, eleven); err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	holds(t, path, "late")
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) != 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

func TestADatabaseThatAProcessHasOpenIsNotReplaced(t *testing.T) {
	path, file, _ := copied(t)
	d := mustOpen(t, path, embedded())
	err := d.read(t.Context(), func(ctx context.Context, c *conn) error {
		var n int
		if err := c.row(ctx, `SELECT count(*) FROM setting`).Scan(&n); err != nil {
			return err
		}
		set(t, d, "under way") // so that the log has something that the reader does not see
		if _, err := Replace(ctx, path, file, eleven); err == nil {
			t.Error("it was replaced under a reader")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if value, err := d.Setting(t.Context(), "k"); string(value) != "under way" || err != nil {
		t.Errorf("%q %v", value, err)
	}
}
