// Package dbtest gives tests the real thing: a migrated database file in a temporary folder. It
// may import db.
package dbtest

import (
	"path/filepath"
	"testing"
	"time"

	"cordboard/db"
)

// New opens a fresh database that is closed when the test ends.
func New(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, filepath.Join(t.TempDir(), "cordboard.db"), nil)
}

// At opens a fresh database whose clock is now.
func At(t testing.TB, now func() time.Time) *db.DB {
	t.Helper()
	return Open(t, filepath.Join(t.TempDir(), "cordboard.db"), now)
}

// Open opens the database at path, which may be there already, and closes it when the test ends.
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
