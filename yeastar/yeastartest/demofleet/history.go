package demofleet

import (
	"iter"
	"slices"
	"time"

	"cordboard/yeastar/yeastartest"
)

// Moment is one point of history at which something reaches Cordboard. Exactly one of the fields
// behind At says what.
type Moment struct {
	At time.Time
	// Reports are webhook bodies that arrive now, all at once, to be signed.
	Reports [][]byte
	// Pass is the sync worker's pass; Refresh is its look at the lists only.
	Pass, Refresh bool
	// SignIn is a person who signs in.
	SignIn Person
	// Ask is a person's request for a plan.
	Ask *Ask
	// Confirm is a person's confirmation of an earlier request's plan.
	Confirm *Confirm
	// Protect marks a number as protected.
	Protect *Protect
}

// Ask is what a person wants of a PBX.
type Ask struct {
	By      Person
	Plan    string // a name to confirm it by
	PBX     int64
	Bind    []yeastartest.Binding
	Unbind  []yeastartest.Binding
	Headers []yeastartest.HeaderBinding // nil = not stated
	Clear   bool
	Undo    bool // back to before the newest snapshot
}

// Confirm is a person's word on a plan.
type Confirm struct {
	By     Person
	Plan   string
	Name   string // the PBX's name, typed
	Reason string
	Fails  bool // the story wants it to end otherwise than as planned
}

// Protect is a person's mark on a number.
type Protect struct {
	By  Person
	DID int64
}

// scene is something that happens at a time. Scenes are played in the order of their times.
type scene struct {
	at   time.Time
	play func()
}

// teller plays scenes and hands out their moments.
type teller struct {
	*Fleet
	yield   func(Moment) bool
	stopped bool
	fresh   [][]byte // reports under way
	late    []late
	signed  map[string]int // day of a person's last sign-in
}

// late is a report that arrives some time after it was sent, or once more.
type late struct {
	at   time.Time
	body []byte
}

// History plays seven months, up to the moment the fleet was made for. It changes the simulator as
// it goes: whoever ranges over it must take each moment before asking for the next, and play it
// once, to its end. After it the fleet's clock is the real one.
func (f *Fleet) History() iter.Seq[Moment] {
	return func(yield func(Moment) bool) {
		t := &teller{Fleet: f, yield: yield, signed: map[string]int{}}
		scenes := append(t.routine(), t.scenes()...)
		slices.SortStableFunc(scenes, func(a, b scene) int { return a.at.Compare(b.at) })
		t.pass()
		for _, s := range scenes {
			if s.at.Sub(t.Now()) > sitting {
				t.arrive()
			}
			t.deliver(s.at)
			t.until(s.at)
			s.play()
			if t.stopped {
				return
			}
		}
		t.arrive()
		t.deliver(f.end)
		f.clock.Store(0)
	}
}

// until moves the clock on, never back.
func (t *teller) until(at time.Time) {
	if at.After(t.Now()) {
		t.setClock(at)
	}
}

// wait moves the clock on by d.
func (t *teller) wait(d time.Duration) { t.setClock(t.Now().Add(d)) }

// tell hands out a moment, after the reports that are under way.
func (t *teller) tell(m Moment) {
	if len(m.Reports) == 0 {
		t.arrive()
	}
	if t.stopped {
		return
	}
	m.At = t.Now()
	t.stopped = !t.yield(m)
}

// deliver hands out the reports that were held back until then.
func (t *teller) deliver(until time.Time) {
	slices.SortStableFunc(t.late, func(a, b late) int { return a.at.Compare(b.at) })
	for len(t.late) > 0 && !t.late[0].at.After(until) {
		next := t.late[0]
		t.late = t.late[1:]
		t.until(next.at)
		t.tell(Moment{Reports: [][]byte{next.body}})
	}
}

// later holds a report back.
func (t *teller) later(d time.Duration, body []byte) {
	t.late = append(t.late, late{t.Now().Add(d), body})
}

func (t *teller) pass() { t.tell(Moment{Pass: true}) }

// report tells of the present state of PBXs, as YCM does after a change: in one body.
func (t *teller) report(event string, pbxs ...int64) { t.send(t.body(event, pbxs...)) }

// send puts a report on its way; it arrives with the others of the same sitting.
func (t *teller) send(body []byte) { t.fresh = append(t.fresh, body) }

// arrive hands out the reports that are under way.
func (t *teller) arrive() {
	if len(t.fresh) == 0 {
		return
	}
	bodies := t.fresh
	t.fresh = nil
	t.wait(time.Duration(300+t.rng.IntN(900)) * time.Millisecond)
	t.tell(Moment{Reports: bodies})
}

