package event_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar/event"
)

// clock is a moment after all the vendor's examples.
var clock = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestTheVendorsFourReportsAreReadInFull(t *testing.T) {
	register := func(did int64, number string) event.Binding {
		return event.Binding{TrunkID: 114529, DIDID: did, Number: number, TrunkName: "register-trunk-shared_32YFS4"}
	}
	peer := func(did int64, number string) event.Binding {
		return event.Binding{TrunkID: 114538, DIDID: did, Number: number, TrunkName: "Peer-shared_NT9H01"}
	}
	docs := event.Binding{TrunkID: 112129, DIDID: 1186852, Number: "83", TrunkName: "register-docs_5FOV41"}
	tests := []struct {
		file     string
		event    string
		bindings []event.Binding
		millis   int64
	}{
		{"seed002_did_change.json", event.DIDChange, []event.Binding{
			register(1192488, "10021212"), register(1192489, "10021213"), register(1192490, "10021214"),
			peer(1192495, "2111"), peer(1192496, "2112"), docs}, 1773105500177},
		{"seed002_did_delete.json", event.DIDDelete, []event.Binding{
			register(1192488, "10021212"), peer(1192495, "2111"), peer(1192496, "2112"), docs}, 1773106452589},
		{"seed002_trunk_delete.json", event.TrunkDelete, []event.Binding{register(1192488, "10021212")}, 1773049941393},
		{"seed002_pce_delete.json", event.PCEDelete, []event.Binding{}, 1773048881029},
	}
	for _, tt := range tests {
		t.Run(tt.event, func(t *testing.T) {
			elements, err := event.Parse(sample(t, tt.file), clock)
			if err != nil || len(elements) != 1 {
				t.Fatalf("Parse gave %d elements and %v", len(elements), err)
			}
			e := elements[0]
			if e.Err != nil || e.Kind != event.KindDIDChange || e.Report == nil {
				t.Fatalf("element is %+v", e)
			}
			if e.Report.Event != tt.event || e.Event != tt.event || e.Report.Serial != "36XXXXXXXXXXXXZK" || e.Serial != e.Report.Serial {
				t.Errorf("event %q of %q", e.Report.Event, e.Report.Serial)
			}
			if e.Report.Bindings == nil || !slices.Equal(e.Report.Bindings, tt.bindings) {
				t.Errorf("bindings\n got %+v\nwant %+v", e.Report.Bindings, tt.bindings)
			}
			if got := e.Report.UpdateTime; got.UnixMilli() != tt.millis || got.Location() != time.UTC {
				t.Errorf("time is %v, want %d ms in UTC", got, tt.millis)
			}
		})
	}
}

// element gives a did_change element with one field replaced; "" removes it.
func element(field, value string) string {
	fields := [][2]string{
		{"event", `"did_change"`}, {"sn", `"3658B4311196ABCD"`},
		{"trunkDidInfoList", `[{"did":"2111","didId":"1192495","trunkId":"114538","trunkName":"Peer"}]`},
		{"updateTime", "1773105500177"},
	}
	var out []string
	for _, f := range fields {
		if f[0] == field {
			f[1] = value
		}
		if f[1] != "" {
			out = append(out, fmt.Sprintf("%q:%s", f[0], f[1]))
		}
	}
	return "{" + strings.Join(out, ",") + "}"
}

