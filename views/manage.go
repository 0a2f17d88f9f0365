package views

import (
	"github.com/a-h/templ"

	"cordboard/views/ui"
)

// PBXManagePage shows what a PBX is set to, and takes what should change. Its forms lead to a review by GET: nothing is sent
// from here.
type PBXManagePage struct {
	Header  PBXHeader
	Notices []ui.Notice // the PBX could not be read; a change of it is under way
	Errors  []ui.FieldError
	Facts   []ui.Fact
	Copy    string // where a new one like it is made

	Base      string // what is seen: a review on something else is told apart
	Features  PBXFeaturesForm
	Capacity  PBXCapacityForm
	Customers PBXCustomersForm
	Acts      []PBXAct
}

// PBXFeaturesForm is the name and the switches.
type PBXFeaturesForm struct {
	Action   string
	Name     ui.Field
	Switches []ui.Radios
	Optional []ui.Select
}

// PBXCapacityForm is what the PBX may use.
type PBXCapacityForm struct {
	Action string
	Fields []ui.Field
	Left   LeftPanel
}

// PBXCustomersForm takes customers on and off.
type PBXCustomersForm struct {
	Action string
	Href   string // this page, for a search
	Now    []CustomerRow
	Find   ui.Field
	Found  []CustomerRow
	Empty  string
}

// PBXAct is an act of a PBX's life that needs nothing but a confirmation.
type PBXAct struct {
	Title  string
	Text   string
	Button string
	Href   string // of its review
	Danger bool
}

// ReviewPage shows one act before it is sent: what is there now, what will be sent, and the button that says the effect.
type ReviewPage struct {
	Header  PBXHeader
	Title   string
	Text    string
	Caption string
	Then    string // what the values on the right are: "Will be sent"
	Rows    []ReviewRow
	Lists   []ReviewList
	Notices []ui.Notice
	Blocked ui.Notice // why it can't be sent
	Errors  []ui.FieldError
	Confirm ReviewConfirm
	Back    string
}

// wide reports whether there is anything to see beside the button.
func (p ReviewPage) wide() bool { return len(p.Rows)+len(p.Lists) > 0 }

// ReviewRow is one value before and after.
type ReviewRow struct {
	Verb   string // class: "keep", "move", "bind", "unbind"
	Word   string // "Keep", "Change", "Add", "Remove"
	Sign   string
	Label  string
	Before string
	After  string
	Note   string
}

// ReviewList is what an act takes along, such as the numbers of a PBX that is deleted.
type ReviewList struct {
	Title   string
	Numbers []ui.Number
	More    string
}

// ReviewConfirm is the form that sends it.
type ReviewConfirm struct {
	Action string
	Fields [][2]string // hidden, name and value
	Choice *ReviewChoice
	Agree  *ReviewAgree
	Expect string
	Name   *ui.Field
	Reason *ui.Field
	Button string
	Note   string
	Danger bool
}

// ReviewChoice is whom an act concerns.
type ReviewChoice struct {
	Legend string
	Error  string
	Rows   []CustomerRow
}

// ReviewAgree is something that must be meant.
type ReviewAgree struct {
	Name    string
	Label   string
	Error   string
	Checked bool
}

// agreeAttributes tie what is wrong to the box.
func agreeAttributes(a *ReviewAgree) templ.Attributes {
	if a.Error == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": a.Name + "-error"}
}
