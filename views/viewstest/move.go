package viewstest

import (
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// MovePage is the review of a move of two numbers.
func MovePage() views.MovePage {
	rows := []views.PlanRow{
		{Verb: "unbind", Sign: "−", Word: "Unbind", Number: "+44 20 7946 0021", DIDID: "50022", Before: "Colt London"},
		{Verb: "unbind", Sign: "−", Word: "Unbind", Number: "+44 20 7946 0022", DIDID: "50023", Before: "BT Wholesale"},
	}
	claim := []views.PlanRow{
		{Verb: "bind", Sign: "+", Word: "Bind", Number: "+44 20 7946 0021", DIDID: "50022", After: "Colt London"},
		{Verb: "bind", Sign: "+", Word: "Bind", Number: "+44 20 7946 0022", DIDID: "50023", After: "Colt London"},
	}
	return views.MovePage{
		Title: "Move 2 numbers from Acme HQ to Aldgate Legal", Href: href.NewMove, Action: href.Moves,
		From: ui.Link{Label: "Acme HQ", Href: href.DIDs(acme)}, To: ui.Link{Label: "Aldgate Legal", Href: href.DIDs(4809)},
		Other:  ui.Link{Label: "Choose another", Href: href.MoveTo(acme, 0, 50022, 50023)},
		Hidden: []views.HiddenField{{Name: "from", Value: "4808"}, {Name: "to", Value: "4809"}, {Name: "did", Value: "50022"}, {Name: "did", Value: "50023"}, {Name: "review", Value: "b7c140e92af61d00"}, {Name: "key", Value: "k3y"}},
		Halves: []views.MoveHalf{
			{ID: "release", Title: "First: unbind 2 numbers on Acme HQ", Counts: []views.PlanCount{{Verb: "unbind", Sign: "−", Count: "2", Word: "unbind"}, {Verb: "keep", Sign: "=", Count: "10", Word: "keep"}}, Rows: rows, Keep: PlanPage().Keep, KeepText: "10 numbers stay as they are", None: "from_header_none"},
			{ID: "claim", Title: "Then: bind 2 numbers on Aldgate Legal", Counts: []views.PlanCount{{Verb: "bind", Sign: "+", Count: "2", Word: "bind"}}, Rows: claim, None: "header_none", Headers: PlanPage().Headers},
		},
		Trunks:  []ui.Select{{Name: "trunk.50023", Label: "+44 20 7946 0022", Options: []ui.Option{{Value: "6681", Label: "Colt London", Selected: true}, {Value: "6702", Label: "BT Wholesale"}}}},
		Risk:    &views.PlanRisk{Tone: ui.Bad, Title: "Danger: this takes a lot away", Reasons: []string{"Acme HQ: It unbinds 2 of 4 numbers (50 %), more than 30 %."}},
		Confirm: &views.MoveConfirm{Button: "Move 2 numbers to Aldgate Legal", Danger: true, Reason: &ui.Field{Name: "reason", Label: "Reason", Help: "Why this is right. The audit log keeps it.", Rows: "2", Required: true}, Note: "Both PBXs are read again first. If anything moved since you looked, nothing is sent."},
	}
}

func moveScreens() []Screen {
	shell := Shell("Move 2 numbers", views.SectionFleet, "/moves/new?from=4808")
	choice := MovePage()
	choice.Title, choice.To, choice.Other, choice.Halves, choice.Trunks, choice.Risk, choice.Confirm = "Move 2 numbers to another PBX", ui.Link{}, ui.Link{}, nil, nil, nil, nil
	choice.Hidden = choice.Hidden[:1]
	choice.Numbers = numbers("+44 20 7946 ", 21, 2)
	choice.Find = ui.Field{Name: "find", Label: "PBX", Type: "search", Focus: true}
	choice.Targets = []views.MoveTarget{
		{Href: href.MoveTo(acme, 4809, 50022), Name: "Aldgate Legal", Note: "Europe(Frankfurt)", State: ui.Badge{Tone: ui.Ok, Label: "In sync"}},
		{Href: href.MoveTo(acme, 4810, 50022), Name: "Old Mill <script>alert(1)</script>", Note: "Firmware 84.8.0.25 can't change DIDs", State: ui.Badge{Tone: ui.Warn, Label: "Stale"}},
	}
	choice.More = "There are more: search for the one that you want."
	none := choice
	none.Targets, none.More, none.Empty = nil, "", ui.Empty{Title: "No PBX matches", Text: "Search for a part of its name, its URL or its serial."}
	refused := MovePage()
	refused.Errors = []ui.FieldError{{Message: "This PBX may have custom SIP header values that Yeastar shows to nobody, and writing replaces them all. State them, or state that there are none."}, {Message: "Type the value, or say that there is none.", Field: "header.6702.7"}}
	refused.Confirm, refused.Risk, refused.Trunks = nil, nil, nil
	refused.Halves[1] = views.MoveHalf{ID: "claim", Title: "Then: bind on Aldgate Legal", None: "header_none", Ask: views.HeaderPanel{Reason: "State them, so that none is lost.",
		Fields: []views.HeaderField{{Name: "header.6702.7", None: "6702:7", Trunk: "BT Wholesale", Label: "X-Customer", Error: "Type the value, or say that there is none."}}}}
	return []Screen{
		screen("move", shell, views.Move, MovePage()),
		screen("move-choice", shell, views.Move, choice),
		screen("move-choice-none", shell, views.Move, none),
		screen("move-422", shell, views.Move, refused),
	}
}