func TestABadElementSaysWhyAndItsNeighboursSurvive(t *testing.T) {
	one := func(did string) string { return "[" + did + "]" }
	tests := []struct {
		name, element string
		want          error
	}{
		{"no serial", element("sn", ""), event.ErrSerial},
		{"empty serial", element("sn", `"  "`), event.ErrSerial},
		{"null serial", element("sn", "null"), event.ErrSerial},
		{"a serial that is a number", element("sn", "36"), event.ErrSerial},
		{"a serial that is a novel", element("sn", `"`+strings.Repeat("x", 200)+`"`), event.ErrSerial},
		{"unknown event", element("event", `"did_explode"`), event.ErrUnknownEvent},
		{"an event in capitals", element("event", `"DID_CHANGE"`), event.ErrUnknownEvent},
		{"null event", element("event", "null"), event.ErrUnknownEvent},
		{"a list without event", element("event", ""), event.ErrUnknownEvent},
		{"missing list", element("trunkDidInfoList", ""), event.ErrList},
		{"null list", element("trunkDidInfoList", "null"), event.ErrList},
		{"list is an object", element("trunkDidInfoList", "{}"), event.ErrList},
		{"list is a text", element("trunkDidInfoList", `""`), event.ErrList},
		{"a null in the list", element("trunkDidInfoList", one("null")), event.ErrBinding},
		{"an id in words", element("trunkDidInfoList", one(`{"did":"1","didId":"seven","trunkId":"1"}`)), event.ErrBinding},
		{"a fraction of an id", element("trunkDidInfoList", one(`{"did":"1","didId":7.5,"trunkId":"1"}`)), event.ErrBinding},
		{"a negative id", element("trunkDidInfoList", one(`{"did":"1","didId":-7,"trunkId":"1"}`)), event.ErrBinding},
		{"id zero", element("trunkDidInfoList", one(`{"did":"1","didId":7,"trunkId":"0"}`)), event.ErrBinding},
		{"an id beyond 63 bits", element("trunkDidInfoList", one(`{"did":"1","didId":"9223372036854775808","trunkId":"1"}`)), event.ErrBinding},
		{"an id that is a list", element("trunkDidInfoList", one(`{"did":"1","didId":["7"],"trunkId":"1"}`)), event.ErrBinding},
		{"an id that is true", element("trunkDidInfoList", one(`{"did":"1","didId":true,"trunkId":"1"}`)), event.ErrBinding},
		{"no trunk id", element("trunkDidInfoList", one(`{"did":"1","didId":"7"}`)), event.ErrBinding},
		{"no number", element("trunkDidInfoList", one(`{"didId":"7","trunkId":"1"}`)), event.ErrBinding},
		{"two DID ids in one", element("trunkDidInfoList", one(`{"did":"1","didId":"7","didId":"8","trunkId":"1"}`)), event.ErrBinding},
		{"bad second of three", element("trunkDidInfoList", `[{"did":"1","didId":"7","trunkId":"1"},7,{"did":"2","didId":"8","trunkId":"1"}]`), event.ErrBinding},
		{"no time", element("updateTime", ""), event.ErrTime},
		{"null time", element("updateTime", "null"), event.ErrTime},
		{"time zero", element("updateTime", "0"), event.ErrTime},
		{"time before 1970", element("updateTime", "-1773105500177"), event.ErrTime},
		{"time in words", element("updateTime", `"yesterday"`), event.ErrTime},
		{"time with a fraction", element("updateTime", "1773105500177.5"), event.ErrTime},
		{"time is a list", element("updateTime", "[1]"), event.ErrTime},
		{"25 hours ahead", element("updateTime", fmt.Sprint(clock.Add(25*time.Hour).UnixMilli())), event.ErrFuture},
		{"two lists", `{"event":"did_change","sn":"A","trunkDidInfoList":[],"trunkDidInfoList":[],"updateTime":1773105500177}`, event.ErrTwice},
		{"two serials", `{"event":"did_change","sn":"A","sn":"B","trunkDidInfoList":[],"updateTime":1773105500177}`, event.ErrTwice},
		{"an empty object", `{}`, event.ErrUnknownShape},
		{"a test message", `{"message":"hello","sn":"A"}`, event.ErrUnknownShape},
		{"a number", `17`, event.ErrNotObject},
		{"a list", `[]`, event.ErrNotObject},
		{"null", `null`, event.ErrNotObject},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			good := element("", "")
			elements, err := event.Parse([]byte("["+good+","+tt.element+","+good+"]"), clock)
			if err != nil || len(elements) != 3 {
				t.Fatalf("Parse gave %d elements and %v", len(elements), err)
			}
			if !errors.Is(elements[1].Err, tt.want) || elements[1].Report != nil {
				t.Errorf("bad element gave %v and report %v, want %v", elements[1].Err, elements[1].Report, tt.want)
			}
			for _, i := range []int{0, 2} {
				if e := elements[i]; e.Err != nil || e.Index != i || len(e.Report.Bindings) != 1 {
					t.Errorf("neighbour %d suffered: %+v", i, e)
				}
			}
		})
	}
}

