package viewstest

import (
	"fmt"
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

var (
	jobDone    = ui.Badge{Tone: ui.Ok, Label: "Done"}
	jobRunning = ui.Badge{Tone: ui.Busy, Label: "Running"}
	jobFailed  = ui.Badge{Tone: ui.Bad, Label: "Failed"}
	jobAsks    = ui.Badge{Tone: ui.Ask, Label: "Needs attention"}
)

// JobPage is a move under way.
func JobPage() views.JobPage {
	from, to := ui.Link{Label: "Acme HQ", Href: href.PBX(acme)}, ui.Link{Label: "Aldgate Legal", Href: href.PBX(4809)}
	share := func(tone ui.Tone, label string, n int) ui.Segment {
		return ui.Segment{Tone: tone, Label: label, Count: n, Href: href.With(href.Job("jb_4T9X"), "steps", label)}
	}
	return views.JobPage{
		ID: "jb_4T9X", Title: "Move 2 numbers from Acme HQ to Aldgate Legal", Kind: "Move", State: jobRunning, Sentence: "Acme HQ has released them; Aldgate Legal takes them now.",
		PBX: from, Live: "job:jb_4T9X", Facts: []ui.Fact{{Label: "Begun by", Text: "ana.perez"}, {Label: "Begun", Time: ago(12 * time.Second)}},
		Bar: ui.Bar{Label: "Steps", Segments: []ui.Segment{share(ui.Ok, "Done", 1), share(ui.None, "Waiting", 1), share(ui.Busy, "Running", 1)}},
		Groups: []views.JobSteps{{Rows: []views.JobStep{
			{Name: "Release from Acme HQ", State: jobDone, Sentence: "Verified: Yeastar holds exactly what this plan asked for.", PBX: from, Plan: ui.Link{Label: "Plan", Href: href.Plan("pl_7Q2M")}},
			{Name: "Claim for Aldgate Legal", State: jobRunning, PBX: to, Plan: ui.Link{Label: "Plan", Href: href.Plan("pl_8R3N")}},
			{Name: "Put back on Acme HQ", State: ui.Badge{Label: "Waiting"}, PBX: from},
		}}},
	}
}

// JobsPage is the list of jobs.
func JobsPage() views.JobsPage {
	row := func(id, title, kind string, state ui.Badge, sentence, steps string, begun time.Duration) views.JobListRow {
		return views.JobListRow{Href: href.Job(id), Title: title, Kind: kind, State: state, Sentence: sentence, Steps: steps, By: "ana.perez", Made: ago(begun)}
	}
	return views.JobsPage{
		Live: "jobs", Clear: href.Jobs, Pager: ui.Pager{Summary: "4 jobs"},
		States: []ui.Option{{Label: "All", Count: "4", Href: href.Jobs, Selected: true}, {Label: "Running", Tone: ui.Busy, Count: "1", Href: "/jobs?state=running"}, {Label: "Needs attention", Tone: ui.Ask, Count: "1", Href: "/jobs?state=needs_attention"}, {Label: "Done", Tone: ui.Ok, Count: "1", Href: "/jobs?state=done"}, {Label: "Failed", Tone: ui.Bad, Count: "1", Href: "/jobs?state=failed"}},
		Rows: []views.JobListRow{
			row("jb_4T9X", JobPage().Title, "Move", jobRunning, JobPage().Sentence, "1 of 3 steps", 12*time.Second),
			row("jb_4T9W", "Move 1 number from Vale Print to Lumen Energy", "Move", jobAsks, "Vale Print has released +44 20 7946 0021, and nobody has it now.", "1 of 3 steps", 9*time.Minute),
			row("jb_4T9V", "Bindings of 412 PBXs from a spreadsheet", "Spreadsheet", jobDone, "412 PBXs are as the file says.", "412 of 412 steps", 3*time.Hour),
			row("jb_4T9U", "New PBX <script>alert(1)</script>", "New PBX", jobFailed, "Yeastar refused: the URL is taken.", "1 of 4 steps", 2*day),
		},
	}
}

func jobScreens() []Screen {
	list, one := Shell("Jobs", views.SectionJobs, "/jobs"), Shell("Move 2 numbers", views.SectionJobs, "/jobs/jb_4T9X")
	running := one
	running.Refresh = "2"
	asks := JobPage()
	asks.State, asks.Sentence = jobAsks, "Acme HQ has released the numbers, Aldgate Legal did not take them, and putting them back failed: nobody has them now."
	asks.Groups[0].Rows[1].State, asks.Groups[0].Rows[1].Sentence = jobFailed, "Yeastar refused the write. A read shows that nothing changed."
	asks.Groups[0].Rows[2].State, asks.Groups[0].Rows[2].Sentence = jobAsks, "Yeastar could not be reached."
	asks.Resume = &views.FormAction{Href: href.Resume("jb_4T9X"), Label: "Try again", Text: "Goes on where it stopped. What is done is not done twice."}
	long := JobPage()
	long.Title, long.Kind, long.PBX, long.Sentence = "Bindings of 412 PBXs from a spreadsheet", "Spreadsheet", ui.Link{}, "208 of 412 PBXs are done."
	done := views.JobSteps{Title: "208 steps: Done", More: ui.Link{Label: "and 206 more", Href: "/jobs/jb_4T9X?steps=done"}}
	for i := range 2 {
		done.Rows = append(done.Rows, views.JobStep{Name: fmt.Sprintf("Branch %d", i+1), State: jobDone, Plan: ui.Link{Label: "Plan", Href: href.Plan("pl_7Q2M")}})
	}
	long.Groups = []views.JobSteps{{Rows: JobPage().Groups[0].Rows[1:2]}, done}
	long.Resume, long.All = nil, ui.Link{Label: "All steps", Href: href.Job("jb_4T9X")}
	none := views.JobsPage{Live: "jobs", Empty: ui.Empty{Title: "No job yet", Text: "What takes longer than a moment becomes a job.", Action: ui.Link{Label: "Choose a PBX", Href: href.Fleet}}}
	return []Screen{
		screen("jobs", list, views.Jobs, JobsPage()),
		screen("jobs-empty", list, views.Jobs, none),
		screen("job-running", running, views.Job, JobPage()),
		screen("job-asks", one, views.Job, asks),
		screen("job-long", one, views.Job, long),
	}
}
