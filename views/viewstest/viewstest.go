package viewstest

import (
	"time"

	"github.com/a-h/templ"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// Screen is one page in one state, ready to be rendered.
type Screen struct {
	Name string // of the golden file: "plan-draft"
	Path string // where it would be found: "/plans/pl_7Q2M"
	Page func(theme string) templ.Component
	Part bool // a fragment for htmx, not a whole page
}

// Now is the moment at which all samples are seen.
func Now() time.Time {
	return time.Date(2026, time.November, 21, 14, 12, 30, 0, time.UTC)
}

// Screens lists every screen, its empty, error and 422 states included.
func Screens() []Screen {
	groups := [][]Screen{
		doorScreens(),
		homeScreens(),
		fleetScreens(),
		pbxScreens(),
		didScreens(),
		trunkScreens(),
		sipTrunkScreens(),
		planScreens(),
		jobScreens(),
		newPBXScreens(),
		bulkScreens(),
		manageScreens(),
		moveScreens(),
		newCSVScreens(),
		historyScreens(),
		driftScreens(),
		passScreens(),
		hookScreens(),
		settingsScreens(),
		peopleScreens(),
		secondScreens(),
		recordScreens(),
		errorScreens(),
	}
	var all []Screen
	for _, group := range groups {
		all = append(all, group...)
	}
	return all
}

// ago is a moment before Now in words.
func ago(d time.Duration) ui.Time {
	return ui.At(Now().Add(-d), Now())
}

const day = 24 * time.Hour

// Shell is the frame of a signed-in operator.
func Shell(title string, section views.Section, path string) views.Shell {
	return views.Shell{
		Title: title, Section: section, Path: path,
		User:      views.User{Name: "ana.perez", Role: "Operator"},
		OpenPlans: "2", OpenDrift: "1",
		Signals: []views.Signal{
			{Tone: ui.Ok, Text: "Webhook", Time: ago(2 * time.Minute), Href: href.Webhooks},
			{Tone: ui.Ok, Text: "Sweep", Time: ago(6 * time.Minute), Href: href.Fleet},
		},
	}
}

// door is the frame of somebody who is not signed in.
func door(title string) views.Shell { return views.Shell{Title: title} }

// screen ties a page to its frame; the theme is set when it is rendered.
func screen[P any](name string, shell views.Shell, view func(views.Shell, P) templ.Component, page P) Screen {
	return Screen{Name: name, Path: shell.Path, Page: func(theme string) templ.Component {
		shell.Theme = theme
		return view(shell, page)
	}}
}

// part is a fragment without a frame.
func part[P any](name string, view func(P) templ.Component, page P) Screen {
	return Screen{Name: name, Part: true, Page: func(string) templ.Component { return view(page) }}
}
