package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestABackupIsMadeInTheBrowserAndItsFailureIsSeen(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	admin := h.As(t, team.Admin)
	folder := filepath.Join(filepath.Dir(h.Path), "backups")
	says(t, admin.Get("/settings/backup").Parse(t), http.StatusOK, "Off", "None was made yet", "No backup is here", folder, "only when asked", "the newest 2")
	for range 3 {
		if a := admin.Post("/settings/backup", nil); a.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	state, err := h.Backups.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	says(t, admin.Get("/settings/backup").Parse(t), http.StatusOK, "Made", state.Last.File, state.Last.Head.String(), "kB")
	if files, _ := filepath.Glob(filepath.Join(folder, "*")); len(files) != 2 {
		t.Errorf("two are to stay: %v", files)
	}
	says(t, admin.Get("/settings").Parse(t), http.StatusOK, "Backups", "The newest is of")

	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, []byte("a file where the folder was"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		a := admin.Post("/settings/backup", nil)
		says(t, a.Parse(t), http.StatusServiceUnavailable, "No fresh backup", "The last backup failed")
	}
	if err := h.Notifier.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, admin.Get("/settings/notifications").Parse(t), http.StatusOK, "No fresh backup is made")
	var told []string
	rows, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.BackupMake)})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range rows.Items {
		told = append(told, string(e.Outcome))
	}
	if strings.Join(told, " ") != "failed failed succeeded succeeded succeeded" {
		t.Errorf("%v", told)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if a := admin.Post("/settings/backup", nil); a.Status != http.StatusSeeOther {
		t.Errorf("when the folder is there again: %d", a.Status)
	}
	says(t, admin.Get("/settings/backup").Parse(t), http.StatusOK, "Made")
}