// body is a report of the present state of PBXs.
func (f *Fleet) body(event string, pbxs ...int64) []byte {
	events := make([]yeastartest.Event, len(pbxs))
	for i, id := range pbxs {
		events[i] = f.vendor.EventFor(id, event)
	}
	f.last = yeastartest.ReportBody(events...)
	return f.last
}

// rebind makes pairs the whole set of a PBX, without a report.
func (f *Fleet) rebind(pbx int64, pairs []yeastartest.Binding) {
	f.vendor.Rebind(pbx, pairs, yeastartest.Quiet)
}

// sitting is how far apart the changes are that somebody makes in the portal in one go.
const sitting = 20 * time.Second

// sittings is how often somebody of a region works in the portal in seven months.
const sittings = 70

// routine is the everyday work of seven months: each PBX changes 4 to 38 times in the working
// hours of its region, mostly together with some others.
func (t *teller) routine() []scene {
	times := map[string][]time.Time{}
	for _, region := range []string{europe, usEast, pacific} {
		for range sittings {
			times[region] = append(times[region], t.workHour(t.start().Add(time.Duration(t.rng.Int64N(int64(t.end.Sub(t.start()))))), region))
		}
	}
	var scenes []scene
	for _, b := range businesses {
		from, to, region := t.start(), t.end.Add(-5*time.Hour), regionOf(b.trunk)
		if b.joined > 0 {
			from = t.workHour(t.end.AddDate(0, 0, -b.joined), region)
			scenes = append(scenes, scene{from, func() { t.join(b) }})
		}
		if b.id == antiquariat {
			to = t.end.AddDate(0, 0, -25)
		}
		share := float64(to.Sub(from)) / float64(t.end.Sub(t.start()))
		n := min(38, 4+int(share*float64(b.numbers/3+t.rng.IntN(9))))
		for _, i := range t.rng.Perm(sittings) {
			at := times[region][i].Add(time.Duration(t.rng.IntN(int(sitting/time.Millisecond))) * time.Millisecond)
			if n > 0 && at.After(from.Add(time.Hour)) && at.Before(to) {
				n--
				scenes = append(scenes, scene{at, func() { t.work(b.id) }})
			}
		}
	}
	return scenes
}

// workHour is a time near at, on a working day of the region.
func (t *teller) workHour(at time.Time, region string) time.Time {
	day := time.Date(at.Year(), at.Month(), at.Day(), workday[region], 0, 0, 0, time.UTC)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, -1)
	}
	return day.Add(time.Duration(t.rng.Int64N(int64(9 * time.Hour)))).Truncate(time.Millisecond)
}

// join is a new customer: its PBX appears, and the report of its numbers comes before Cordboard
// knows the serial number.
func (t *teller) join(b business) {
	t.addPBX(b, yeastartest.StatusRunning)
	t.rebind(b.id, t.first(b, b.numbers*2/3))
	t.report(yeastartest.EventDIDChange, b.id)
	t.wait(time.Second)
	t.tell(Moment{Refresh: true})
}

// work is one change in YCM's portal. Most reports arrive at once and once.
func (t *teller) work(pbx int64) {
	other, found := t.neighbour(pbx)
	if found && t.rng.IntN(30) == 0 {
		t.takeOver(pbx, other)
		return
	}
	t.rebind(pbx, t.change(pbx))
	switch luck := t.rng.IntN(100); {
	case luck < 3: // the delivery failed, and was sent again after the next change
		t.later(time.Duration(20+t.rng.IntN(90))*time.Minute, t.body(yeastartest.EventDIDChange, pbx))
		t.wait(4 * time.Minute)
		t.rebind(pbx, t.change(pbx))
		t.report(yeastartest.EventDIDChange, pbx)
	case luck < 7: // our answer was lost, so it was sent again
		t.report(yeastartest.EventDIDChange, pbx)
		t.later(time.Second, t.last)
	default:
		t.report(yeastartest.EventDIDChange, pbx)
	}
}

// takeOver moves a number from one PBX to another: one report tells of both.
func (t *teller) takeOver(pbx, from int64) {
	pairs := t.vendor.Bindings(from)
	moved := pairs[t.rng.IntN(len(pairs))].DID
	for _, b := range pairs {
		if b.DID == moved {
			t.rebind(pbx, append(t.vendor.Bindings(pbx), b))
		}
	}
	t.report(yeastartest.EventDIDChange, from, pbx)
}