func TestIdsNumbersAndTimesMayBeTextsOrNumbers(t *testing.T) {
	body := `[{"event":"did_change","sn":"A","updateTime":"1773105500",
		"trunkDidInfoList":[{"did":2111,"didId":1192495,"trunkId":"114538","trunkName":null,"extra":{"a":[1]}}],"more":[{}]}]`
	elements, err := event.Parse([]byte(body), clock)
	if err != nil || elements[0].Err != nil {
		t.Fatal(err, elements)
	}
	r := elements[0].Report
	want := []event.Binding{{TrunkID: 114538, DIDID: 1192495, Number: "2111"}}
	if !slices.Equal(r.Bindings, want) {
		t.Errorf("bindings are %+v", r.Bindings)
	}
	if r.UpdateTime != time.Unix(1773105500, 0).UTC() {
		t.Errorf("seconds became %v", r.UpdateTime)
	}
}

func TestEscapesAndOtherScriptsAreKept(t *testing.T) {
	body := `[{"event":"did_change","sn":"A","updateTime":1773105500177,"trunkDidInfoList":
		[{"did":"\u002b49\/30","didId":"7","trunkId":"8","trunkName":"Zürich \"Süd\" 中文"}]}]`
	elements, err := event.Parse([]byte(body), clock)
	if err != nil || elements[0].Err != nil {
		t.Fatal(err, elements)
	}
	b := elements[0].Report.Bindings[0]
	if b.Number != "+49/30" || b.TrunkName != `Zürich "Süd" 中文` {
		t.Errorf("binding is %+v", b)
	}
}

func TestOnlyADeletedPBXMayLackItsList(t *testing.T) {
	for _, list := range []string{"", `"trunkDidInfoList":null,`, `"trunkDidInfoList":[],`} {
		elements, err := event.Parse([]byte(`[{"event":"pce_delete","sn":"A",`+list+`"updateTime":1773048881029}]`), clock)
		if err != nil || elements[0].Err != nil {
			t.Fatalf("list %q: %v, %v", list, err, elements)
		}
		if b := elements[0].Report.Bindings; b == nil || len(b) != 0 {
			t.Errorf("list %q: bindings are %#v, want empty and not nil", list, b)
		}
	}
}

func TestCapacityReportsAreRecognised(t *testing.T) {
	elements, err := event.Parse(sample(t, "capacity.json"), clock)
	if err != nil || len(elements) != 1 {
		t.Fatal(err, elements)
	}
	if e := elements[0]; e.Kind != event.KindCapacity || e.Err != nil || e.Report != nil || e.Serial != "3658B4311196XXXX" {
		t.Errorf("element is %+v", e)
	}
}

func TestABodyThatIsNoListOfJSONIsRefusedWhole(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	tests := map[string]struct {
		body string
		want error
	}{
		"empty":                {"", nil},
		"white space":          {" \n", nil},
		"an object":            {element("", ""), event.ErrNotArray},
		"a text":               {`"hello"`, event.ErrNotArray},
		"null":                 {"null", event.ErrNotArray},
		"HTML":                 {"<html>", nil},
		"cut off":              {"[" + element("", ""), nil},
		"cut off in a text":    {`[{"event":"did_ch`, nil},
		"a trailing comma":     {"[" + element("", "") + ",]", nil},
		"something after it":   {"[] []", nil},
		"a zero byte after it": {"[]\x00", nil},
		"a missing colon":      {`[{"event" "did_change"}]`, nil},
		"a bad number":         {`[{"updateTime":01}]`, nil},
		"a bad escape":         {`[{"sn":"\x"}]`, nil},
		"a control character":  {"[{\"sn\":\"a\nb\"}]", nil},
		"nested lists":         {deep + strings.Repeat("]", 100_000), nil},
		"nested, never closed": {deep, nil},
		"nested objects":       {"[" + strings.Repeat(`{"a":`, 100_000), nil},
		"too many elements":    {"[" + strings.Repeat("1,", 10_000) + "1]", event.ErrTooMany},
		"too large":            {"[" + strings.Repeat(" ", event.MaxBody) + "]", event.ErrTooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			elements, err := event.Parse([]byte(tt.body), clock)
			if err == nil || elements != nil {
				t.Fatalf("gave %d elements and %v", len(elements), err)
			}
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
		})
	}
}

