package bulk

import (
	"strings"
	"unicode"

	"cordboard/sync/fleet"
)

// The columns of the file, in the order of the export. People edit PBX, trunk and number by name;
// the ids make the way there and back exact where two things have one name.
const (
	ColumnPBXID   = "PBX id"
	ColumnPBX     = "PBX"
	ColumnTrunkID = "trunk id"
	ColumnTrunk   = "trunk"
	ColumnDIDID   = "DID id"
	ColumnNumber  = "number"
	ColumnName    = "name" // of the number; for reading only
	ColumnBase    = "base" // what the PBX had when the file was made, see [Base]
)

// NotKnown stands in the trunk column for a number whose trunk nobody knows.
const NotKnown = "not known"

// Line is one row of a file, as it was typed.
type Line struct {
	Row     int         `json:"row"` // as the spreadsheet counts
	PBXID   string      `json:"-"`
	PBX     string      `json:"pbx"`
	TrunkID string      `json:"-"`
	Trunk   string      `json:"trunk"`
	DIDID   string      `json:"-"`
	Number  string      `json:"number"`
	Base    string      `json:"-"`
	Fault   VerdictWord `json:"-"` // what makes its cells unbelievable, or empty
}

// NamedDID is the DID id of the row, if it has one.
func (l Line) NamedDID() (fleet.DIDID, bool) { return id[fleet.DIDID](l.DIDID) }

// Base is a short mark of the bindings that a PBX has: a file that was made on others does not take
// away what came meanwhile. It begins with a letter, so that no spreadsheet takes it for a number.
func Base(known fleet.Known) string { return "b" + known.Record().Fingerprint()[:16] }

// Out is one row of the export.
type Out struct {
	PBX   fleet.PBX
	Trunk fleet.TrunkID // [fleet.TrunkUnclear]: nobody knows it
	DID   fleet.DIDID
}

// Export is the rows of one PBX: every pair, and every number whose trunk is not known as often as it
// is bound.
func Export(pbx fleet.PBX, known fleet.Known) []Out {
	var rows []Out
	for _, b := range known.Set.Pairs() {
		rows = append(rows, Out{pbx, b.Trunk, b.DID})
	}
	for _, u := range known.Unclear {
		for range u.Picks() {
			rows = append(rows, Out{pbx, fleet.TrunkUnclear, u.DID})
		}
	}
	return rows
}

// words is a text as names are compared: what a spreadsheet or a browser makes of white space does
// not count.
func words(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\uFEFF' }), " ")
}

// id reads a vendor's id: a positive number in plain digits, or nothing.
func id[T ~int64](text string) (n T, ok bool) {
	if text == "" || len(text) > 18 {
		return 0, false
	}
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + T(r-'0')
	}
	return n, n > 0
}
