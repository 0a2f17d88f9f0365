package db_test

import (
	"testing"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

// BenchmarkColdStart opens a database with a million numbers and reads the first page: goal P7.
func BenchmarkColdStart(b *testing.B) {
	path := dbtest.File(b)
	d, err := db.Open(b.Context(), db.Config{Path: path})
	if err != nil {
		b.Fatal(err)
	}
	if err := d.Fill(b.Context(), 10_000, 100); err != nil {
		b.Fatal(err)
	}
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d, err := db.Open(b.Context(), db.Config{Path: path})
		if err != nil {
			b.Fatal(err)
		}
		if page, err := d.PBXs(b.Context(), fleet.PBXFilter{}, noon, 0); err != nil || page.Total != 10_000 {
			b.Fatal(page.Total, err)
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
