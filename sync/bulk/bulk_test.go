package bulk_test

import (
	"strings"
	"testing"

	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
)

// bakeryRows are the bakery's, unchanged.
var bakeryRows = []string{"|Corner Bakery||Colt||+442079460110", "|Corner Bakery||BT||+442079460111", "|Corner Bakery||Colt||+442079460112"}

func TestAFileThatWasNotEditedAsksForNothing(t *testing.T) {
	w := town()
	w.known[bakery] = fleet.Known{Certainty: fleet.CertaintyAmbiguous, Set: fleet.NewBindingSet(pair(colt, 110)),
		Unclear: []fleet.Unclear{{DID: 111, Trunks: []fleet.TrunkID{colt, bt}, Copies: 1}, {DID: 112, Trunks: []fleet.TrunkID{colt, bt}, Copies: 2}}}
	r := w.judge(w.export()...)
	want(t, "fates", fates(r), "1 same, 2 same, 3 same")
	if r.Wrong() != 0 || r.Count(bulk.Kept) != 8 {
		t.Errorf("%s", verdicts(r))
	}
}

func TestWhatTheRowsLackIsTakenAwayAndWhatTheyAddIsBound(t *testing.T) {
	r := town().judge("|Corner Bakery||Colt||442079460110", "|corner bakery||Colt||'+44 20 7946 0111", "|Corner Bakery||BT||+442079460125", "2|||||+442079460200")
	want(t, "verdicts", verdicts(r), "kept move bind bind")
	want(t, "fates", fates(r), "2 change +[{11 111} {11 200} {12 125}] -[{11 112} {12 111}]")
}

func TestANumberThatOnePBXGivesUpGoesToAnotherAfterIt(t *testing.T) {
	r := town().judge(append(bakeryRows, "2|Corner Bakery||Colt||+442079460101", "1|||Colt||+442079460100", "1|||BT||+442079460102")...)
	want(t, "verdicts", verdicts(r), "kept kept kept claim kept kept")
	want(t, "fates", fates(r), "1 change +[] -[{11 101}], 2 change +[{11 101}] -[] after [1]")
}

func TestANumberThatNobodyGivesUpIsTaken(t *testing.T) {
	absent := town().judge(append(bakeryRows, "2|||Colt||+442079460101")...)
	want(t, "the owner has no rows", verdicts(absent)+"; "+fates(absent), "kept kept kept taken; 2 left")

	left := town().judge(append(bakeryRows, "2|||Colt||+442079460101", "1|||Colt||+442079460100", "1|||Nobody||+442079460102")...)
	want(t, "the owner is left alone", verdicts(left)+"; "+fates(left), "kept kept kept taken kept unknown_trunk; 2 left, 1 left")

	twice := town().judge(append(bakeryRows, "2|||Colt||+442079460101", "1|||Colt||+442079460100", "1|||Colt||+442079460101", "1|||BT||+442079460102")...)
	want(t, "both want it", verdicts(twice)+"; "+fates(twice), "kept kept kept twice kept twice kept; 2 left, 1 left")
}

func TestANumberIsNotGivenUpForAPBXThatIsLeftAlone(t *testing.T) {
	r := town().judge(append(bakeryRows, "2|||Colt||+442079460101", "2|||Nobody||+442079460125", "1|||Colt||+442079460100", "1|||BT||+442079460102")...)
	want(t, "the taker is left alone", verdicts(r)+"; "+fates(r), "kept kept kept taken unknown_trunk kept kept; 2 left, 1 left")
	if r.Items[1].Sentence != "It would give up +442079460101 for Corner Bakery, which is left alone." {
		t.Error(r.Items[1].Sentence)
	}
}

func TestPBXsThatExchangeNumbersInACircleAreLeftAlone(t *testing.T) {
	swap := town().judge("1|||Colt||+442079460110", "1|||Colt||+442079460101", "1|||BT||+442079460102", "2|||Colt||+442079460100", "2|||BT||+442079460111", "2|||Colt||+442079460112")
	want(t, "a swap", fates(swap), "1 left, 2 left")
	if !strings.Contains(swap.Items[0].Sentence, "Acme HQ, Corner Bakery") {
		t.Error(swap.Items[0].Sentence)
	}
	third := town().judge("1|||Colt||+442079460110", "1|||BT||+442079460102", "2|||Colt||+442079460100", "3|||Colt||+442079460101")
	want(t, "who wants a number from a circle waits for it in vain", fates(third), "1 left, 2 left, 3 left")
}

