package plan_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

func TestEveryRefusalNamesItsFieldAndWhatWouldBeRight(t *testing.T) {
	home := on(london, 50030, 50031)
	header := func(trunk fleet.TrunkID, id fleet.HeaderID, value string) plan.Request {
		return plan.Request{Bind: on(london, 50032), Headers: stated(fleet.Header{Trunk: trunk, Header: id, Value: value})}
	}
	mixed := exact(home, on(mobile, 50040))
	three := unclear(nil, 50040)
	three.Unclear[0].Copies = 2
	adrift := fleet.Known{Certainty: fleet.CertaintyAmbiguous, Unclear: []fleet.Unclear{{DID: 50040, Copies: 1}}}
	tests := map[string]struct {
		req   plan.Request
		facts plan.Facts
		want  string // "field: rule"
	}{
		"firmware too old":               {plan.Request{Bind: on(london, 50032)}, facts(exact(home), firmware("84.19.0.21")), "firmware: Upgrade the PBX to 84.19.0.22 or later first."},
		"firmware unknown":               {plan.Request{Clear: true}, facts(exact(home), firmware("")), "firmware: Upgrade the PBX to 84.19.0.22 or later first."},
		"not running":                    {plan.Request{Bind: on(london, 50032)}, facts(exact(home), func(f *plan.Facts) { f.PBX.Status = fleet.StatusRestoring }), "status: Wait until the PBX is Running, or start it."},
		"status unknown":                 {plan.Request{Clear: true}, facts(exact(home), func(f *plan.Facts) { f.PBX.Status = "" }), "status: Wait until the PBX is Running, or start it."},
		"never read":                     {plan.Request{Bind: on(london, 50032)}, facts(fleet.Known{Certainty: fleet.CertaintyNone}), "bind: Try again when a read has succeeded."},
		"zero knowledge":                 {plan.Request{Clear: true}, facts(fleet.Known{}), "bind: Try again when a read has succeeded."},
		"nothing chosen":                 {plan.Request{}, facts(exact(home)), "bind: Choose numbers to bind or to unbind."},
		"nothing would change":           {plan.Request{Bind: on(london, 50030)}, facts(exact(home)), "bind: Name a number to bind or to unbind."},
		"nothing would change, headers":  {plan.Request{Headers: stated()}, facts(exact(home), firmware(newest), headersKnown()), "bind: Name a number to bind or to unbind."},
		"undo to what is there":          {plan.Request{Undo: &plan.Undo{Snapshot: 7, Set: set(home)}}, facts(exact(home)), "bind: Name a number to bind or to unbind."},
		"the last number":                {plan.Request{Unbind: home}, facts(exact(home)), "unbind: To remove every number, use “Clear all numbers”: it asks for the PBX's name."},
		"the last number, unclear":       {plan.Request{Unbind: on(mobile, 50040)}, facts(unclear(nil, 50040)), "unbind: To remove every number, use “Clear all numbers”: it asks for the PBX's name."},
		"unbind what is not bound":       {plan.Request{Unbind: on(mobile, 50030)}, facts(exact(home)), "unbind: +442079050030 is not bound on mobile-sip here."},
		"unbind on a strange trunk":      {plan.Request{Unbind: on(9, 50030)}, facts(exact(home)), "unbind: +442079050030 is not bound on trunk 9 here."},
		"bind and unbind one pair":       {plan.Request{Bind: on(london, 50030), Unbind: on(london, 50030)}, facts(exact(home)), "unbind: +442079050030 can't be bound and unbound at once."},
		"both ways, unclear":             {plan.Request{Bind: on(london, 50040), Unbind: on(london, 50040)}, facts(unclear(home, 50040)), "unbind: +442079050040 can't be bound and unbound at once."},
		"an unknown number":              {plan.Request{Bind: on(london, 99)}, facts(exact(home)), "bind: Yeastar knows no DID 99."},
		"a zero pair":                    {plan.Request{Bind: on(0, 0)}, facts(exact(home)), "bind: Yeastar knows no DID 0."},
		"a trunk that is not ours":       {plan.Request{Bind: on(9, 50032)}, facts(exact(home)), "bind: There is no shared trunk 9 that this account may use."},
		"a number on another trunk":      {plan.Request{Bind: on(mobile, 50032)}, facts(exact(home)), "bind: +442079050032 does not sit on the trunk mobile-sip."},
		"a number of another PBX":        {plan.Request{Bind: on(london, 50032)}, facts(exact(home), owned(50032, bakery, "Corner Bakery")), "bind: +442079050032 is bound to Corner Bakery. Only a move can take it from there."},
		"a number of a nameless PBX":     {plan.Request{Bind: on(london, 50032)}, facts(exact(home), owned(50032, bakery, "")), "bind: +442079050032 is bound to PBX 4900. Only a move can take it from there."},
		"a trunk of another region":      {plan.Request{Bind: on(sydney, 50032)}, facts(exact(home)), "bind: The trunk sydney-sip is in Asia Pacific(Sydney), the PBX in Europe(London)."},
		"protected, dropped":             {plan.Request{Unbind: on(london, 50030)}, facts(exact(home), protected(50030)), "unbind: +442079050030 is protected. Take its protection off first."},
		"protected, moved":               {plan.Request{Unbind: on(london, 50040), Bind: on(mobile, 50040)}, facts(exact(on(london, 50040)), protected(50040)), "unbind: +442079050040 is protected. Take its protection off first."},
		"protected, one of two trunks":   {plan.Request{Unbind: on(mobile, 50040)}, facts(exact(on(london, 50040), on(mobile, 50040)), protected(50040)), "unbind: +442079050040 is protected. Take its protection off first."},
		"protected, cleared":             {plan.Request{Clear: true}, facts(exact(home), protected(50031)), "unbind: +442079050031 is protected. Take its protection off first."},
		"protected, unclear and cleared": {plan.Request{Clear: true}, facts(unclear(home, 50040), protected(50040)), "unbind: +442079050040 is protected. Take its protection off first."},
		"protected, undone":              {plan.Request{Undo: &plan.Undo{Snapshot: 7, Set: set(on(london, 50030))}}, facts(exact(home), protected(50031)), "unbind: +442079050031 is protected. Take its protection off first."},
		"protected, on the operator's word": {plan.Request{Bind: on(mobile, 50040)}, facts(unclear(home, 50040), protected(50040)),
			"bind: +442079050040 is protected, and it could sit on another trunk than mobile-sip. Wait for Yeastar's next report, or take its protection off first."},
		"clear and bind":           {plan.Request{Clear: true, Bind: on(london, 50032)}, facts(exact(home)), "clear: Ask for nothing else together with it."},
		"clear and unbind":         {plan.Request{Clear: true, Unbind: on(london, 50030)}, facts(exact(home)), "clear: Ask for nothing else together with it."},
		"clear and undo":           {plan.Request{Clear: true, Undo: &plan.Undo{Snapshot: 7}}, facts(exact(home)), "clear: Ask for nothing else together with it."},
		"clear and headers":        {plan.Request{Clear: true, Headers: stated(fleet.Header{Trunk: london, Header: 31, Value: "x"})}, facts(exact(home), firmware(newest)), "clear: Ask for nothing else together with it."},
		"clear nothing":            {plan.Request{Clear: true}, facts(exact()), "clear: Nothing is bound."},
		"undo and bind":            {plan.Request{Bind: on(london, 50032), Undo: &plan.Undo{Snapshot: 7, Set: set(home)}}, facts(exact(home)), "undo_to: Ask for nothing else together with it."},
		"undo and unbind":          {plan.Request{Unbind: on(london, 50030), Undo: &plan.Undo{Snapshot: 7, Set: set(home)}}, facts(exact(home)), "undo_to: Ask for nothing else together with it."},
		"undo that brings nothing": {plan.Request{Undo: &plan.Undo{Snapshot: 7, Set: set(on(london, 99))}}, facts(exact(home)), "undo_to: Yeastar knows no DID 99."},
		"undo that skips unasked": {plan.Request{Undo: &plan.Undo{Snapshot: 7, Set: set(on(london, 50030, 99)), Lost: []plan.Skipped{{Number: "83", Reason: "It is gone."}}}}, facts(exact(home)),
			"skip: 83: It is gone.\nskip: DID 99: Yeastar knows no DID 99."},
		"undo of lost numbers": {plan.Request{Undo: &plan.Undo{Snapshot: 7, Lost: []plan.Skipped{{Number: "83", Reason: "It is gone."}}}}, facts(exact(home)), "undo_to: It is gone."},

		"unclear":                 {plan.Request{Bind: on(london, 50032)}, facts(unclear(home, 50040)), "bind: +442079050040 could sit on london-sip or mobile-sip. Bind it where it is, or unbind it there."},
		"unclear, another unbind": {plan.Request{Unbind: on(london, 50030)}, facts(unclear(home, 50040)), "bind: +442079050040 could sit on london-sip or mobile-sip. Bind it where it is, or unbind it there."},
		"unclear, no candidate":   {plan.Request{Bind: on(sydney, 50040)}, facts(unclear(home, 50040)), "bind: +442079050040 could sit on london-sip or mobile-sip. Bind it where it is, or unbind it there."},
		"unclear, one of several": {plan.Request{Bind: on(london, 50040)}, facts(unclear(home, 50040, 50041)), "bind: +442079050041 could sit on london-sip or mobile-sip. Bind it where it is, or unbind it there."},
		"unclear, listed twice":   {plan.Request{Bind: on(london, 50040)}, facts(three), "bind: +442079050040 is listed 2 times and could sit on london-sip or mobile-sip. Name 2 of them, to bind or to unbind."},
		"unclear, on no trunk":    {plan.Request{Unbind: on(london, 50040)}, facts(adrift), "bind: +442079050040 is listed for this PBX, but it sits on none of its trunks. Try again in a moment, when a new read has settled it."},
		"undo, unclear":           {plan.Request{Undo: &plan.Undo{Snapshot: 7, Set: set(home)}}, facts(unclear(home, 50040)), "bind: +442079050040 could sit on london-sip or mobile-sip. Bind it where it is, or unbind it there."},

		"header on old firmware":  {header(london, 31, "x"), facts(mixed), "headers: They need firmware 84.22.0.134 or later."},
		"header on no trunk":      {header(sydney, 31, "x"), facts(mixed, firmware(newest)), "header.7001.31: The PBX has no number on sydney-sip after this plan, so the header would not count."},
		"header not defined":      {header(mobile, 32, "x"), facts(mixed, firmware(newest)), "header.6682.32: mobile-sip defines no header 32."},
		"header of no definition": {header(london, 31, "x"), facts(mixed, firmware(newest)), "header.6681.31: london-sip defines no header 31."},
		"header without an id":    {header(mobile, 0, "x"), facts(mixed, firmware(newest)), "header.6682.0: Choose a header."},
		"header without a value":  {header(mobile, 31, ""), facts(mixed, firmware(newest)), "header.6682.31: A header needs a value; leave it out for none."},
		"header too long":         {header(mobile, 31, strings.Repeat("ü", 256)), facts(mixed, firmware(newest)), "header.6682.31: At most 255 characters."},
		"header of two lines":     {header(mobile, 31, "a\r\nVia: b"), facts(mixed, firmware(newest)), "header.6682.31: No line breaks."},
		"header twice": {plan.Request{Bind: on(london, 50032), Headers: stated(fleet.Header{Trunk: mobile, Header: 31, Value: "a"}, fleet.Header{Trunk: mobile, Header: 31, Value: "b"})},
			facts(mixed, firmware(newest)), "header.6682.31: One value for each header."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := plan.Build(tt.req, tt.facts)
			var e *fleet.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v and a plan: %+v", err, p)
			}
			if e.Kind != fleet.KindInvalid || e.Op == "" || e.Msg == "" {
				t.Errorf("got %s of %s: %q", e.Kind, e.Op, e.Msg)
			}
			if p.After.Len() != 0 || p.Clear || len(p.Steps) != 0 {
				t.Errorf("a refused plan says something: %+v", p)
			}
			var got []string
			for _, f := range e.Fields {
				got = append(got, fmt.Sprintf("%s: %s", f.Name, f.Rule))
			}
			if !slices.Equal(got, strings.Split(tt.want, "\n")) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestAHeaderOfTheLongestLengthIsTaken(t *testing.T) {
	longest := fleet.Header{Trunk: mobile, Header: 31, Value: strings.Repeat("ü", 255)}
	p := build(t, plan.Request{Bind: on(mobile, 50041), Headers: stated(longest)}, facts(exact(on(mobile, 50040)), firmware(newest)))
	if !slices.Equal(p.Headers.After.List(), []fleet.Header{longest}) {
		t.Errorf("got %v", p.Headers.After.List())
	}
}

func TestHeadersThatMayExistAndAreNotKnownMustBeStated(t *testing.T) {
	hidden := func(f *plan.Facts) { // the account may not read this trunk
		f.Trunks[london] = fleet.Trunk{ID: london, Name: "london-sip"}
	}
	absent := func(f *plan.Facts) { delete(f.Trunks, london) } // the account may not use it any more
	for name, tt := range map[string]struct {
		req   plan.Request
		facts plan.Facts
		want  string
	}{
		"a trunk that defines some":         {plan.Request{Bind: on(mobile, 50041)}, facts(exact(on(mobile, 50040)), firmware(newest)), "Values may exist on mobile-sip."},
		"a trunk that tells nothing":        {plan.Request{Bind: on(london, 50032)}, facts(exact(on(london, 50030)), firmware(newest), hidden), "Values may exist on london-sip."},
		"a trunk that is not readable":      {plan.Request{Unbind: on(london, 50030)}, facts(exact(on(london, 50030, 50031)), firmware(newest), absent), "Values may exist on trunk 6681."},
		"two trunks":                        {plan.Request{Bind: on(mobile, 50041)}, facts(exact(on(london, 50030), on(mobile, 50040)), firmware(newest), hidden), "Values may exist on london-sip, mobile-sip."},
		"a number that may be on a trunk":   {plan.Request{Bind: append(on(london, 50041), on(mobile, 50042)...)}, facts(unclear(nil, 50041), firmware(newest)), "Values may exist on mobile-sip."},
		"an undo that keeps such a trunk":   {plan.Request{Undo: &plan.Undo{Snapshot: 7, Set: set(on(mobile, 50040))}}, facts(exact(on(mobile, 50040, 50041)), firmware(newest)), "Values may exist on mobile-sip."},
		"an unbind that keeps such a trunk": {plan.Request{Unbind: on(mobile, 50041)}, facts(exact(on(mobile, 50040, 50041)), firmware(newest)), "Values may exist on mobile-sip."},
	} {
		_, err := plan.Build(tt.req, tt.facts)
		var e *fleet.Error
		if !errors.As(err, &e) || e.Kind != fleet.KindHeaders || !slices.Equal(e.Fields, []fleet.Field{{Name: "headers", Rule: tt.want}}) {
			t.Errorf("%s: got %v", name, err)
		}
		tt.req.Headers = stated()
		if p, err := plan.Build(tt.req, tt.facts); err != nil || !p.Headers.Send || !p.Headers.After.Equal(fleet.KnownHeaders()) {
			t.Errorf("%s, stated as none: got %+v, %v", name, p.Headers, err)
		}
	}
}
