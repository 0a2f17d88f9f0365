package backup_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/backup"
)

// shed is a keeper with a clock of its own.
type shed struct {
	*backup.Keeper
	t      *testing.T
	db     *db.DB
	now    time.Time
	folder string
}

func newShed(t *testing.T, every time.Duration, keep int) *shed {
	t.Helper()
	s := &shed{t: t, db: dbtest.New(t), now: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), folder: filepath.Join(t.TempDir(), "deep", "backups")}
	s.start(every, keep)
	return s
}

func (s *shed) start(every time.Duration, keep int) {
	s.t.Helper()
	var err error
	s.Keeper, err = backup.New(backup.Deps{Store: s.db, Config: backup.Config{Folder: s.folder, Every: every, Keep: keep}, Now: func() time.Time { return s.now },
		Log: slog.New(slog.DiscardHandler), Announce: func(...string) {}})
	if err != nil {
		s.t.Fatal(err)
	}
}

// after lets time pass and looks; it says how many copies there are.
func (s *shed) after(d time.Duration) int {
	s.t.Helper()
	s.now = s.now.Add(d)
	if err := s.Look(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	list, err := s.List()
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

func TestCopiesAreMadeByTheScheduleAndTheNewestStay(t *testing.T) {
	s := newShed(t, 24*time.Hour, 3)
	for i, step := range []struct {
		wait time.Duration
		want int
	}{{0, 0}, {9 * time.Minute, 0}, {2 * time.Minute, 1}, {23 * time.Hour, 1}, {time.Hour, 2}, {25 * time.Hour, 3}, {25 * time.Hour, 3}, {24 * time.Hour, 3}} {
		if got := s.after(step.wait); got != step.want {
			t.Errorf("step %d: %d copies, want %d", i, got, step.want)
		}
	}
	s.start(24*time.Hour, 3) // a restart changes nothing
	if got := s.after(time.Hour); got != 3 {
		t.Errorf("after a restart: %d", got)
	}
	list, err := s.List()
	if err != nil || !list[0].At.Equal(s.now.Add(-time.Hour)) || list[0].Bytes == 0 {
		t.Errorf("%+v %v", list, err)
	}
	if why, _, err := s.Trouble(t.Context()); why != "" || err != nil {
		t.Errorf("trouble: %s %v", why, err)
	}
	s.now = s.now.Add(100 * time.Hour)
	if why, since, err := s.Trouble(t.Context()); !strings.Contains(why, "none since") || since.IsZero() || err != nil {
		t.Errorf("when the schedule stands still: %q %v %v", why, since, err)
	}
	copied, err := db.Open(t.Context(), db.Config{Path: filepath.Join(s.folder, list[0].File)})
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	state, err := s.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if good, err := copied.VerifyAudit(t.Context(), state.Last.Head); err != nil || good != state.Last.Head.Seq || good == 0 {
		t.Errorf("%d rows, head %s, %v", good, state.Last.Head, err)
	}
}

func TestNothingIsMadeWithoutAScheduleOrAFolder(t *testing.T) {
	s := newShed(t, 0, 3)
	if got := s.after(1000 * time.Hour); got != 0 {
		t.Errorf("without a schedule: %d", got)
	}
	s.folder = ""
	s.start(time.Hour, 3)
	if got := s.after(1000 * time.Hour); got != 0 {
		t.Errorf("without a folder: %d", got)
	}
	if _, err := s.Make(t.Context(), audit.Cordboard); err == nil {
		t.Error("one was made nowhere")
	}
}

func TestAFailureIsKeptAndTriedAgainAndLeavesNothingHalf(t *testing.T) {
	s := newShed(t, time.Hour, 2)
	if got := s.after(time.Hour); got != 1 {
		t.Fatal(got)
	}
	good, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(s.folder, "cordboard-20260101T000000.000Z.db.part")
	stranger := filepath.Join(s.folder, "notes.txt")
	if err := errors.Join(os.WriteFile(half, []byte("cut off"), 0o600), os.WriteFile(stranger, []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	away := s.folder + ".away"
	if err := errors.Join(os.Rename(s.folder, away), os.WriteFile(s.folder, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	begin := s.now.Add(time.Hour)
	for i, wait := range []time.Duration{time.Hour, 10 * time.Minute, 10 * time.Minute, 20 * time.Minute} {
		s.now = s.now.Add(wait)
		if err := s.Look(t.Context()); (err == nil) != (i == 1) {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
	if why, since, err := s.Trouble(t.Context()); !strings.Contains(why, "failed") || !since.Equal(begin) || err != nil {
		t.Errorf("%q since %v, %v", why, since, err)
	}
	page, err := s.db.Audit(t.Context(), audit.Filter{Outcome: audit.Failed})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("one row tells of many failed attempts: %+v %v", page.Items, err)
	}
	if err := errors.Join(os.Remove(s.folder), os.Rename(away, s.folder)); err != nil {
		t.Fatal(err)
	}
	if got := s.after(20 * time.Minute); got != 2 {
		t.Errorf("%d copies", got)
	}
	if why, _, err := s.Trouble(t.Context()); why != "" || err != nil {
		t.Errorf("trouble: %s %v", why, err)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Error("what an attempt left that was cut off is there")
	}
	if _, err := os.Stat(stranger); err != nil {
		t.Error("a file of somebody else is gone")
	}
	if list, err := s.List(); err != nil || list[1].File != good[0].File {
		t.Errorf("%+v %v", list, err)
	}
}
