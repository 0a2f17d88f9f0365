package views_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"testing"

	"cordboard/views"
	"cordboard/views/viewstest"
)

// The goal of docs/performance.md for lists: at most 20 kB, 4 kB compressed, per 50 rows.
func TestFiftyRowsOfTheFleetStaySmall(t *testing.T) {
	page := viewstest.FleetPage()
	page.Rows = append(page.Rows, page.Rows[:10]...)
	var plain, packed bytes.Buffer
	if err := views.FleetResults(page).Render(context.Background(), &plain); err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := zip.Write(plain.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows: %d bytes, %d compressed", len(page.Rows), plain.Len(), packed.Len())
	if plain.Len() > 20_000 || packed.Len() > 4_000 {
		t.Errorf("%d rows take %d bytes, %d compressed", len(page.Rows), plain.Len(), packed.Len())
	}
}
