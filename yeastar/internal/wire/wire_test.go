package wire

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestAnIdIsReadFromEverySpellingOfTheVendor(t *testing.T) {
	tests := []struct {
		in   string
		want ID
		ok   bool
	}{
		{`4808`, 4808, true}, {`"4808"`, 4808, true}, {`"0042"`, 42, true}, {` 7 `, 7, true},
		{`null`, 0, true}, {`""`, 0, true}, {`"0"`, 0, true}, {`0`, 0, true},
		{`9223372036854775807`, math.MaxInt64, true}, {`"9223372036854775807"`, math.MaxInt64, true},
		{`9223372036854775808`, 0, false}, {`17896360390850256645`, 0, false},
		{`-1`, 0, false}, {`"-1"`, 0, false}, {`"+1"`, 0, false}, {`1.0`, 0, false}, {`1e3`, 0, false},
		{`"12 "`, 0, false}, {`"0x10"`, 0, false}, {`"1_000"`, 0, false}, {`true`, 0, false},
		{`{}`, 0, false}, {`[1]`, 0, false}, {`"null"`, 0, false}, {`"` + strings.Repeat("1", 5000) + `"`, 0, false},
	}
	for _, tt := range tests {
		var id ID
		err := json.Unmarshal([]byte(tt.in), &id)
		if (err == nil) != tt.ok || id != tt.want {
			t.Errorf("%.40s gave %d, %v", tt.in, id, err)
		}
		if err != nil && (!errors.Is(err, ErrID) || len(err.Error()) > 80) {
			t.Errorf("%.40s: the error is %v", tt.in, err)
		}
	}
}

func TestACountMayBeNegativeAndATextMayBeANumber(t *testing.T) {
	var v struct {
		A, B, C Count
		D, E, F Text
	}
	if err := json.Unmarshal([]byte(`{"A":-3,"B":"500","C":null,"D":83,"E":"Z\u00fcrich","F":null}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.A != -3 || v.B != 500 || v.C != 0 || v.D != "83" || v.E != "Zürich" || v.F != "" {
		t.Errorf("got %+v", v)
	}
	var bad Text
	if json.Unmarshal([]byte(`{"a":1}`), &bad) == nil || json.Unmarshal([]byte(`["a"]`), &bad) == nil {
		t.Error("an object or a list passed for a text")
	}
}

func TestTimesAreToldApartByTheirMagnitude(t *testing.T) {
	tests := []struct {
		in   string
		want time.Time
	}{
		{"1747100716", time.Date(2025, 5, 13, 1, 45, 16, 0, time.UTC)},
		{`"1747100716"`, time.Date(2025, 5, 13, 1, 45, 16, 0, time.UTC)},
		{"1773105500177", time.Date(2026, 3, 10, 1, 18, 20, 177e6, time.UTC)},
		{"99999999999", time.Unix(99999999999, 0).UTC()},
		{"100000000000", time.UnixMilli(100000000000).UTC()},
		{"0", time.Time{}}, {"null", time.Time{}}, {`""`, time.Time{}}, {"-5", time.Time{}},
	}
	for _, tt := range tests {
		var got Time
		if err := json.Unmarshal([]byte(tt.in), &got); err != nil || !got.Equal(tt.want) || got.Location() != time.UTC {
			t.Errorf("%s gave %v, %v", tt.in, got, err)
		}
	}
	var bad Time
	if err := json.Unmarshal([]byte(`"2026-03-10"`), &bad); err == nil {
		t.Error("a date in words passed for an epoch number")
	}
}

func TestASwitchHasItsKnownSpellingsOnly(t *testing.T) {
	for in, want := range map[string]bool{`"Enabled"`: true, `1`: true, `"1"`: true, `true`: true, `"Disabled"`: false, `0`: false, `false`: false, `null`: false, `""`: false} {
		e := Enabled(!want)
		if err := json.Unmarshal([]byte(in), &e); err != nil && in != "null" || bool(e) != want {
			t.Errorf("%s gave %v, %v", in, e, err)
		}
	}
	for _, in := range []string{`"enabled"`, `2`, `"on"`, `{}`} {
		var e Enabled
		if json.Unmarshal([]byte(in), &e) == nil {
			t.Errorf("%s passed for a switch", in)
		}
	}
}

func TestIdsKeepTheirOrderAndAreNeverNil(t *testing.T) {
	if got := Int64s([]ID{3, 1, 3}); !slices.Equal(got, []int64{3, 1, 3}) {
		t.Errorf("got %v", got)
	}
	if Int64s(nil) == nil {
		t.Error("no ids gave nil")
	}
}

// FuzzID checks that whatever is accepted is exactly the number that was written.
func FuzzID(f *testing.F) {
	for _, s := range []string{`4808`, `"1192488"`, `null`, `""`, `"0042"`, `-1`, `1.5`, `9223372036854775808`, `"\u0031"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var id ID
		if err := json.Unmarshal(b, &id); err != nil {
			return
		}
		text := strings.Trim(strings.TrimSpace(string(b)), `"`)
		if text == "null" || text == "" {
			text = "0"
		}
		digits := strings.TrimLeft(strings.TrimPrefix(text, "-"), "0")
		if digits == "" {
			digits = "0"
		}
		if id < 0 || strconv.FormatInt(int64(id), 10) != digits {
			t.Fatalf("%q became %d", b, id)
		}
	})
}
