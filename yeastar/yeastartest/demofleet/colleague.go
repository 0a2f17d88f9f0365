package demofleet

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cordboard/yeastar/yeastartest"
)

// Pace is how often something happens while the demo runs.
type Pace struct {
	First    time.Duration // until the first change
	Min, Max time.Duration // between two changes
	Lost     time.Duration // between two changes that no report tells
	Status   time.Duration // between two changes of a PBX's status
}

// Calm is the pace of a demo that somebody watches.
var Calm = Pace{First: 4 * time.Second, Min: 5 * time.Second, Max: 15 * time.Second, Lost: 90 * time.Second, Status: 50 * time.Second}

// mostLost bounds how many PBXs the colleague changes without a report: Cordboard waits for a
// person there, and a demo that runs all day should not end with every PBX waiting.
const mostLost = 5

// Colleague works in YCM's portal until ctx ends: numbers come and go, reports are sent (some of
// them twice), now and then one is lost, and PBXs are upgraded. History must have been played.
func (f *Fleet) Colleague(ctx context.Context, p Pace) {
	f.trouble()
	ninth := yeastartest.EveryNth(9)
	f.vendor.SetWebhookPolicy(yeastartest.WebhookPolicy{Duplicate: func(r yeastartest.Report) int {
		if ninth(r) {
			return 1
		}
		return 0
	}})
	lost, status := time.Now().Add(p.Lost), time.Now().Add(p.Status)
	upgrading := int64(deansgate)
	for pause := p.First; sleep(ctx, pause); pause = p.Min + time.Duration(f.rng.Int64N(int64(p.Max-p.Min)+1)) {
		now := time.Now()
		switch {
		case now.After(lost) && len(f.lost) < mostLost:
			lost = now.Add(p.Lost)
			f.loseOne()
		case now.After(status):
			status = now.Add(p.Status)
			upgrading = f.upgrade(upgrading)
		default:
			f.edit()
		}
	}
}

// trouble makes the reads of one PBX fail from now on, as a proxy in between does.
func (f *Fleet) trouble() {
	path := fmt.Sprintf("/dm/open_api/v1/did_management/%d/did", boatRentals)
	f.stay[boatRentals] = true
	f.vendor.Fail(yeastartest.Match{PathPrefix: path, Times: -1}, yeastartest.HTML())
}

// someone is a PBX that may be touched, 0 when there is none.
func (f *Fleet) someone() int64 {
	var free []int64
	for _, p := range f.vendor.PBXs() {
		if !f.stay[p.ID] && !f.lost[p.ID] && f.unbound[p.ID] == nil && p.Status == yeastartest.StatusRunning {
			free = append(free, p.ID)
		}
	}
	if len(free) == 0 {
		return 0
	}
	return free[f.rng.IntN(len(free))]
}

// mostUnbound bounds how many PBXs wait at the same moment for numbers that the colleague took away.
const mostUnbound = 2

// edit is one change in the portal, with its report. What it takes away the colleague puts back a
// while later.
func (f *Fleet) edit() {
	if len(f.unbound) >= mostUnbound {
		for pbx, before := range f.unbound {
			f.vendor.Rebind(pbx, before)
			delete(f.unbound, pbx)
			return
		}
	}
	pbx := f.someone()
	if pbx == 0 {
		return
	}
	before, after := f.vendor.Bindings(pbx), f.change(pbx)
	for _, b := range before {
		if !slices.Contains(after, b) {
			f.unbound[pbx] = before
		}
	}
	f.vendor.Rebind(pbx, after)
}

// loseOne is a change whose report gets lost.
func (f *Fleet) loseOne() {
	pbx := f.someone()
	if pbx == 0 {
		return
	}
	f.lost[pbx] = true
	f.rebind(pbx, f.bind(pbx, f.unbind(f.vendor.Bindings(pbx), 1), 1+f.rng.IntN(2)))
}

// upgrade ends the upgrade that runs and begins another one; it returns the PBX it began with.
func (f *Fleet) upgrade(done int64) int64 {
	if done != 0 {
		f.vendor.SetFirmware(done, newer)
		f.vendor.SetStatus(done, yeastartest.StatusRunning)
		delete(f.stay, done)
		return 0
	}
	pbx := f.someone()
	if pbx != 0 {
		f.stay[pbx] = true
		f.vendor.SetStatus(pbx, yeastartest.StatusUpgrading)
	}
	return pbx
}

// sleep waits for d and says whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
