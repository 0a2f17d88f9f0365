package plan_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

var update = flag.Bool("update", false, "write the golden files")

func TestPlansReadAsExpected(t *testing.T) {
	home := on(london, 50030, 50031, 50032, 50033)
	customer := fleet.Header{Trunk: mobile, Header: 31, Value: "acme"}
	wide := on(london, 50030, 50031, 50032, 50033, 50034, 50035, 50036, 50037, 50038, 50039, 50040, 50041, 50042)
	tests := map[string]struct {
		req   plan.Request
		facts plan.Facts
	}{
		"bind_seed_000":            {plan.Request{Bind: on(london, 50036, 50044)}, facts(exact(home))},
		"bind_first_numbers":       {plan.Request{Bind: on(london, 50036, 50044)}, facts(exact())},
		"bind_again_changes_less":  {plan.Request{Bind: on(london, 50030, 50036)}, facts(exact(home))},
		"bind_on_a_second_trunk":   {plan.Request{Bind: on(mobile, 50040)}, facts(exact(on(london, 50040)))},
		"bind_own_number":          {plan.Request{Bind: on(london, 50036)}, facts(exact(home), owned(50036, acme, "Acme HQ"))},
		"unbind_one":               {plan.Request{Unbind: on(london, 50031)}, facts(exact(home))},
		"unbind_one_of_two_trunks": {plan.Request{Unbind: on(mobile, 50040)}, facts(exact(on(london, 50040), on(mobile, 50040)))},
		"unbind_and_bind":          {plan.Request{Unbind: on(london, 50031), Bind: on(london, 50036, 50037)}, facts(exact(home))},
		"move_between_trunks":      {plan.Request{Unbind: on(london, 50040), Bind: on(mobile, 50040)}, facts(exact(home, on(london, 50040)))},
		"unbind_half":              {plan.Request{Unbind: on(london, 50030, 50031)}, facts(exact(home))},
		"unbind_many":              {plan.Request{Unbind: wide[:11]}, facts(exact(wide))},
		"clear":                    {plan.Request{Clear: true}, facts(exact(home))},
		"clear_one":                {plan.Request{Clear: true}, facts(exact(on(london, 50030)))},
		"clear_one_on_two_trunks":  {plan.Request{Clear: true}, facts(exact(on(london, 50040), on(mobile, 50040)))},
		"clear_unclear":            {plan.Request{Clear: true}, facts(unclear(home, 50040))},
		"clear_with_headers":       {plan.Request{Clear: true}, facts(exact(on(mobile, 50040)), firmware(newest), headersKnown(customer))},
		"clear_unknown_headers":    {plan.Request{Clear: true, Headers: stated()}, facts(exact(on(mobile, 50040)), firmware(newest))},
		"undo":                     {plan.Request{Undo: &plan.Undo{Snapshot: 7, Set: set(on(london, 50030, 50036))}}, facts(exact(home))},
		"undo_partly_taken": {plan.Request{Undo: &plan.Undo{Snapshot: 7, Set: set(on(london, 50030, 50036, 50037)), Skip: true, Lost: []plan.Skipped{{Number: "+442079050029", Reason: "Yeastar has no such number on that trunk any more."}}}},
			facts(exact(home), owned(50036, bakery, "Corner Bakery"))},
		"undo_to_nothing":        {plan.Request{Undo: &plan.Undo{Snapshot: 7}}, facts(exact(home))},
		"unclear_bind":           {plan.Request{Bind: on(mobile, 50040)}, facts(unclear(home, 50040))},
		"unclear_unbind":         {plan.Request{Unbind: on(mobile, 50040)}, facts(unclear(home, 50040))},
		"unclear_bind_and_more":  {plan.Request{Bind: append(on(london, 50040), on(london, 50036)...)}, facts(unclear(home, 50040))},
		"unclear_one_of_two":     {plan.Request{Bind: on(london, 50040), Unbind: on(mobile, 50040)}, facts(unclear(home, 50040))},
		"unclear_undo":           {plan.Request{Bind: on(london, 50040), Undo: &plan.Undo{Snapshot: 7, Set: set(on(london, 50030))}}, facts(unclear(on(london, 50030, 50031), 50040))},
		"headers_carried":        {plan.Request{Bind: on(mobile, 50041)}, facts(exact(on(mobile, 50040)), firmware(newest), headersKnown(customer))},
		"headers_of_a_lost_one":  {plan.Request{Unbind: on(mobile, 50040)}, facts(exact(home, on(mobile, 50040)), firmware(newest), headersKnown(customer))},
		"headers_none_to_lose":   {plan.Request{Bind: on(london, 50036)}, facts(exact(home), firmware(newest))},
		"headers_on_a_new_trunk": {plan.Request{Bind: on(mobile, 50040)}, facts(exact(home), firmware(newest))},
		"headers_stated":         {plan.Request{Bind: on(mobile, 50041), Headers: stated(customer)}, facts(exact(on(mobile, 50040)), firmware(newest))},
		"headers_stated_none":    {plan.Request{Bind: on(mobile, 50041), Headers: stated()}, facts(exact(on(mobile, 50040)), firmware(newest), headersKnown(customer))},
		"headers_alone":          {plan.Request{Headers: stated(customer)}, facts(exact(on(mobile, 50040)), firmware(newest), headersKnown())},
		"headers_alone_unknown":  {plan.Request{Headers: stated()}, facts(exact(on(mobile, 50040)), firmware(newest))},
		"headers_old_firmware":   {plan.Request{Bind: on(mobile, 50041), Headers: stated()}, facts(exact(on(mobile, 50040)))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := build(t, tt.req, tt.facts)
			if p.PBX != acme || p.Kind != plan.KindBindings || p.Status != plan.Draft || p.Base != tt.facts.Known.Fingerprint() {
				t.Errorf("got %+v", p)
			}
			golden(t, name, render(p))
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, used := tests[strings.TrimSuffix(filepath.Base(file), ".golden")]; !used {
			t.Errorf("no test writes %s", file)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
