package db_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/fleet"

	"pgregory.net/rapid"
)

// TestWhoHadANumberAtEveryInstantIsWhatAllThatWasToldSays holds answers about the past against a slow
// and obvious oracle: over random histories with reports that are lost, late or doubled, changes that
// nobody reported, reads, lists, own writes, and ids that are given to other numbers.
func TestWhoHadANumberAtEveryInstantIsWhatAllThatWasToldSays(t *testing.T) {
	clock := noon
	d := dbtest.At(t, func() time.Time { return clock })
	world := int64(0)
	for range 3 { // times the checks of one run, a hundred
		rapid.Check(t, func(rt *rapid.T) {
			world++
			w := newWorld(rt, d, &clock, world)
			for range rapid.IntRange(1, 14).Draw(rt, "steps") {
				w.step()
			}
			moments := w.heard.moments()
			answers := make([]map[had]bool, len(moments))
			for i, at := range moments {
				answers[i] = w.heard.at(w.dids, at)
				w.compare(fleet.At(time.UnixMicro(at)), answers[i])
			}
			if len(moments) > 0 {
				w.compareStretch(moments, answers)
			}
		})
	}
}

// compare asks for all numbers of the world.
func (w *world) compare(when fleet.When, want map[had]bool) {
	w.t.Helper()
	page, err := w.d.FindNumbers(context.Background(), w.prefix(), when, fleet.PageRequest{Limit: 200})
	w.must(err)
	got := map[had]bool{}
	for _, h := range page.Items {
		key := had{h.Number, h.PBX, h.Binding}
		got[key] = got[key] || h.Sure
		w.checkEnds(h)
	}
	if !maps.Equal(got, want) {
		w.t.Fatalf("from %v to %v:\n%v\nwant\n%v\nheard:\n%+v\n%v\n%v", when.From.UnixMicro(), when.To.UnixMicro(), got, want, w.heard.states, w.heard.first, w.heard.sure)
	}
}

// checkEnds holds what an answer says of its beginning and end against the oracle.
func (w *world) checkEnds(h fleet.Holding) {
	w.t.Helper()
	key := had{h.Number, h.PBX, h.Binding}
	at := func(t time.Time) (sure, maybe bool) {
		sure, maybe = w.heard.at(w.dids, t.UnixMicro())[key]
		return sure, maybe
	}
	if h.From.Before(h.ToEarliest) || h.To.IsZero() {
		if sure, _ := at(h.From); !sure {
			w.t.Fatalf("not sure at its beginning: %+v", h)
		}
	}
	if !h.FromEarliest.IsZero() && h.FromEarliest.Before(h.From) {
		if sure, maybe := at(h.FromEarliest.Add(time.Microsecond)); !maybe || sure {
			w.t.Fatalf("right behind its earliest beginning: %v %v %+v", sure, maybe, h)
		}
	}
	if !h.FromEarliest.IsZero() && h.FromExact != h.FromEarliest.Equal(h.From) {
		w.t.Fatalf("exact or not: %+v", h)
	}
	if !h.To.IsZero() && h.ToEarliest.Before(h.To) && h.From.Before(h.ToEarliest) {
		if sure, _ := at(h.ToEarliest); !sure {
			w.t.Fatalf("not sure until its earliest end: %+v", h)
		}
	}
}

// compareStretch asks for a stretch of time: what was so at any of its moments, surely if at one of
// them surely.
func (w *world) compareStretch(moments []int64, answers []map[had]bool) {
	w.t.Helper()
	first := rapid.IntRange(0, len(moments)-1).Draw(w.t, "from")
	last := rapid.IntRange(first, len(moments)-1).Draw(w.t, "to")
	want := map[had]bool{}
	for _, answer := range answers[first : last+1] {
		for key, sure := range answer {
			want[key] = want[key] || sure
		}
	}
	w.compare(fleet.When{From: time.UnixMicro(moments[first]), To: time.UnixMicro(moments[last])}, want)
}
