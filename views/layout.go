package views

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"cordboard/views/href"
	"cordboard/views/ui"
)

// Section is the entry of the main navigation that a page belongs to.
type Section string

// The sections. SectionNone marks none: the home page and pages outside the sign-in.
const (
	SectionNone     Section = ""
	SectionHome     Section = "home"
	SectionFleet    Section = "fleet"
	SectionNumbers  Section = "numbers"
	SectionTrunks   Section = "trunks"
	SectionPlans    Section = "plans"
	SectionJobs     Section = "jobs"
	SectionDrift    Section = "drift"
	SectionPasses   Section = "passes"
	SectionWebhooks Section = "webhooks"
	SectionAudit    Section = "audit"
	SectionSettings Section = "settings"
)

// Shell is what the frame around a page needs. The zero User shows no navigation: sign-in, setup, errors for strangers.
type Shell struct {
	Title     string // of the browser tab, without the product's name
	Section   Section
	User      User
	Theme     string   // "light", "dark", or empty to follow the system; from the cookie "theme"
	Posted    bool     // this page answers a form: its address can't be asked for again, so that it is not live
	Path      string   // this page's path and query, to come back to after changing the theme
	Since     string   // how much had been announced when the page was made: its live stream begins there
	OpenPlans string   // how many plans wait for somebody; empty for none
	OpenJobs  string   // how many jobs run or wait for somebody; empty for none
	OpenDrift string   // how many drifts wait for somebody; empty for none
	Signals   []Signal // how old our knowledge is, at the foot of the navigation; two at most
	Flash     []ui.Notice
	Stopped   *Stopped // Yeastar refused our sign-ins and is not called any more; nil while all is well
	Refresh   string   // seconds after which a browser without scripts loads the page again; empty for never
}

// Stopped says that Yeastar is not called any more, on every page: nothing that Cordboard shows gets younger until somebody acts.
type Stopped struct {
	Since ui.Time
	Why   string      // what Yeastar said
	Retry *FormAction // one more attempt; nil for viewers
}

// User is who is signed in.
type User struct {
	Name string
	Role string // "operator"
}

// Signal is one line on the health of the knowledge: "Last webhook 2 min ago".
type Signal struct {
	Tone ui.Tone
	Text string
	Time ui.Time
	Href string
}

// title is the text of the browser tab.
func (s Shell) title() string {
	if s.Title == "" {
		return "Cordboard"
	}
	return s.Title + " · Cordboard"
}

type navItem struct {
	section Section
	icon    string
	label   string
	href    string
	count   string
}

// nav is the main navigation, in the order of the day's work.
func (s Shell) nav() []navItem {
	return []navItem{
		{SectionHome, "home", "Home", href.Home, ""},
		{SectionFleet, "fleet", "Fleet", href.Fleet, ""},
		{SectionNumbers, "numbers", "Numbers", href.Numbers, ""},
		{SectionTrunks, "trunks", "Trunks", href.Trunks, ""},
		{SectionPlans, "plans", "Plans", href.Plans, s.OpenPlans},
		{SectionJobs, "jobs", "Jobs", href.Jobs, s.OpenJobs},
		{SectionDrift, "drift", "Drift", href.Drifts, s.OpenDrift},
		{SectionPasses, "passes", "Passes", href.Passes, ""},
		{SectionWebhooks, "hooks", "Webhooks", href.Webhooks, ""},
		{SectionAudit, "audit", "Audit", href.Audit, ""},
		{SectionSettings, "settings", "Settings", href.Settings, ""},
	}
}

// themes are the three choices; an empty Theme follows the system.
func (s Shell) themes() []ui.Option {
	return []ui.Option{
		{Value: "auto", Label: "System", Selected: s.Theme == ""},
		{Value: "light", Label: "Light", Selected: s.Theme == "light"},
		{Value: "dark", Label: "Dark", Selected: s.Theme == "dark"},
	}
}

// initials are one or two letters for the round mark: "ana.perez" → "AP".
func (u User) initials() string {
	words := strings.FieldsFunc(u.Name, func(r rune) bool { return r == ' ' || r == '.' || r == '-' || r == '_' || r == '@' })
	letters := ""
	for _, word := range words[:min(len(words), 2)] {
		first, _ := utf8.DecodeRuneInString(word)
		letters += string(unicode.ToUpper(first))
	}
	return letters
}

func pressed(on bool) string {
	if on {
		return "true"
	}
	return "false"
}
