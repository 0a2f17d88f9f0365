package views

import "cordboard/views/ui"

// PlansPage is the list of plans.
type PlansPage struct {
	States []ui.Option // the filter by status as links with counts
	Chips  []ui.Chip
	Clear  string
	Rows   []PlanListRow
	Empty  ui.Empty
	Pager  ui.Pager
	Error  ui.Notice
	Live   string // "plans"
}

// PlanListRow is one plan in a list.
type PlanListRow struct {
	Href    string
	Title   string // "Unbind 1 and bind 2 numbers"
	PBX     ui.Link
	Truth   ui.Truth
	Status  ui.Badge
	By      string
	Made    ui.Time
	Note    string // how it ended or what it waits for: "expires in 14 min"
	Outcome string // the sentence of the outcome; may be empty
}

// PlanPage is one plan: what would change or has changed, the risk, and what to do next.
type PlanPage struct {
	ID       string
	Title    string // the effect: "Unbind 1 and bind 2 numbers on Acme HQ"
	Status   ui.Badge
	Sentence string // one sentence on the status; the Outcome takes its place once there is one
	PBX      ui.Link
	Truth    ui.Truth // how our record of the PBX stands now
	Back     ui.Link  // where it was made: the DIDs page
	Facts    []ui.Fact
	Counts   []PlanCount
	Rows     []PlanRow
	Keep     []PlanRow
	KeepText string // "9 numbers stay as they are"; empty when none stays
	Headers  []PlanHeaderRow
	Skipped  []PlanSkip
	Risk     *PlanRisk
	Second   *PlanSecond  // nil when no second person is asked for
	Confirm  *PlanConfirm // nil when it cannot be confirmed
	Steps    []PlanStep   // the progress of applying, verified steps included; empty for a draft
	Outcome  *PlanOutcome // nil until it ended
	Moved    *PlanMoved   // what moved since the plan was made; nil when nothing did
	Again    *FormAction  // "Plan again" on the present state
	Undo     *FormAction  // the way back of a plan that was carried out
	Fields   []FieldRow   // settings that a trunk's plan changes
	Line     *PlanLine    // how the trunk stands since
	Discard  *FormAction
	Trail    []TrailRow // who did what with this plan, newest last
	Live     string     // "plan:ID"
}

// PlanCount is one figure of the summary: − 1 unbind.
type PlanCount struct {
	Verb  string // unbind, move, bind, keep: the class
	Sign  string // −, →, +, =
	Count string
	Word  string // "to unbind", "unbound"
}

// PlanRow is one number in the plan, before and after.
type PlanRow struct {
	Verb   string // unbind, move, bind, keep: the class
	Sign   string // −, →, +, =
	Word   string // "Unbind"
	Number string
	DIDID  string
	Before string // the trunk it is on now; empty when it is not bound
	After  string // the trunk it will be on; empty when it will not be bound
	Note   string // "Implied: the number is bound again on another trunk"; may be empty
	Shield bool   // the number is protected
}

// PlanHeaderRow is a custom SIP header before and after.
type PlanHeaderRow struct {
	Verb   string // bind (added), unbind (removed), move (changed), keep
	Sign   string
	Word   string
	Trunk  string
	Name   string
	Before string
	After  string
}

// PlanSkip is a number that an undo cannot bring back.
type PlanSkip struct {
	Number string
	Reason string
}

// PlanRisk is the guard's opinion.
type PlanRisk struct {
	Tone    ui.Tone
	Title   string // "Danger: this leaves Acme HQ without numbers"
	Reasons []string
}

// PlanConfirm is the form that carries the plan out. Its button says the effect.
type PlanConfirm struct {
	Action string // POST target
	Button string // "Unbind 1 and bind 2 numbers on Acme HQ"
	Danger bool
	Expect string    // the PBX name to be typed, printed in the help; empty when it is not asked for
	Name   *ui.Field // typed PBX name
	Reason *ui.Field // why the guard is overruled
	Errors []ui.FieldError
	Note   string // what happens on pressing: "Cordboard reads the PBX again first. If anything moved, nothing is sent."
}

// PlanSecond is how a plan stands with the second person.
type PlanSecond struct {
	State   ui.Badge
	Text    string
	Time    ui.Time     // when somebody approved
	Approve *FormAction // for those who may
	Error   string      // why it was not approved just now
}

// PlanStep is one step of applying.
type PlanStep struct {
	State ui.Badge // Ok done, Busy now, None waiting, Bad failed, Ask unknown
	Name  string   // "Read again", "Send the full list", "Read back"
	Text  string
	Time  ui.Time
}

// PlanOutcome is how it ended, in words that can be quoted to the vendor.
type PlanOutcome struct {
	Tone     ui.Tone
	Title    string // "Verified", "Diverged", "Refused by Yeastar", "We do not know yet"
	Sentence string
	Details  []ui.Fact // vendor status, code, request ids, time
	Snapshot ui.Link
}

// PlanLine is how a trunk stands after its plan was carried out.
type PlanLine struct {
	State ui.Badge
	Text  string
	Time  ui.Time // when it was looked at
}

// PlanMoved compares what the plan was made on with what is there now.
type PlanMoved struct {
	Title string
	Text  string
	What  string // heads the first column: "Number"
	None  string // stands for an empty place: "not bound"
	Rows  []MovedRow
}

// MovedRow is one number, or one setting, that changed behind the plan.
type MovedRow struct {
	Number   string
	Original string
	Theirs   string
	Yours    string
}

// FormAction is a button that posts hidden fields.
type FormAction struct {
	Href   string
	Label  string
	Text   string // what it does, beside the button
	Fields []HiddenField
}

// HiddenField is a name and a value.
type HiddenField struct {
	Name  string
	Value string
}

// TrailRow is one line of who did what.
type TrailRow struct {
	Time ui.Time
	Who  string
	Text string
	Tone ui.Tone
}

func confirmTone(danger bool) string {
	if danger {
		return "bad"
	}
	return "pri"
}

func (m PlanMoved) place(text string) string {
	if text == "" {
		return m.None
	}
	return text
}