func TestEveryWrongRowSaysWhatIsWrongAndItsPBXIsLeftAlone(t *testing.T) {
	for row, want := range map[string]bulk.VerdictWord{
		"2|||Colt||+442079460125||formula": bulk.Formula,
		"2|||Colt||+442079460125||rounded": bulk.Rounded,
		"2|||Colt||+442079460125||shifted": bulk.Shifted,
		"2|||Colt":                         bulk.Incomplete,
		"2|||Nobody||+442079460125":        bulk.UnknownTrunk,
		"2||99|||+442079460125":            bulk.UnknownTrunk,
		"2||15|||+442079460125":            bulk.UnknownTrunk,
		"2|||Old||+442079460125":           bulk.UnknownTrunk,
		"2||x|Gamma||+442079460125":        bulk.AmbiguousTrunk,
		"2|||||+442079460125":              bulk.UnclearTrunk,
		"2|||not known||+442079460125":     bulk.UnclearTrunk,
		"2|||Colt||+442079469999":          bulk.UnknownNumber,
		"2|||Colt|777":                     bulk.UnknownNumber,
		"2|||Colt||nonsense":               bulk.UnknownNumber,
		"2|||Gamma2|201|+442079460201":     bulk.UnknownTrunk,
		"2|||Colt||+442079460201":          bulk.DeletedNumber,
		"2||13|||83":                       bulk.AmbiguousNumber,
		"2|||BT||+442079460200":            bulk.WrongTrunk,
		"2|||Colt||+442079460100":          bulk.Taken,
		"2|||Colt||+44 20 7946 0110":       bulk.Duplicate,
	} {
		r := town().judge(append(bakeryRows, row)...)
		last := r.Rows[len(r.Rows)-1]
		if last.Word != want || last.Sentence == "" || r.Items[0].Fate != bulk.Left || r.Items[0].Sentence == "" {
			t.Errorf("%s: %s %q; %s", row, last.Word, last.Sentence, fates(r))
		}
	}
	region := town().judge("1|||Colt||+442079460100", "1|||Colt||+442079460101", "1|||BT||+442079460102", "1||13|||+442079460202")
	want(t, "another region", verdicts(region)+"; "+fates(region), "kept kept kept wrong_region; 1 left")
}

func TestARowThatCannotBePlacedHoldsBackThePBXThatWouldLoseItsNumber(t *testing.T) {
	for row, want := range map[string]bulk.VerdictWord{
		"|||Colt||+442079460112":               bulk.Incomplete,
		"|Corner Backery||Colt||+442079460112": bulk.UnknownPBX,
		"77|||Colt||+442079460112":             bulk.UnknownPBX,
		"2|Renamed||Colt||+442079460112":       bulk.UnknownPBX,
		"|ACME HQ||Colt||+442079460112":        bulk.AmbiguousPBX,
	} {
		r := town().judge(bakeryRows[0], bakeryRows[1], row)
		if r.Rows[2].Word != want || fates(r) != "2 left" || !strings.Contains(r.Items[0].Sentence, "row 4") {
			t.Errorf("%s: %s, %s, %q", row, verdicts(r), fates(r), r.Items[0].Sentence)
		}
		elsewhere := town().judge(bakeryRows[0], bakeryRows[1], strings.Replace(row, "0112", "0125", 1))
		if fates(elsewhere) != "2 change +[] -[{11 112}]" {
			t.Errorf("%s, with a number of nobody: %s", row, fates(elsewhere))
		}
	}
	r := town().judge("|Gone||Colt||+442079460125")
	want(t, "a PBX that is gone", verdicts(r)+"; "+fates(r), "gone_pbx; 4 left")
	r = town().judge("|Unread||Colt||+442079460125")
	want(t, "a PBX that was never read", fates(r), "5 left")
}