func TestAnEmptyListIsNoElementsAndNoError(t *testing.T) {
	elements, err := event.Parse([]byte(" [ ] "), clock)
	if err != nil || elements == nil || len(elements) != 0 {
		t.Errorf("gave %#v and %v", elements, err)
	}
}

func TestAThousandNumbersAreReadInOrder(t *testing.T) {
	elements, err := event.Parse(reportOf(1000), clock)
	if err != nil || elements[0].Err != nil || len(elements[0].Report.Bindings) != 1000 {
		t.Fatal(err, len(elements))
	}
	if b := elements[0].Report.Bindings[999]; b.DIDID != 1193487 || b.TrunkID != 114538 || b.Number != "+49300000999" {
		t.Errorf("the last is %+v", b)
	}
}

// FuzzParse checks the scanner against encoding/json: the same bodies are JSON
// for both, with as many elements, and a report that is accepted holds exactly
// what encoding/json reads.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"seed002_did_change.json", "seed002_did_delete.json", "seed002_trunk_delete.json", "seed002_pce_delete.json", "capacity.json"} {
		f.Add(sample(f, name))
	}
	f.Add([]byte(`[{"event":"did_change","sn":"\u0041","updateTime":1e3,"trunkDidInfoList":[{"did":7,"didId":"08"}]},null]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		elements, err := event.Parse(body, clock)
		var raw []json.RawMessage
		jsonErr := json.Unmarshal(body, &raw)
		if err != nil {
			if jsonErr == nil && raw != nil && !strings.Contains(err.Error(), "nested too deeply") && !errors.Is(err, event.ErrTooMany) {
				t.Fatalf("refused a JSON list: %v", err)
			}
			return
		}
		if jsonErr != nil || len(raw) != len(elements) {
			t.Fatalf("gave %d elements, encoding/json %d and %v", len(elements), len(raw), jsonErr)
		}
		for i, e := range elements {
			if e.Index != i || (e.Report != nil) != (e.Err == nil && e.Kind == event.KindDIDChange) {
				t.Fatalf("element %d is %+v", i, e)
			}
			if e.Report != nil {
				checkReport(t, *e.Report, raw[i])
			}
		}
	})
}

func checkReport(t *testing.T, r event.Report, raw json.RawMessage) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(fields["trunkDidInfoList"], &list); err != nil && r.Event != event.PCEDelete {
		t.Fatalf("accepted a list that is none: %v", err)
	}
	if len(list) != len(r.Bindings) || r.Bindings == nil || r.Serial == "" || r.UpdateTime.After(clock.Add(24*time.Hour)) || r.UpdateTime.Unix() < 0 {
		t.Fatalf("report %+v of %s", r, raw)
	}
	for i, b := range r.Bindings {
		var number any
		if err := json.Unmarshal(list[i]["did"], &number); err != nil {
			t.Fatal(err)
		}
		if text, ok := number.(string); ok && text != b.Number {
			t.Fatalf("number is %q, want %q", b.Number, text)
		}
		id := strings.TrimLeft(strings.Trim(string(list[i]["didId"]), `"`), "0")
		if b.DIDID <= 0 || b.TrunkID <= 0 || (!strings.Contains(id, `\`) && id != fmt.Sprint(b.DIDID)) {
			t.Fatalf("DID id %d of %s", b.DIDID, list[i]["didId"])
		}
	}
}
