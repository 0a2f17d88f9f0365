package form

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
)

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func TestTheChangeFormIsReadWithTypedIDs(t *testing.T) {
	ch, fields := ReadChange(values(
		"bind", "6681:50044", "bind", "6681:50036", "bind", "6681:50036", "unbind", "6702:83", "undo_to", "42", "numbers", "+44 20\n83",
		"header.6681.12", " acme ", "header_none", "6702:4", "header_none", "6702:0",
	))
	if len(fields) > 0 {
		t.Fatalf("fields: %v", fields)
	}
	want := []fleet.Binding{{Trunk: 6681, DID: 50036}, {Trunk: 6681, DID: 50044}}
	if !slices.Equal(ch.Bind, want) || !slices.Equal(ch.Unbind, []fleet.Binding{{Trunk: 6702, DID: 83}}) || ch.UndoTo != 42 || ch.Clear {
		t.Errorf("got %+v", ch)
	}
	if v, shown := ch.Value(6681, 12); v != "acme" || !shown || !ch.Says(6681, 12) || !ch.HasNone(6702, 4) || !ch.HasNone(6702, 0) || ch.Says(6681, 13) {
		t.Errorf("headers: %+v %+v", ch.Headers, ch.None)
	}
}

func TestBadInputBecomesFieldsAndIsLeftOut(t *testing.T) {
	for _, c := range []struct{ name, value, field string }{
		{"bind", "6681", "bind"},
		{"bind", "6681:", "bind"},
		{"bind", "-1:5", "bind"},
		{"bind", "+1:5", "bind"},
		{"bind", "0:5", "bind"},
		{"bind", "1:99999999999999999999", "bind"},
		{"unbind", "a:b", "unbind"},
		{"unbind", strings.Repeat("9", 5000), "unbind"},
		{"clear", "yes", "clear"},
		{"undo_to", "newest", "undo_to"},
		{"header_none", "6681", "header_none"},
		{"header.6681.0", "typed", "header.6681.0"},
		{"header.x.1", "typed", "header."},
		{"numbers", strings.Repeat("1\n2\n", 1) + manyLines(MaxLines), "numbers"},
	} {
		ch, fields := ReadChange(values(c.name, c.value))
		if len(fields) != 1 || fields[0].Name != c.field || len(fields[0].Rule) > 200 {
			t.Errorf("%s=%.30q: fields %v", c.name, c.value, fields)
		}
		if len(ch.Bind)+len(ch.Unbind) > 0 || ch.Clear || ch.UndoTo != 0 {
			t.Errorf("%s=%.30q was taken: %+v", c.name, c.value, ch)
		}
	}
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("7", i+3))
		b.WriteByte('\n')
	}
	return b.String()
}

func TestAPastedListIsReadHoweverItIsSeparated(t *testing.T) {
	got := Lines("\uFEFF+44 20 7946 0000\r\n 83 \n\n\t2113;83,\"+1 415 555 0100\"")
	want := []string{"+44 20 7946 0000", "83", "2113", "+1 415 555 0100"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAPageSizeOutOfRangeIsTheDefault(t *testing.T) {
	for text, want := range map[string]int{"": 50, "1": 1, "200": 200, "201": 50, "0": 50, "-5": 50, "x": 50} {
		if got := Page(values("page_size", text, "after", "c")); got.Limit != want || got.After != "c" {
			t.Errorf("page_size=%q: %+v", text, got)
		}
	}
}

func TestTimesAreReadInUTC(t *testing.T) {
	want := time.Date(2026, 5, 3, 14, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-05-03T14:00", "2026-05-03T14:00:00Z", "2026-05-03T16:00:00+02:00", "2026-05-03 14:00"} {
		if got, ok := Time(text); !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
	if got, ok := Time(""); !ok || !got.IsZero() {
		t.Errorf("the empty text: %v %v", got, ok)
	}
	for _, text := range []string{"now", "2026-13-01", "03/05/2026", "2026-05-03T14:00Q"} {
		if _, ok := Time(text); ok {
			t.Errorf("%q was read", text)
		}
	}
}

func FuzzReadChange(f *testing.F) {
	f.Add("bind=1:2&header.3.4=x&header_none=3:5&numbers=1%0A2&undo_to=7")
	f.Fuzz(func(t *testing.T, query string) {
		v, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		ch, _ := ReadChange(v)
		for _, b := range append(ch.Bind, ch.Unbind...) {
			if b.Trunk <= 0 || b.DID <= 0 {
				t.Errorf("%q: %v", query, b)
			}
		}
	})
}