func TestNamesAreWhatPeopleEditAndIDsSettleWhichOfTwoIsMeant(t *testing.T) {
	for row, want := range map[string]string{
		"3|acme hq||Colt||+442079460120":                 "3 same",
		"|acme hq||Colt||+442079460120":                  "3 same", // written exactly so, though Acme HQ differs in case alone
		"1|acme hq||Colt||+442079460120":                 "1 left", // the id of the one whose name it is, but for case
		"|Corner Bakery|14|Gamma||+442079460110":         "2 left", // the second Gamma: not there
		"1|Corner Bakery|12|Colt|100|+442079460110|base": "2 change +[] -[{11 112} {12 111}]",
		"2|||Colt|110|442079460110":                      "2 change +[] -[{11 112} {12 111}]",
		"2|||Colt|110|":                                  "2 change +[] -[{11 112} {12 111}]",
		"2|||Colt|902|36":                                "2 change +[{11 902}] -[{11 110} {11 112} {12 111}]", // its zeros were eaten
		"2|||Colt||83":                                   "2 change +[{11 900}] -[{11 110} {11 112} {12 111}]", // two are 83; one of them sits there
	} {
		if got := fates(town().judge(row)); got != want {
			t.Errorf("%s: %s, want %s", row, got, want)
		}
	}
}

func TestAFileThatWasMadeBeforeAChangeTakesNothingAway(t *testing.T) {
	old := bulk.Base(exact(pair(colt, 110), pair(bt, 111)))
	now := bulk.Base(town().known[bakery])
	changed := []string{"2|||Colt||+442079460110|" + old, "2|||BT||+442079460111|" + old}
	want(t, "made before", fates(town().judge(changed...)), "2 left")
	want(t, "made now", fates(town().judge(strings.Replace(changed[0], old, now, 1), strings.Replace(changed[1], old, now, 1))), "2 change +[] -[{11 112}]")
	want(t, "a row that was brought over from another PBX", fates(town().judge("2|||Colt||+442079460110|"+now, "1|Corner Bakery||BT||+442079460111|"+old)), "2 change +[] -[{11 112}]")
	want(t, "what it asks for is so already", fates(town().judge(append(changed, "2|||Colt||+442079460112|"+old)...)), "2 same")
}

func TestProtectedNumbersStayWhereTheyAre(t *testing.T) {
	w := town()
	w.protect(111)
	r := w.judge(bakeryRows[0], bakeryRows[2])
	want(t, "no row", fates(r), "2 left")
	if !strings.Contains(r.Items[0].Sentence, "+442079460111") {
		t.Error(r.Items[0].Sentence)
	}
	r = w.judge(bakeryRows[0], "2|||Colt||+442079460111", bakeryRows[2])
	want(t, "another trunk", verdicts(r)+"; "+fates(r), "kept protected kept; 2 left")
}

func TestATrunkThatNobodyKnowsIsStatedOrLeft(t *testing.T) {
	w := town()
	w.known[bakery] = fleet.Known{Certainty: fleet.CertaintyAmbiguous, Set: fleet.NewBindingSet(pair(colt, 110)),
		Unclear: []fleet.Unclear{{DID: 111, Trunks: []fleet.TrunkID{colt, bt}, Copies: 1}, {DID: 112, Trunks: []fleet.TrunkID{colt, gamma2}, Copies: 1}}}
	kept, open1, open2 := "2|||Colt||+442079460110", "2|||not known||+442079460111", "2|||Not Known||+442079460112"
	for _, c := range []struct{ rows, verdicts, fates string }{
		{kept + "\n" + open1 + "\n" + open2, "kept kept kept", "2 same"},
		{kept + "\n" + open1, "kept kept", "2 left"},
		{kept + "\n2|||BT||+442079460111\n" + open2, "kept stated kept", "2 left"},
		{kept + "\n2|||BT||+442079460111\n2|||Colt||+442079460112", "kept stated stated", "2 change +[{12 111} {11 112}] -[]"},
		{kept + "\n2||14||111\n" + open2, "kept unclear_trunk kept", "2 left"},
		{open1 + "\n" + open2, "kept kept", "2 left"},
		{"2|||not known||+442079460110\n" + open1 + "\n" + open2, "kept kept kept", "2 same"},
	} {
		r := w.judge(strings.Split(c.rows, "\n")...)
		want(t, c.rows, verdicts(r)+"; "+fates(r), c.verdicts+"; "+c.fates)
	}
}
