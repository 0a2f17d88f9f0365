package viewstest

import (
	"fmt"
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func added(texts ...string) []ui.Number   { return chips(ui.Ok, texts) }
func removed(texts ...string) []ui.Number { return chips(ui.Bad, texts) }

func chips(tone ui.Tone, texts []string) []ui.Number {
	var all []ui.Number
	for _, text := range texts {
		all = append(all, ui.Number{Text: text, Trunk: "Colt London", Tone: tone})
	}
	return all
}

func snapshots() []views.SnapshotRow {
	webhook := func(row views.SnapshotRow) views.SnapshotRow {
		row.Source, row.SourceTxt = "webhook", "Webhook"
		return row
	}
	rows := []views.SnapshotRow{
		{Time: ago(2 * time.Minute), Source: "write", SourceTxt: "Cordboard", Added: added("+44 20 7946 0018", "+44 20 7946 0019"), Removed: removed("+44 20 7946 0031"), Count: "12", By: "ana.perez", Plan: ui.Link{Label: "pl_7Q2M", Href: href.Plan("pl_7Q2M")}},
		{Time: ago(20 * time.Minute), Source: "reconcile", SourceTxt: "Sweep", Uncertain: "between 13:48 and 13:52 UTC", Removed: removed("+44 161 496 0700", "+44 161 496 0701"), Count: "11"},
		webhook(views.SnapshotRow{Time: ago(26 * time.Hour), Event: "did_change", Added: added("2113"), Removed: removed("10021215"), Count: "13"}),
		webhook(views.SnapshotRow{Time: ago(3 * day), Event: "did_change", Late: "arrived 3 h late", Added: added("+44 161 496 0702"), Count: "13"}),
		webhook(views.SnapshotRow{Time: ago(5 * day), Event: "did_delete", Removed: removed("10021213", "10021214"), Count: "12"}),
		webhook(views.SnapshotRow{Time: ago(5*day + time.Hour), Event: "did_change", Same: true, Count: "14"}),
		webhook(views.SnapshotRow{Time: ago(12 * day), Event: "trunk_delete", Removed: removed("83", "2111", "2112"), More: "and 14 more", Count: "14"}),
		{Time: ago(70 * day), Source: "reconcile", SourceTxt: "Sweep", Uncertain: "first seen here", Added: added("+44 20 7946 0020", "+44 20 7946 0021", "+44 20 7946 0022"), More: "and 28 more", Count: "31"},
	}
	for i := range rows {
		rows[i].ID = fmt.Sprintf("sn_%04d", 42-i)
		rows[i].Href = href.Snapshot(acme, rows[i].ID)
	}
	return rows
}

// HistoryPage is the history of Acme HQ.
func HistoryPage() views.HistoryPage {
	return views.HistoryPage{
		Header: PBXHeader("History"), Rows: snapshots(), Compare: href.History(acme),
		Spark: ui.Spark{From: "12 Sep", To: "now", Text: "31 numbers on 12 Sep, 12 now; 17 were lost with a trunk on 9 Nov.", Points: []ui.Point{
			{At: 0, Value: 31}, {At: 0.83, Value: 14, Tone: ui.Bad}, {At: 0.928, Value: 12, Tone: ui.Bad}, {At: 0.957, Value: 13}, {At: 0.984, Value: 13}, {At: 0.995, Value: 11, Tone: ui.Bad}, {At: 1, Value: 12},
		}},
		Pager:       ui.Pager{Summary: "1–8 of 61 snapshots", Next: "/pbx/4808/history?after=x", CSV: href.HistoryCSV(acme, "", "", "")},
		CompareFrom: ui.Field{Name: "from", Label: "From", Type: "datetime-local", Step: "any"},
		CompareTo:   ui.Field{Name: "to", Label: "To", Type: "datetime-local", Step: "any"},
		Scrub: views.Scrub{Action: href.History(acme), At: ui.Field{Name: "at", Label: "Look at a moment (UTC)", Type: "datetime-local", Step: "any"}, First: "1789171200000", Last: "1795348931000",
			Steps: []ui.Link{{Label: "Earlier change", Href: href.HistoryAt(acme, "2026-11-21T14:02:11Z")}}},
	}
}

// momentPage is a moment at which it is not certain what was bound.
func momentPage() views.HistoryPage {
	page := HistoryPage()
	page.Scrub.At.Value, page.Spark = "2026-11-21T14:05", page.Spark.Marked(0.9)
	page.Moment = &views.MomentPanel{
		Time: ago(day), Count: "9 numbers", CSV: href.HistoryCSV(acme, "2026-11-21T14:05:00Z", "", ""), Compare: ui.Link{Label: "Compare with now", Href: href.Compare(acme, "2026-11-21T14:05:00Z", "2026-11-22T14:05:00Z")},
		Facts: []ui.Fact{{Label: "Since", Time: ago(3 * day)}, {Label: "Told by", Link: ui.Link{Label: "Webhook, Snapshot 39", Href: href.Snapshot(acme, "39")}}, {Label: "Until", Time: ago(day - time.Hour)}},
		Doubt: "A read found another list between 14:02 and 14:12 UTC. This may have been so already:",
		Gone:  []ui.Number{{Text: "+44 20 7946 0018", Trunk: "Colt London", Tone: ui.Bad}}, Come: []ui.Number{{Text: "2113", Trunk: "Peer shared", Tone: ui.Ok}},
		Groups: []views.SnapshotGroup{{Trunk: "Colt London", ID: "6681", Count: "2 numbers", Rows: []views.SnapshotNumber{{Number: "+44 20 7946 0018", DIDID: "50019"}, {Number: "+44 20 7946 0019", DIDID: "50020"}}}},
	}
	return page
}

func historyScreens() []Screen {
	shell := Shell("History of Acme HQ", views.SectionFleet, "/pbx/4808/history")
	compare := HistoryPage()
	compare.From, compare.To = "sn_0038", "sn_0042"
	compare.Rows[4].From, compare.Rows[0].To = true, true
	compare.Diff = &views.SnapshotDiff{
		From: ui.Link{Label: "sn_0038", Href: href.Snapshot(acme, "sn_0038")}, To: ui.Link{Label: "sn_0042", Href: href.Snapshot(acme, "sn_0042")},
		FromTime: ago(5 * day), ToTime: ago(2 * time.Minute), Summary: "2 added, 1 removed, 1 moved, 10 the same",
		Rows: PlanPage().Rows, Keep: PlanPage().Keep, KeepText: "10 numbers are the same", CSV: href.HistoryCSV(acme, "", "sn_0038", "sn_0042"),
		Notes: []string{"What was bound at 17 Nov 2026, 14:05 UTC is not certain: a read found 1 added and 0 removed between 14:02 and 14:12 UTC."},
	}
	for i, word := range []string{"Removed", "Moved", "Added", "Added"} {
		compare.Diff.Rows[i].Word, compare.Diff.Rows[i].Note = word, ""
	}
	none := HistoryPage()
	none.Spark, none.Rows, none.Scrub.Steps, none.Scrub.First = ui.Spark{}, nil, nil, ""
	none.Empty = ui.Empty{Title: "Nothing has been seen yet", Text: "The first webhook, write or sweep of this PBX starts its history."}

	snapshot := views.SnapshotPage{
		Header: PBXHeader("History"), Row: snapshots()[3],
		Facts:  []ui.Fact{{Label: "Happened", Time: ago(3 * day)}, {Label: "Seen", Time: ago(3*day - 3*time.Hour)}, {Label: "Source", Text: "Webhook, did_change"}, {Label: "Delivery", Link: ui.Link{Label: "wh_0931", Href: href.Webhook("wh_0931")}}, {Label: "Snapshot", Copy: ui.Copy{Label: "snapshot id", Text: "sn_0039"}}},
		Groups: []views.SnapshotGroup{{Trunk: "Colt London", ID: "6681", Count: "7 numbers"}, {Trunk: "BT Wholesale", ID: "6702", Count: "3 numbers"}},
		Undo: &views.UndoForm{Action: href.PBXPlans(acme), Snapshot: "sn_0039", Headers: views.HeaderPanel{Reason: "State them, so that none is lost.",
			Fields: []views.HeaderField{{Name: "header.6702.7", None: "6702:7", Trunk: "BT Wholesale", Label: "X-Account", Value: "K1", Known: true}}}},
		Older: ui.Link{Label: "Older", Href: href.Snapshot(acme, "sn_0038")}, Newer: ui.Link{Label: "Newer", Href: href.Snapshot(acme, "sn_0040")},
	}
	for g, list := range [][]ui.Number{numbers("+44 20 7946 ", 18, 7), numbers("+44 161 496 ", 700, 3)} {
		for i, n := range list {
			number := views.SnapshotNumber{Number: n.Text, DIDID: fmt.Sprint(50019 + i)}
			if g == 1 && i == 2 {
				number.Tone = ui.Ok
			}
			snapshot.Groups[g].Rows = append(snapshot.Groups[g].Rows, number)
		}
	}
	gone := snapshot
	gone.Groups, gone.Undo, gone.Older, gone.Newer = nil, nil, ui.Link{}, ui.Link{}
	gone.Empty = ui.Empty{Title: "The list was empty", Text: "The PBX was deleted with this report."}
	gone.Row.Count = "0 numbers"
	return []Screen{
		screen("history", shell, views.History, HistoryPage()),
		screen("history-moment", shell, views.History, momentPage()),
		screen("history-compare", shell, views.History, compare),
		screen("history-empty", shell, views.History, none),
		screen("snapshot", shell, views.Snapshot, snapshot),
		screen("snapshot-empty", shell, views.Snapshot, gone),
	}
}
