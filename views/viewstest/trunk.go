package viewstest

import (
	"strconv"
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func carried(id int64, used, free int) ui.Bar {
	return ui.Bar{Label: "Numbers of the trunk", Segments: []ui.Segment{
		{Tone: ui.Used, Label: "In use", Count: used, Href: href.With(href.Trunk(id), "use", "in_use")},
		{Tone: ui.Free, Label: "Free", Count: free, Href: href.With(href.Trunk(id), "use", "free")},
	}}
}

// TrunksPage has a trunk in every standing.
func TrunksPage() views.TrunksPage {
	page := views.TrunksPage{Live: "trunks fleet", CSV: href.TrunkCSV, Lead: "6 shared trunks. A number that sits on several is counted on each: 1,204 numbers, 402 of them free."}
	for i, s := range []views.Standing{
		{State: ui.Badge{Tone: ui.Ok, Label: "Registered"}, At: ago(2 * time.Minute)},
		{State: ui.Badge{Tone: ui.Bad, Label: "Registration failed"}, Sentence: "The provider refuses the trunk's name or password. Calls over it fail until they are corrected in YCM.", At: ago(2 * time.Minute)},
		{State: ui.Badge{Tone: ui.Busy, Label: "Registering"}, Sentence: "Yeastar is asking the provider.", At: ago(2 * time.Minute)},
		{State: ui.Badge{Tone: ui.Ask, Label: "Not told"}, Sentence: "Its status can't be read: Yeastar denies this to our account."},
		{State: ui.Badge{Tone: ui.Ok, Label: "Registered"}, At: ago(3 * time.Hour), Trouble: "Yeastar can't be reached."},
	} {
		id := int64(6681 + i)
		page.Rows = append(page.Rows, views.TrunkRow{Href: href.Trunk(id), Name: []string{"Colt London_32YFS4", "BT Wholesale_NT9H01", "Gamma_5FOV41", "Lent by the provider_9QHT2V", "Straits-Telecom-International-SG_C41ZLE"}[i],
			ID: strconv.FormatInt(id, 10), Kind: "Register trunk", Region: "Europe(Frankfurt)", Standing: s, Numbers: carried(id, 210-40*i, 10+20*i), Total: "220 numbers",
			PBXs: ui.Link{Label: "31", Href: href.TrunkPBXs(id)}, Headers: []string{"none", "X-Account, X-Site", "not shown by Yeastar", "none", "none"}[i]})
	}
	page.Rows[3].Numbers, page.Rows[3].Total = ui.Bar{}, ""
	page.Gone = []views.TrunkRow{{Href: href.Trunk(6461), Name: "Altnetz-Kupfer_1AA2BC", ID: "6461", Kind: "Register trunk", Region: "Europe(Frankfurt)", PBXs: ui.Link{Label: "0", Href: href.TrunkPBXs(6461)}, Headers: "none",
		Standing: views.Standing{State: ui.Badge{Tone: ui.Mute, Label: "Deleted"}, Sentence: "Not listed by Yeastar since 22 Sep 2026, 10:14 UTC."}}}
	return page
}

func trunkHeader(tab int) views.TrunkHeader {
	h := views.TrunkHeader{Name: "Colt London_32YFS4", Href: href.Trunk(6681), ID: "6681", Kind: "Register trunk", Region: "Europe(Frankfurt)", Headers: "Custom SIP headers: X-Account", Live: "trunks fleet",
		Standing: views.Standing{State: ui.Badge{Tone: ui.Ok, Label: "Registered"}, At: ago(2 * time.Minute)}, Numbers: carried(6681, 210, 10),
		Tabs: []ui.Tab{{Label: "Numbers", Href: href.Trunk(6681), Count: "220"}, {Label: "PBXs", Href: href.TrunkPBXs(6681), Count: "31"}}}
	h.Tabs[tab].Current = true
	return h
}

func known(badge ui.Badge, sentence string, age time.Duration) ui.Truth {
	return ui.Truth{State: badge, Sentence: sentence, At: ago(age), Word: "verified", By: "by API"}
}

// TrunkPage is the numbers of one trunk.
func TrunkPage() views.TrunkPage {
	ok := ui.Badge{Tone: ui.Ok, Label: "In sync"}
	return views.TrunkPage{
		Header: trunkHeader(0), Clear: href.Trunk(6681), Next: href.Trunk(6681), Pager: ui.Pager{Summary: "220 numbers", CSV: href.TrunkNumbersCSV(6681), Next: "/trunks/6681?after=x"},
		States: []ui.Option{{Label: "All", Count: "220", Href: href.Trunk(6681), Selected: true}, {Label: "In use", Tone: ui.Used, Count: "210", Href: "/trunks/6681?use=in_use"}, {Label: "Free", Tone: ui.Free, Count: "10", Href: "/trunks/6681?use=free"}, {Label: "Protected", Tone: ui.Shield, Count: "1", Href: "/trunks/6681?use=protected"}},
		Rows: []views.TrunkNumberRow{
			{Number: "+44 20 7946 0018", Href: "/numbers?number=1", DIDID: "50018", Name: "Front desk", Use: ui.Badge{Tone: ui.Used, Label: "In use"}, PBX: ui.Link{Label: "Acme HQ", Href: href.PBX(acme)}, Truth: known(ok, "", 3*time.Minute), Protected: true, Protect: href.Protection(50018)},
			{Number: "+44 20 7946 0019", Href: "/numbers?number=2", DIDID: "50019", Use: ui.Badge{Tone: ui.Used, Label: "In use"}, PBX: ui.Link{Label: "Bellweather Insurance", Href: href.PBX(4812)}, Note: "over BT Wholesale_NT9H01", Truth: known(drifted(), "2 numbers were removed outside Cordboard between 13:48 and 13:52 UTC.", 20*time.Minute), Protect: href.Protection(50019)},
			{Number: "+44 20 7946 0020", Href: "/numbers?number=3", DIDID: "50020", Use: ui.Badge{Tone: ui.Free, Label: "Free"}, Protect: href.Protection(50020)},
			{Number: "+44 20 7946 0021", Href: "/numbers?number=4", DIDID: "50021", Use: ui.Badge{Tone: ui.Free, Label: "Free"}, Protected: true},
		},
	}
}

func trunkScreens() []Screen {
	shell := Shell("Trunks", views.SectionTrunks, href.Trunks)
	none := views.TrunksPage{Live: "trunks fleet", Empty: ui.Empty{Title: "No shared trunk yet", Text: "The first pass lists the trunks that this account may use in YCM."}}
	gone := TrunkPage()
	gone.Header.Gone = ui.Notice{Tone: ui.Mute, Title: "This trunk is no longer in YCM", Text: "Yeastar has not listed it since 22 Sep 2026, 10:14 UTC.", Links: []ui.Link{{Label: "PBXs that used it, with their history", Href: href.TrunkPBXs(6681)}}}
	gone.Header.Numbers, gone.Rows, gone.Pager = ui.Bar{}, nil, ui.Pager{}
	gone.Empty = ui.Empty{Title: "It carries no number any more", Text: "YCM deleted the trunk.", Action: ui.Link{Label: "PBXs that used it", Href: href.TrunkPBXs(6681)}}
	users := views.TrunkPBXsPage{Header: trunkHeader(1), Pager: ui.Pager{Summary: "1 PBX now, 1 once"}, Rows: []views.TrunkPBXRow{
		{Href: href.PBX(acme), Name: "Acme HQ", URL: "acme.fra.cloudpbx.example", Truth: known(ui.Badge{Tone: ui.Ok, Label: "In sync"}, "", 3*time.Minute), Status: ui.Badge{Tone: ui.Ok, Label: "Running"}, Count: "12 numbers", History: ui.Link{Label: "History", Href: href.History(acme)}},
		{Href: href.PBX(4812), Name: "Bellweather Insurance", URL: "bellweather.fra.cloudpbx.example", Truth: ui.Truth{State: ui.Badge{Tone: ui.Warn, Label: "Stale"}, Sentence: "Not read since this was known.", Since: ago(day)}, Status: ui.Badge{Tone: ui.Busy, Label: "Upgrading"}, Count: "none now, some once", History: ui.Link{Label: "History", Href: href.History(4812)}},
	}}
	return []Screen{
		screen("trunks", shell, views.Trunks, TrunksPage()),
		screen("trunks-empty", shell, views.Trunks, none),
		screen("trunk", Shell("Colt London", views.SectionTrunks, href.Trunk(6681)), views.Trunk, TrunkPage()),
		screen("trunk-gone", Shell("Colt London", views.SectionTrunks, href.Trunk(6681)), views.Trunk, gone),
		screen("trunk-pbxs", Shell("PBXs on Colt London", views.SectionTrunks, href.TrunkPBXs(6681)), views.TrunkPBXs, users),
		part("trunk-part", views.TrunkResults, TrunkPage()),
	}
}
