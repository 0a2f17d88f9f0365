package views

import "cordboard/views/ui"

// PBXTrunksPage is the list of a PBX's own trunks.
type PBXTrunksPage struct {
	Header  PBXHeader
	Way     TrunkWay
	Notices []ui.Notice // why the PBX can't be asked
	Rows    []PBXTrunkRow
	Last    bool // the rows are what was read last, not what the PBX says now
	Empty   ui.Empty
}

// TrunkWay is how the PBX's own API is reached.
type TrunkWay struct {
	Text string // "Reached through YCM's relay."
	Link ui.Link
}

// PBXTrunkRow is one trunk of a PBX.
type PBXTrunkRow struct {
	Href   string
	Name   string
	ID     string
	Type   string // in words
	Shared bool   // it came from YCM
	Status ui.Badge
	Read   ui.Time // when it was read; zero = just now
	Host   string
	CID    string
	User   string
}

// PBXTrunkPage is one trunk of a PBX, with the form that changes it.
type PBXTrunkPage struct {
	Header   PBXHeader
	Back     ui.Link
	Name     string
	Status   ui.Badge
	Type     string
	ID       string
	Shared   bool
	Notices  []ui.Notice
	Errors   []ui.FieldError
	Conflict *TrunkConflict
	Form     *TrunkForm // nil: nothing can be changed here
	Settings []ui.Fact  // what the form does not have
	Facts    []ui.Fact
	Plans    []TrunkPlan
	History  []TrunkReading
}

// TrunkConflict is what somebody else changed while the form was filled.
type TrunkConflict struct {
	Title string
	Text  string
	Rows  []TrunkMoved
}

// TrunkMoved is one setting of a conflict, in words.
type TrunkMoved struct {
	Label    string
	Original string
	Theirs   string
	Yours    string
	Kept     string // what the form has now
}

// TrunkForm is what can be changed of a trunk.
type TrunkForm struct {
	Action string
	Base   string // the reading that it was made of
	Groups []TrunkGroup
	People []MemberOption // whom caller IDs can be given to
	Save   string
	Note   string
}

// TrunkGroup is a part of the form: controls, or one of the lists.
type TrunkGroup struct {
	ID        string
	Title     string
	Help      string
	Controls  []ui.Control
	Codecs    *CodecPick
	CallerIDs *CallerIDRows
	DIDs      *DIDRows
}

// CodecPick is an ordered choice.
type CodecPick struct {
	Help  string
	Error string
	Rows  []ui.Select // Name is the same for all; the label says the rank
	More  string      // the list that a press adds to; empty when there is room
}

// CallerIDRows are outbound caller IDs that can be edited.
type CallerIDRows struct {
	Error string
	Rows  []CallerIDRow
}

// CallerIDRow is one outbound caller ID.
type CallerIDRow struct {
	Title   string // "Caller ID 1"
	Drop    string // the value that takes the row away
	Option  ui.Select
	CID     ui.Field
	Name    ui.Field
	Range   ui.Field
	Members ui.Field // typed ones
	Chosen  []MemberOption
}

// MemberOption is an extension or a group.
type MemberOption struct {
	Value string // "extension:12"
	Label string
}

// DIDRows are DIDs that can be edited.
type DIDRows struct {
	Error string
	Rows  []DIDRow
}

// DIDRow is one DID.
type DIDRow struct {
	Title string
	Drop  string
	DID   ui.Field
	Name  ui.Field
}

// TrunkPlan is one plan of a trunk.
type TrunkPlan struct {
	Link   ui.Link
	Status ui.Badge
	By     string
	Made   ui.Time
}

// TrunkReading is one reading of a trunk that differed from the one before.
type TrunkReading struct {
	At    ui.Time
	Until ui.Time
	Plan  ui.Link // the plan after which it was read
	Text  string  // of the first one: "First read."
	Rows  []FieldRow
}

// FieldRow is one setting before and after.
type FieldRow struct {
	Verb  string // class: move, bind (set), unbind (emptied)
	Sign  string
	Word  string
	Label string
	From  string
	To    string
	Lines []FieldLine // of a list, instead of From and To
	Stay  string      // "3 rows stay as they are"
}

// FieldLine is one row of a list.
type FieldLine struct {
	Verb string // bind, unbind, keep
	Sign string
	Word string
	Text string
}

// AccessPage is how a PBX's own API is reached.
type AccessPage struct {
	Header  PBXHeader
	Back    ui.Link
	Errors  []ui.FieldError
	Notices []ui.Notice
	Action  string
	Way     ui.Radios
	Fields  []ui.Control // of the direct way
	Trust   []ui.Control // for a certificate that nobody vouches for
	Test    FormAction
	Facts   []ui.Fact
}
