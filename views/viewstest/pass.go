package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const passesLead = "A pass holds every PBX in YCM against the record. It reads, and writes nothing to YCM. One starts by itself every 10 min."

func passBar() ui.Progress {
	return ui.Progress{Label: "PBXs looked at", Done: 7120, Total: 10_000, Text: "Looks at the PBXs"}
}

func passCounts(verified, failed, snapshots string) []ui.Fact {
	return []ui.Fact{{Label: "PBXs", Text: "10,000"}, {Label: "Verified", Text: verified}, {Label: "Not readable", Text: failed}, {Label: "Snapshots", Text: snapshots}}
}

// PassesPage is the list of passes while one runs.
func PassesPage() views.PassesPage {
	row := func(id string, state ui.Badge, started time.Duration, why, text, note, took string) views.PassRow {
		return views.PassRow{Href: href.Pass(id), Started: ago(started), State: state, Why: why, Text: text, Note: note, Took: took}
	}
	complete, incomplete := ui.Badge{Tone: ui.Ok, Label: "Complete"}, ui.Badge{Tone: ui.Warn, Label: "Incomplete"}
	return views.PassesPage{
		Lead: passesLead, Live: "passes", Pager: ui.Pager{Summary: "4 passes"}, Run: &views.FormAction{Href: href.Passes, Label: "Run a pass now"},
		Running: []views.RunningPass{{Href: href.Pass("418"), Title: "Pass of 21 Nov 2026, 14:12 UTC", By: "ana.perez", Bar: passBar(), Facts: passCounts("7,117", "3", "2")}},
		Rows: []views.PassRow{
			row("417", complete, 10*time.Minute, "Schedule", "10,000 PBXs verified", "", "33 s"),
			row("416", incomplete, 20*time.Minute, "Schedule", "3,110 of 10,000 PBXs verified, 4 could not be read", "Yeastar asks us to slow down. Try again in a moment. 3,114 of 10,000 PBXs were looked at; the others come first in the next pass.", "12 min"),
			row("415", complete, 2*day, "Command at the terminal", "10,000 PBXs verified, 2 new snapshots, 1 drifted", "", "31 s"),
		},
	}
}

// PassPage is a pass that found something.
func PassPage() views.PassPage {
	pbx := func(name string, id int64) ui.Link { return ui.Link{Label: name, Href: href.PBX(id)} }
	return views.PassPage{
		ID: "415", Title: "Pass of 19 Nov 2026, 14:02 UTC", State: ui.Badge{Tone: ui.Ok, Label: "Complete"},
		Sentence: "9,998 of 10,000 PBXs verified, 2 could not be read, 2 new snapshots, 1 drifted.",
		Facts: append([]ui.Fact{{Label: "Wanted by", Text: "ana.perez"}, {Label: "Started", Time: ago(2 * day)}, {Label: "Ended", Time: ago(2*day - 31*time.Second)}, {Label: "Took", Text: "31 s"}},
			append(passCounts("9,998", "2", "2"), ui.Fact{Label: "Drifted then", Text: "1"})...),
		Moved: []views.PassFinding{
			{PBX: pbx("Acme HQ", acme), Sentence: "2 numbers were removed outside Cordboard on 19 Nov between 13:52 and 14:02 UTC."},
			{PBX: pbx("<b>Aldgate</b> Legal", 4809), Sentence: "What is known of its numbers has changed."},
		},
		Failed: []views.PassFinding{
			{PBX: pbx("Vale Print", 4810), Sentence: "The last read failed: Yeastar can't be reached: no answer."},
			{PBX: pbx("Lumen Energy", 4811), Sentence: "Yeastar says that it does not exist."},
		},
		More: "and 14 more PBXs",
	}
}

func passScreens() []Screen {
	list, one := Shell("Passes", views.SectionPasses, "/passes"), Shell(PassPage().Title, views.SectionPasses, "/passes/415")
	live := list
	live.Refresh = "2"
	none := views.PassesPage{Lead: passesLead, Live: "passes", Run: PassesPage().Run, Empty: ui.Empty{Title: "No pass has run yet", Text: "The first one reads the whole fleet, and fills the pages."}}
	bar, lists := passBar(), ui.Progress{Label: "PBXs looked at", Text: "Lists the PBXs"}
	running := PassPage()
	running.State, running.Sentence, running.Bar, running.Live = ui.Badge{Tone: ui.Busy, Label: "Running"}, "Looks at the PBXs.", &bar, "passes"
	begun := views.PassPage{ID: "418", Title: running.Title, State: running.State, Sentence: "Lists the PBXs.", Bar: &lists, Live: "passes", Quiet: "Nothing so far.", Facts: passCounts("0", "0", "0")}
	return []Screen{
		screen("passes", live, views.Passes, PassesPage()),
		screen("passes-empty", list, views.Passes, none),
		screen("pass", one, views.Pass, PassPage()),
		screen("pass-running", live, views.Pass, running),
		screen("pass-begun", live, views.Pass, begun),
	}
}
