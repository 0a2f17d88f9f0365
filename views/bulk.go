package views

import "cordboard/views/ui"

// BulkPage takes a spreadsheet of bindings.
type BulkPage struct {
	Action  string
	Export  string // where the bindings are a file
	MaxRows string
	File    ui.Field
	Text    ui.Field
	Errors  []ui.FieldError
	Past    ui.Link
}

// BulkReviewPage is one job of many plans: what asked for them, the plans, and how carrying them out goes.
type BulkReviewPage struct {
	ID       string
	Noun     string // "spreadsheet"
	Title    string
	State    ui.Badge
	Sentence string
	Job      ui.Link
	Back     ui.Link
	Facts    []ui.Fact
	Errors   []ui.FieldError // what agreeing still needs
	Form     *BulkForm       // nil unless plans wait for a person
	Missing  BulkMissing
	Again    *FormAction // nil unless it stopped half-way
	GiveUp   *FormAction
	Undo     *FormAction // the way back of what was done
	Left     []BulkLeft
	LeftSum  string   // how many
	Rows     BulkRows // of a spreadsheet
	Steps    BulkSteps
	Live     string // "job:ID"
}

// BulkLeft is a PBX that is left alone, and why.
type BulkLeft struct {
	PBX      ui.Link
	Sentence string
}

// BulkMissing are the PBXs of which no plan could be made. The form tries again.
type BulkMissing struct {
	Action string // empty for those who may not
	Rows   []BulkMiss
}

// BulkMiss is one of them. ID is set where only a word about its custom SIP headers is missing.
type BulkMiss struct {
	PBX      ui.Link
	Sentence string
	ID       string
}

// BulkRows are some of the file's rows.
type BulkRows struct {
	Groups []ui.Option
	Rows   []BulkRow
	Empty  ui.Empty
	Pager  ui.Pager
}

// BulkRow is one row of the file, as it was typed, and what it is.
type BulkRow struct {
	Row      string
	PBX      string
	Number   string
	Trunk    string
	State    ui.Badge
	Sentence string
}

// BulkForm is the form by which a person agrees to the plans.
type BulkForm struct {
	Action  string
	Plans   []BulkPlan // dangerous ones first
	Count   string
	Order   string    // in what order they are carried out, in a sentence
	Dangers string    // how many want a tick of their own, in a sentence; empty for none
	Reason  *ui.Field // nil when no plan asks for one
	Stop    bool
}

// BulkPlan is one plan among many.
type BulkPlan struct {
	ID      string
	Title   string // "Unbind 1 and bind 2 numbers on Acme HQ"
	PBX     ui.Link
	Plan    ui.Link
	Status  ui.Badge // empty for a draft
	Danger  bool
	Reasons []string
	Counts  []PlanCount
	Rows    []PlanRow
	Fields  []FieldRow // of a plan that changes a trunk
	More    string     // "and 12 changes more"; empty when all are shown
	Checked bool
	Expect  string
	Name    *ui.Field // typed PBX name; nil when it is not asked for
}

// BulkSteps is how the plans fare.
type BulkSteps struct {
	Title  string
	Bar    ui.Bar
	Groups []JobSteps
}
