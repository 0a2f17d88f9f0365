package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestABackupIsRestoredByACommandAndTheOldDatabaseStays(t *testing.T) {
	c, _ := connected(t)
	at, stop := boot(t, c)
	root := browser(t, at, "root", somePassword)
	if status, body := sendForm(t, root, at+"/api/v1/reconcile", ""); status != http.StatusOK {
		t.Fatalf("pass: %d %s", status, body)
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	code, out, errs := typed(t, t.Context(), "", "backup", file, "--data", c.Data)
	head := regexp.MustCompile(`\d+:[0-9a-f]{64}`).FindString(out)
	if code != 0 || head == "" {
		t.Fatalf("backup: %d %q %s", code, out, errs)
	}
	if code, _, errs := typed(t, t.Context(), "", "restore", file, "--data", c.Data); code != 1 || !strings.Contains(errs, "another Cordboard serves") {
		t.Errorf("beside a running server: %d %s", code, errs)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := typed(t, t.Context(), "", "verify", "--head", head, "--data", c.Data); code != 0 {
		t.Errorf("verify: %d %s", code, errs)
	}
	if code, _, errs := typed(t, t.Context(), "", "verify", "--head", "1:x", "--data", c.Data); code != 1 || !strings.Contains(errs, "--head") {
		t.Errorf("verify with nonsense: %d %s", code, errs)
	}
	if code, _, errs := typed(t, t.Context(), "", "restore", filepath.Join(c.Data, keyFile), "--data", c.Data); code != 1 || errs == "" {
		t.Errorf("from a file that is no database: %d %s", code, errs)
	}
	code, out, errs = typed(t, t.Context(), "", "restore", file, "--data", c.Data)
	kept, _ := filepath.Glob(filepath.Join(c.Data, "cordboard.db.before-*"))
	if code != 0 || !strings.Contains(out, head) || len(kept) != 1 || !strings.Contains(out, kept[0]) {
		t.Fatalf("restore: %d %q %s, kept %v", code, out, errs, kept)
	}
	at, _ = boot(t, c)
	root = browser(t, at, "root", somePassword)
	response, err := root.Get(at + "/api/v1/pbxs")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text := new(strings.Builder)
	if _, err := io.Copy(text, response.Body); err != nil || !strings.Contains(text.String(), `"state":"stale"`) || strings.Contains(text.String(), `"in_sync"`) {
		t.Errorf("%s %v", text, err)
	}
	if code, _, errs := typed(t, t.Context(), "", "verify", "--head", head, "--data", c.Data); code != 0 {
		t.Errorf("verify after the restore: %d %s", code, errs)
	}
	elsewhere := filepath.Join(t.TempDir(), "new machine")
	if code, _, errs := typed(t, t.Context(), "", "restore", file, "--data", elsewhere); code != 0 {
		t.Errorf("on a new machine: %d %s", code, errs)
	}
	if info, err := os.Stat(filepath.Join(elsewhere, "cordboard.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}
