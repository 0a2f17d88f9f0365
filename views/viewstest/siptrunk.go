package viewstest

import (
	"strconv"
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// PBXTrunksPage is the list of Acme HQ's own trunks.
func PBXTrunksPage() views.PBXTrunksPage {
	row := func(id int64, name, kind, host, cid, user string, status ui.Badge) views.PBXTrunkRow {
		return views.PBXTrunkRow{Href: href.PBXTrunk(acme, id), Name: name, ID: strconv.FormatInt(id, 10), Type: kind, Status: status, Host: host, CID: cid, User: user}
	}
	shared := row(13, "Colt_London", "Peer trunk, by DID", "sip.colt.example:5060", "", "", ui.Badge{Tone: ui.Ok, Label: "Up, in a call"})
	shared.Shared = true
	return views.PBXTrunksPage{
		Header: PBXHeader("Trunks"), Way: views.TrunkWay{Text: "This PBX is reached through YCM's relay.", Link: ui.Link{Label: "API access", Href: href.Access(acme)}},
		Rows: []views.PBXTrunkRow{
			row(11, "carrier-a", "Register trunk", "sip.carrier.example:5060", "+442079460000", "700", ui.Badge{Tone: ui.Bad, Label: "Registration failed"}),
			row(12, "branch<script>alert(1)</script>", "Account trunk", "", "", "6708", ui.Badge{Tone: ui.Mute, Label: "Disabled"}), shared,
			row(14, "backup", "Peer trunk, by port", "203.0.113.4:5060", "", "", ui.Badge{Tone: ui.Busy, Label: "Registering"}),
		},
	}
}

// PBXTrunkPage is a register trunk with everything that such a trunk can have.
func PBXTrunkPage() views.PBXTrunkPage {
	const action = "/pbx/4808/trunks/11"
	flag := func(name, label, help string, on bool) ui.Radios {
		return ui.Radios{Name: name, Label: label, Help: help, Options: []ui.Option{{Value: "1", Label: "On", Selected: on}, {Value: "0", Label: "Off", Selected: !on}}}
	}
	rank := func(at int, chosen string) ui.Select {
		s := ui.Select{Name: "codec_sel", Label: "Choice " + strconv.Itoa(at), Options: []ui.Option{{Label: "none"}}}
		for _, c := range []string{"ulaw", "alaw", "g729", "opus"} {
			s.Options = append(s.Options, ui.Option{Value: c, Label: c, Selected: c == chosen})
		}
		return s
	}
	did := func(at int, number, name string) views.DIDRow {
		row, title := "did_list."+strconv.Itoa(at), "DID "+strconv.Itoa(at+1)
		return views.DIDRow{Title: title, Drop: row, DID: ui.Field{Name: row + ".did", Label: title, Value: number}, Name: ui.Field{Name: row + ".did_name", Label: "Name of " + title, Value: name}}
	}
	cid := func(at int, option, number, name, span string, chosen ...views.MemberOption) views.CallerIDRow {
		row := "outbound_cid_list." + strconv.Itoa(at)
		return views.CallerIDRow{Title: "Caller ID " + strconv.Itoa(at+1), Drop: row, Chosen: chosen,
			Option: ui.Select{Name: row + ".outbound_cid_option", Label: "Given out", Options: []ui.Option{{Value: "shared", Label: "One number, shared by some", Selected: option == "shared"}, {Value: "range", Label: "A range, one number each", Selected: option == "range"}}},
			CID:    ui.Field{Name: row + ".outbound_cid", Label: "Caller ID", Value: number}, Name: ui.Field{Name: row + ".outbound_cid_name", Label: "Name that is shown", Value: name},
			Range: ui.Field{Name: row + ".outbound_cid_to_ext_range", Label: "Extensions", Value: span}, Members: ui.Field{Name: row + ".ext_list", Help: "Add by number or name, several with commas."}}
	}
	return views.PBXTrunkPage{
		Header: PBXHeader("Trunks"), Back: ui.Link{Label: "All trunks", Href: href.PBXTrunks(acme)}, Name: "carrier-a", ID: "11", Type: "Register trunk", Status: ui.Badge{Tone: ui.Ok, Label: "Up"},
		Facts: []ui.Fact{{Label: "Type", Text: "Register trunk"}, {Label: "Carrier", Text: "Colt <script>alert(1)</script>"}, {Label: "Read", Time: ago(0)}},
		Plans: []views.TrunkPlan{{Link: ui.Link{Label: "Change host", Href: href.Plan("pl_7Q2M")}, Status: ui.Badge{Tone: ui.Ok, Label: "Verified"}, By: "ana.perez", Made: ago(3 * time.Hour)}},
		History: []views.TrunkReading{
			{At: ago(3 * time.Hour), Plan: ui.Link{Label: "our plan", Href: href.Plan("pl_7Q2M")}, Rows: settingRows()[:2]},
			{At: ago(9 * day), Text: "found changed", Rows: settingRows()[2:]}, {At: ago(40 * day), Text: "read first"}},
		Form: &views.TrunkForm{Action: action, Base: "0a1b2c3d4e5f6071", Save: "Review changes", Note: "Nothing is sent yet.",
			People: []views.MemberOption{{Value: "extension:41", Label: "1000 (Ana Lima)"}, {Value: "ext_group:1", Label: "group Sales"}},
			Groups: []views.TrunkGroup{
				{ID: "line", Title: "Trunk", Controls: []ui.Control{ui.Field{Name: "name", Label: "Name", Value: "carrier-a", Help: "At most 63 characters, no spaces, unique on the PBX."}, flag("enable", "Enabled", "", true),
					ui.Select{Name: "transport", Label: "Transport", Options: []ui.Option{{Value: "udp", Label: "UDP", Selected: true}, {Value: "tls", Label: "TLS"}}}}},
				{ID: "login", Title: "Sign-in", Controls: []ui.Control{ui.Field{Name: "username", Label: "User name", Value: "700"}, ui.Field{Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password", Placeholder: "stays as it is", Help: "Set. Type a new one to replace it; it is never shown."}}},
				{ID: "codecs", Title: "Codecs", Codecs: &views.CodecPick{Help: "In order of preference.", More: "codec_sel", Rows: []ui.Select{rank(1, "alaw"), rank(2, "ulaw")}}},
				{ID: "caller", Title: "Outbound caller ID", Controls: []ui.Control{ui.Field{Name: "def_outbound_cid", Label: "Default outbound caller ID", Value: "+442079460000"}},
					CallerIDs: &views.CallerIDRows{Rows: []views.CallerIDRow{
						cid(0, "shared", "+442079460001", "Sales", "", views.MemberOption{Value: "extension:41", Label: "1000 (Ana Lima)"}, views.MemberOption{Value: "ext_group:1", Label: "group Sales"}),
						cid(1, "range", "442079460010-442079460019", "", "1010-1019")}}},
				{ID: "dids", Title: "DIDs", Help: "The PBX's own list of numbers on this trunk.", DIDs: &views.DIDRows{Rows: []views.DIDRow{did(0, "+442079460000", "Main line"), did(1, "+442079460001", "")}}},
			}},
	}
}

// settingRows are settings of every kind before and after.
func settingRows() []views.FieldRow {
	return []views.FieldRow{
		{Verb: "move", Sign: "→", Word: "Change", Label: "Host", From: "sip.carrier.example", To: "sip2.carrier.example"},
		{Verb: "move", Sign: "→", Word: "Replace", Label: "Password", From: "set", To: "replaced"},
		{Verb: "bind", Sign: "+", Word: "Set", Label: "Default outbound caller ID", To: "+442079460000"},
		{Verb: "move", Sign: "→", Word: "Change", Label: "DIDs", Stay: "3 rows stay as they are", Lines: []views.FieldLine{
			{Verb: "unbind", Sign: "−", Word: "Removed", Text: "+442079460009 (Fax)"}, {Verb: "bind", Sign: "+", Word: "Added", Text: "+442079460010 (<script>alert(1)</script>)"}}},
	}
}

// TrunkPlanPage is a plan for a trunk.
func TrunkPlanPage() views.PlanPage {
	page := PlanPage()
	page.Title, page.Back = "Change host of carrier-a on Acme HQ", ui.Link{Label: "Trunk carrier-a", Href: href.PBXTrunk(acme, 11)}
	page.Fields, page.Rows, page.Keep, page.KeepText, page.Headers, page.Counts = settingRows(), nil, nil, "", nil, nil
	page.Risk = &views.PlanRisk{Tone: ui.Warn, Title: "Caution", Reasons: []string{"The trunk connects anew: calls on it may end, and if the far end does not take the new settings, it stays down."}}
	page.Confirm = &views.PlanConfirm{Action: href.Confirm("pl_7Q2M"), Button: page.Title, Note: PlanPage().Confirm.Note}
	return page
}

// AccessPage is how Acme HQ is reached.
func AccessPage() views.AccessPage {
	return views.AccessPage{
		Header: PBXHeader("Trunks"), Back: ui.Link{Label: "Trunks", Href: href.PBXTrunks(acme)}, Action: href.Access(acme),
		Way: ui.Radios{Name: "transport", Label: "Reach it", Help: "The relay uses Cordboard's own sign-in at YCM.", Options: []ui.Option{{Value: "relay", Label: "Through YCM's relay"}, {Value: "direct", Label: "Directly", Selected: true}}},
		Fields: []ui.Control{ui.Field{Name: "base_url", Label: "Address", Type: "url", Value: "https://acme-hq.eu.ycmcloud.com"}, ui.Field{Name: "client_id", Label: "Client ID", Mono: true, Value: "id-1"},
			ui.Field{Name: "client_secret", Label: "Client secret", Type: "password", Help: "Set. Type a new one to replace it; it is never shown.", Placeholder: "stays as it is"}},
		Trust: []ui.Control{ui.Field{Name: "pin", Label: "Fingerprint", Mono: true}, ui.Field{Name: "ca", Label: "Certificate authority", Mono: true, Rows: "4"}},
		Test:  views.FormAction{Href: href.TestAccess(acme), Label: "Test it", Text: "Asks the PBX who it is, as saved."},
		Facts: []ui.Fact{{Label: "Way", Text: "This PBX is reached directly, at https://acme-hq.eu.ycmcloud.com."}, {Label: "State", Badge: ui.Badge{Tone: ui.Bad, Label: "Stopped"}}, {Label: "Why", Text: "The PBX refused the client secret."}},
	}
}

func sipTrunkScreens() []Screen {
	list := Shell("Trunks of Acme HQ", views.SectionFleet, "/pbx/4808/trunks")
	one := Shell("carrier-a of Acme HQ", views.SectionFleet, "/pbx/4808/trunks/11")
	reach := Shell("How Acme HQ is reached", views.SectionFleet, "/pbx/4808/api-access")
	plan := Shell("Plan for Acme HQ", views.SectionPlans, "/plans/pl_7Q2M")

	empty := PBXTrunksPage()
	empty.Rows, empty.Empty = nil, ui.Empty{Title: "This PBX has no trunk", Text: "Trunks are made on the PBX itself, or come from YCM when it is given numbers."}
	away := PBXTrunksPage()
	away.Last, away.Notices = true, []ui.Notice{{Tone: ui.Warn, Title: "The trunks of this PBX can't be read now", Text: "YCM does not pass calls on to this PBX.", Links: []ui.Link{{Label: "Try again", Href: href.PBXTrunks(acme)}, {Label: "API access", Href: href.Access(acme)}}}}
	away.Rows = away.Rows[:2]
	for i := range away.Rows {
		away.Rows[i].Read = ago(26 * time.Hour)
	}

	wrong := PBXTrunkPage()
	groups := wrong.Form.Groups
	groups[0].Controls[0] = ui.Field{Name: "name", Label: "Name", Value: "carrier a", Error: "No spaces.", Focus: true}
	groups[2].Codecs.Error = "alaw stands twice."
	groups[3].CallerIDs.Rows[0].Members.Error, groups[3].CallerIDs.Rows[0].Members.Value = `The PBX has no extension or group "Bob".`, "Bob"
	groups[4].DIDs.Rows[1].DID.Error = "Digits, letters and ( ) . - + * # only."
	wrong.Errors = []ui.FieldError{{Field: "name", Message: "Name: No spaces."}, {Field: "codec_sel", Message: "Codecs: alaw stands twice."}, {Field: "outbound_cid_list.0.ext_list", Message: "Caller ID 1: there is no Bob."}, {Field: "did_list.1.did", Message: "DID 2: digits only."}}

	conflict := PBXTrunkPage()
	conflict.Conflict = &views.TrunkConflict{Title: "Somebody else changed this trunk meanwhile", Text: "Nothing was saved. What you changed is still in the form below.",
		Rows: []views.TrunkMoved{{Label: "Host", Original: "sip.carrier.example", Theirs: "sip9.carrier.example", Yours: "sip2.carrier.example", Kept: "yours"}, {Label: "Codecs", Original: "ulaw, alaw", Theirs: "alaw", Yours: "not changed", Kept: "theirs"}}}

	shared := PBXTrunkPage()
	shared.Shared, shared.Form.Groups = true, shared.Form.Groups[3:4]
	shared.Notices = []ui.Notice{{Tone: ui.Mute, Title: "Shared from YCM", Text: "YCM owns this trunk and pushes its settings to the PBX."}}
	shared.Settings = []ui.Fact{{Label: "Name", Text: "Colt_London"}, {Label: "Host", Text: "sip.colt.example"}}

	applied := TrunkPlanPage()
	applied.Confirm, applied.Discard = nil, nil
	applied.Status, applied.Outcome = ui.Badge{Tone: ui.Ok, Label: "Verified"}, &views.PlanOutcome{Tone: ui.Ok, Title: "Verified", Sentence: "Verified: the trunk has exactly what this plan asked for."}
	applied.Line = &views.PlanLine{State: ui.Badge{Tone: ui.Bad, Label: "Trunk is down"}, Text: "The trunk is down: Name or password refused.", Time: ago(20 * time.Second)}
	applied.Undo = &views.FormAction{Href: href.UndoPlan("pl_7Q2M"), Label: "Undo", Text: "Makes the plan that puts the old settings back."}
	stale := TrunkPlanPage()
	stale.Confirm, stale.Discard = nil, nil
	stale.Status, stale.Sentence = ui.Badge{Tone: ui.Warn, Label: "Stale"}, "The trunk was changed after this plan was made."
	stale.Moved = &views.PlanMoved{What: "Setting", None: "empty", Title: "What moved meanwhile", Text: "What is there now stays.", Rows: []views.MovedRow{{Number: "Host", Original: "sip.carrier.example", Theirs: "sip9.carrier.example", Yours: "sip2.carrier.example"}, {Number: "Domain", Theirs: "carrier.example", Yours: "no change"}}}

	refused := AccessPage()
	refused.Errors = []ui.FieldError{{Field: "base_url", Message: "It begins with https://."}}
	refused.Fields[0] = ui.Field{Name: "base_url", Label: "Address", Type: "url", Value: "acme", Error: "It begins with https://.", Focus: true}
	return []Screen{
		screen("lines", list, views.PBXTrunks, PBXTrunksPage()),
		screen("lines-empty", list, views.PBXTrunks, empty),
		screen("lines-away", list, views.PBXTrunks, away),
		screen("line", one, views.PBXTrunk, PBXTrunkPage()),
		screen("line-422", one, views.PBXTrunk, wrong),
		screen("line-409", one, views.PBXTrunk, conflict),
		screen("line-shared", one, views.PBXTrunk, shared),
		screen("line-plan", plan, views.Plan, TrunkPlanPage()),
		screen("line-plan-applied", plan, views.Plan, applied),
		screen("line-plan-stale", plan, views.Plan, stale),
		screen("access", reach, views.Access, AccessPage()),
		screen("access-422", reach, views.Access, refused),
	}
}
