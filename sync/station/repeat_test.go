package station_test

import (
	"fmt"
	"testing"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/yeastar/yeastartest"
)

// TestWritesAreVerifiedEvenIfRepeatsMeanSomethingElse lists a number twice that has one pair: that
// repeats stand for pairs is presumed, and the vendor may mean something else by them.
func TestWritesAreVerifiedEvenIfRepeatsMeanSomethingElse(t *testing.T) {
	lists := yeastartest.Match{Method: "GET", PathSuffix: "/did_management/4808/did"}
	answer := func(ids string) yeastartest.Fault {
		return yeastartest.Status(200, fmt.Sprintf(`{"data":{"didIds":[%s]},"requestId":"x","status":"Success","time":%d}`, ids, time.Now().Unix()))
	}
	const had = "50030,50050,50030,50031,50032,50030"
	for name, tt := range map[string]struct {
		after string
		put   yeastartest.Fault
		want  plan.Status
	}{
		"applied": {had + ",50036,50036", yeastartest.Delay(0), plan.Applied},
		"refused": {had, yeastartest.VendorCode(yeastartest.CodeInvalidParameter), plan.Failed},
		"ignored": {had, answer(""), plan.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			h.sim.RemoveWebhooks()
			first, rest := lists, lists
			first.Times = 2 // the looks of the draft and of the confirmation
			rest.Nth, rest.Times = 3, -1
			h.sim.Fail(first, answer(had))
			h.sim.Fail(rest, answer(tt.after))
			h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, tt.put)
			p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}}))
			wantStatus(t, p, tt.want)
			if (err == nil) != (tt.want == plan.Applied) {
				t.Error(err)
			}
			wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
		})
	}
}
