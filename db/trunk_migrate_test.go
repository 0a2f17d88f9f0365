package db

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

func TestAnOlderDatabaseGetsTheTalliesOfItsTrunksWhenItIsMigrated(t *testing.T) {
	older := fstest.MapFS{}
	for _, name := range names(t) {
		if name >= "00008" {
			continue
		}
		data, err := fs.ReadFile(embedded(), name)
		if err != nil {
			t.Fatal(err)
		}
		older[name] = &fstest.MapFile{Data: data}
	}
	path := filepath.Join(t.TempDir(), "cordboard.db")
	d := mustOpen(t, path, older)
	err := d.write(t.Context(), func(ctx context.Context, c *conn) error {
		return c.script(ctx, `INSERT INTO trunk (id, name) VALUES (1, 'London'), (2, 'Leeds');
			INSERT INTO pbx (id) VALUES (10), (11);
			INSERT INTO did (id, number, owner, protected, deleted_at) VALUES (1, '+1', 0, 0, 0), (2, '+2', 10, 1, 0), (3, '+3', 0, 1, 5), (4, '+4', 0, 0, 0);
			INSERT INTO did_trunk (did_id, trunk_id) VALUES (1, 1), (1, 2), (2, 1), (3, 1), (4, 2);
			INSERT INTO holding (pbx_id, to_at, trunk_id, did_id, from_at) VALUES (10, 9223372036854775807, 1, 1, 1), (11, 50, 2, 4, 1);
			INSERT INTO delivery (id, received_at, state, size) VALUES (1, 86400000001, 'digested', 1), (2, 86400000002, 'stored', 1)`)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = mustOpen(t, path, embedded())
	if wrong, err := d.WrongTallies(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("%v %v", wrong, err)
	}
	rows, err := d.Trunks(t.Context())
	if err != nil || len(rows) != 2 || rows[0].Tally.Numbers != 2 || rows[1].Tally.Used != 2 || rows[1].Tally.Protected != 1 {
		t.Errorf("%+v %v", rows, err)
	}
	days, err := d.DeliveryDays(t.Context(), time.UnixMicro(86400000001), 1)
	if err != nil || days[0].Count != 1 {
		t.Errorf("%+v %v", days, err)
	}
}
