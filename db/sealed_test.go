package db_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"cordboard/db/dbtest"
	"cordboard/sync/audit"
)

// swap stands for a sealer: what begins with old becomes the same with new.
func swap(old, new string) func(string, []byte) ([]byte, error) {
	return func(name string, sealed []byte) ([]byte, error) {
		rest, ok := bytes.CutPrefix(sealed, []byte(old))
		if !ok || !strings.Contains(string(rest), name) {
			return nil, fmt.Errorf("%s does not open: %q", name, sealed)
		}
		return append([]byte(new), rest...), nil
	}
}

func TestEverythingSealedIsSealedAnewOrNothingIs(t *testing.T) {
	d := dbtest.New(t)
	const was, is = "\x01old!", "\x01new!"
	rotated := func(n int) audit.Entry {
		return audit.Entry{At: noon, Actor: "terminal", Action: audit.KeyRotate, Target: fmt.Sprint(n), Outcome: audit.Succeeded}
	}
	set := func(key, value string) {
		t.Helper()
		if err := d.SetSetting(t.Context(), key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	set("notify", `{"kinds":null}`)
	set("notify.mail", was+" notify.mail")
	set("notify.webhook", was+" notify.webhook")
	reseal := func() (int, error) {
		return d.Reseal(context.Background(), [][]byte{[]byte(was)}, swap(was, is), rotated)
	}
	if err := d.Script(t.Context(), `CREATE TABLE elsewhere (a INTEGER PRIMARY KEY, b BLOB) STRICT; INSERT INTO elsewhere (b) VALUES (x'016f6c642177')`); err != nil {
		t.Fatal(err)
	}
	if _, err := reseal(); err == nil || !strings.Contains(err.Error(), "table elsewhere") {
		t.Errorf("a place that nobody named: %v", err)
	}
	if value, _ := d.Setting(t.Context(), "notify.mail"); !strings.HasPrefix(string(value), was) {
		t.Errorf("half of it was kept: %q", value)
	}
	if err := d.Script(t.Context(), `DROP TABLE elsewhere`); err != nil {
		t.Fatal(err)
	}
	if n, err := reseal(); n != 2 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	for key, want := range map[string]string{"notify": `{"kinds":null}`, "notify.mail": is + " notify.mail", "notify.webhook": is + " notify.webhook"} {
		if value, err := d.Setting(t.Context(), key); string(value) != want || err != nil {
			t.Errorf("%s: %q %v", key, value, err)
		}
	}
	if e, err := d.AuditEntry(t.Context(), 1); err != nil || e.Action != audit.KeyRotate || e.Target != "2" {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := reseal(); err == nil {
		t.Error("what does not open was passed over")
	}
}
