package href_test

import (
	"testing"

	"cordboard/views/href"
)

func TestEveryBuilderGivesTheDocumentedAddress(t *testing.T) {
	cases := []struct{ got, want string }{
		{href.PBX(4808), "/pbx/4808"},
		{href.DIDs(4808), "/pbx/4808/dids"},
		{href.PBXPlans(4808), "/pbx/4808/plans"},
		{href.History(4808), "/pbx/4808/history"},
		{href.Snapshot(4808, "s/1"), "/pbx/4808/history/s%2F1"},
		{href.Compare(4808, "a", "b"), "/pbx/4808/history?from=a&to=b"},
		{href.Plan("p1"), "/plans/p1"},
		{href.Confirm("p1"), "/plans/p1/confirm"},
		{href.Discard("p1"), "/plans/p1/discard"},
		{href.Webhook("w1"), "/webhooks/w1"},
		{href.Replay("w1"), "/webhooks/w1/replay"},
		{href.Protection(50036), "/numbers/50036/protection"},
		{href.NoticeTest("mail"), "/settings/notifications/mail/test"},
		{href.AuditOf(4808), "/audit?pbx_id=4808"},
		{href.AuditRow(17), "/audit/17"},
		{href.Pair(6681, 50036), "6681:50036"},
		{href.HeaderField(6681, 12), "header.6681.12"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestWithLeavesOutWhatIsEmptyAndEscapesTheRest(t *testing.T) {
	if got := href.With("/pbx", "q", "+44 20 & more", "state", "", "sort", "-updated"); got != "/pbx?q=%2B44+20+%26+more&sort=-updated" {
		t.Errorf("got %q", got)
	}
	if got := href.With("/pbx", "q", "", "odd"); got != "/pbx" {
		t.Errorf("got %q, want the bare path", got)
	}
}
