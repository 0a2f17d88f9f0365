package dbtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cordboard/db"
)

// template is the bytes of a fresh, migrated database: migrating takes longer than most tests.
var template = sync.OnceValues(func() (bytes []byte, err error) {
	folder, err := os.MkdirTemp("", "cordboard-dbtest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "cordboard.db")
	d, err := db.Open(context.Background(), db.Config{Path: path})
	if err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// File makes a fresh, migrated database file in a temporary folder and says where.
func File(t testing.TB) string {
	t.Helper()
	fresh, err := template()
	if err != nil {
		t.Fatalf("making a database: %v", err)
	}
	path := filepath.Join(t.TempDir(), "cordboard.db")
	if err := os.WriteFile(path, fresh, 0o600); err != nil {
		t.Fatalf("making a database: %v", err)
	}
	return path
}

// New opens a fresh database that is closed when the test ends.
func New(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, File(t), nil)
}

// At opens a fresh database whose clock is now.
func At(t testing.TB, now func() time.Time) *db.DB {
	t.Helper()
	return Open(t, File(t), now)
}

// Open opens the database at path, making it if it is not there, and closes it when the test ends.
// A nil now is the real clock.
func Open(t testing.TB, path string, now func() time.Time) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{Path: path, Now: now})
	if err != nil {
		t.Fatalf("opening the database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return d
}
