package demofleet

import (
	"time"

	"cordboard/yeastar/yeastartest"
)

const day = 24 * time.Hour

// scenes are the events that the demo wants to show, each with its time before now.
func (t *teller) scenes() []scene {
	var scenes []scene
	ago := func(d time.Duration, play func()) {
		at := t.end.Add(-d)
		if d > day { // what is longer ago happened in the office, not at the hour of the demo's start
			at = t.workHour(at, europe)
		}
		scenes = append(scenes, scene{at, play})
	}
	t.plans(ago)
	t.providers(ago)
	t.oddities(ago)
	t.today(ago)
	return scenes
}

// ask has a person ask for a plan, after a sign-in when it is the day's first act.
func (t *teller) ask(a Ask) {
	if t.signed[a.By.Name] != t.Now().YearDay() {
		t.signed[a.By.Name] = t.Now().YearDay()
		t.tell(Moment{SignIn: a.By})
		t.wait(3 * time.Minute)
	}
	t.tell(Moment{Ask: &a})
}

// confirm has a person confirm a plan; YCM's report of it follows.
func (t *teller) confirm(pbx int64, c Confirm) {
	t.wait(50 * time.Second)
	t.tell(Moment{Confirm: &c})
	t.report(yeastartest.EventDIDChange, pbx)
}

// apply is ask and confirm.
func (t *teller) apply(a Ask, reason string) {
	t.ask(a)
	t.confirm(a.PBX, Confirm{By: a.By, Plan: a.Plan, Name: t.home[a.PBX].name, Reason: reason})
}

// more are n numbers that could be bound to a PBX next.
func (t *teller) more(pbx int64, n int) []yeastartest.Binding {
	have := t.vendor.Bindings(pbx)
	return t.bind(pbx, have, n)[len(have):]
}

// some are the first n pairs of a PBX.
func (t *teller) some(pbx int64, n int) []yeastartest.Binding {
	pairs := t.vendor.Bindings(pbx)
	return pairs[:min(n, len(pairs)-1)]
}

// plans is what the team did through Cordboard.
func (t *teller) plans(ago func(time.Duration, func())) {
	ana, tom, mira := person("ana"), person("tom"), person("mira")
	customer := func(value string) []yeastartest.HeaderBinding {
		return []yeastartest.HeaderBinding{{Trunk: kanalnet, Header: headerCustomer, Value: value}}
	}
	ago(151*day, func() {
		t.apply(Ask{By: ana, Plan: "three for the new partners", PBX: aldgate, Bind: t.more(aldgate, 3), Headers: customer("AM-2041")}, "")
	})
	ago(122*day, func() {
		t.apply(Ask{By: tom, Plan: "dispatch", PBX: spedition, Bind: t.more(spedition, 4)}, "Dispatch desk in Hanau, ticket 3117")
	})
	ago(100*day, func() {
		for _, pbx := range []int64{kestrel, collins, midtown, ExamplePBX} {
			t.tell(Moment{Protect: &Protect{By: ana, DID: t.vendor.Bindings(pbx)[0].DID}})
		}
	})
	ago(95*day, func() {
		t.apply(Ask{By: ana, Plan: "Oakwood", PBX: roundhay, Unbind: t.some(roundhay, 5)}, "The Oakwood branch closed; its numbers were ported away")
	})
	ago(61*day, func() {
		t.ask(Ask{By: tom, Plan: "reference", PBX: kestrel, Bind: t.more(kestrel, 1), Headers: customer("TQ-1187")})
		t.wait(time.Minute)
		t.tell(Moment{Confirm: &Confirm{By: tom, Plan: "reference", Reason: "New reception line", Fails: true}}) // another PBX has this value: refused
		t.wait(4 * time.Minute)
		t.apply(Ask{By: tom, Plan: "right reference", PBX: kestrel, Bind: t.more(kestrel, 1), Headers: customer("KD-0311")}, "New reception line")
	})
	ago(41*day, func() {
		t.ask(Ask{By: mira, Plan: "never mind", PBX: lindenhof, Bind: t.more(lindenhof, 6)})
	})
	ago(30*day, func() {
		pairs := t.vendor.Bindings(hudson)
		t.rebind(hudson, pairs[5:]) // somebody in the portal took the wrong ones
		t.report(yeastartest.EventDIDChange, hudson)
		t.wait(25 * time.Minute)
		t.apply(Ask{By: ana, Plan: "put back", PBX: hudson, Undo: true}, "Five lines were removed in the portal by mistake, ticket 3302")
	})
	ago(21*day, func() {
		t.ask(Ask{By: tom, Plan: "too late", PBX: antiquariat, Bind: t.more(antiquariat, 1)})
		t.wait(11 * time.Minute)
		t.deletePBX(antiquariat)
	})
	ago(9*day, func() {
		t.ask(Ask{By: ana, Plan: "overtaken", PBX: midtown, Bind: t.more(midtown, 2)})
		t.wait(2 * time.Minute)
		t.rebind(midtown, t.unbind(t.vendor.Bindings(midtown), 1))
		t.report(yeastartest.EventDIDChange, midtown)
		t.wait(time.Minute)
		t.tell(Moment{Confirm: &Confirm{By: ana, Plan: "overtaken", Fails: true}}) // stale: nothing is sent
		t.wait(2 * time.Minute)
		t.apply(Ask{By: ana, Plan: "again", PBX: midtown, Bind: t.more(midtown, 2)}, "")
	})
	ago(2*day, func() {
		unbind := t.some(darling, 2)
		t.apply(Ask{By: mira, Plan: "suites", PBX: darling, Bind: t.more(darling, 2), Unbind: unbind}, "Suites 41 and 42 get new extensions")
	})
	ago(3*time.Hour, func() {
		t.apply(Ask{By: tom, Plan: "clinic", PBX: hudson, Bind: t.more(hudson, 1)}, "Second line of the sports clinic")
	})
	ago(14*time.Minute, func() {
		t.stay[orchardRoad] = true
		unbind := t.some(orchardRoad, 1)
		t.ask(Ask{By: ana, Plan: "waiting", PBX: orchardRoad, Bind: t.more(orchardRoad, 2), Unbind: unbind})
	})
	ago(9*time.Minute, func() {
		t.stay[poolSupply] = true
		t.ask(Ask{By: tom, Plan: "season's end", PBX: poolSupply, Clear: true})
	})
}

// providers is what carriers and YCM did.
func (t *teller) providers(ago func(time.Duration, func())) {
	ago(84*day, func() {
		var gone []int64
		for _, b := range t.vendor.Bindings(spedition) {
			if b.Trunk == altnetz && len(gone) < 4 {
				gone = append(gone, b.DID)
			}
		}
		t.vendor.DeleteDID(gone, yeastartest.Quiet)
		t.report(yeastartest.EventDIDDelete, spedition)
	})
	ago(62*day, func() {
		t.vendor.DeleteTrunk([]int64{altnetz}, yeastartest.Quiet)
		t.report(yeastartest.EventTrunkDelete, spedition, antiquariat)
	})
}

func (t *teller) deletePBX(id int64) {
	last := t.vendor.EventFor(id, yeastartest.EventPCEDelete)
	last.TrunkDIDInfoList = []yeastartest.DIDInfo{}
	t.vendor.DeletePBX(id, yeastartest.Quiet)
	t.send(yeastartest.ReportBody(last))
}

// oddities are deliveries that are no ordinary reports.
func (t *teller) oddities(ago func(time.Duration, func())) {
	ago(17*day, func() {
		body, err := yeastartest.CapacityBody(yeastartest.CapacityEvent{
			Modifier: "ana@reseller.example", SN: t.serial(collins), UpdateTime: t.Now().Unix(),
			Repository: yeastartest.CapacityRepository{Extensions: "60", ConcurrentCalls: "16", EnableCallRecording: "yes", RecordingCapacity: "1000",
				Transcription: "240", Receptionist: "0", TranscriptionPack: "0", ReceptionistPack: "0"},
		})
		if err == nil {
			t.send(body)
		}
	})
	ago(6*day, func() { // one element is fine, the other has no serial number and a time of day
		t.rebind(lindenhof, t.change(lindenhof))
		body := t.body(yeastartest.EventDIDChange, lindenhof)
		t.send(append(body[:len(body)-1:len(body)-1], `,{"event":"did_change","trunkDidInfoList":[],"updateTime":"14:02"}]`...))
	})
	ago(3*day, func() { // a PBX of a sub-reseller, which our account does not list
		stranger := yeastartest.Event{Event: yeastartest.EventDIDChange, SN: "3658B4777700421X", UpdateTime: t.Now().UnixMilli(),
			TrunkDIDInfoList: []yeastartest.DIDInfo{{DID: "+493023125990", DIDID: "48990", TrunkID: "6999", TrunkName: "Partner-Shared_0QJ7ZD"}}}
		t.send(yeastartest.ReportBody(stranger))
	})
}

func (t *teller) serial(pbx int64) string {
	for _, p := range t.vendor.PBXs() {
		if p.ID == pbx {
			return p.Serial
		}
	}
	return ""
}

// today is how the fleet comes to look as it does when the demo opens.
func (t *teller) today(ago func(time.Duration, func())) {
	for i := range 14 {
		b := businesses[t.rng.IntN(len(businesses)-1)]
		if b.id == antiquariat || b.id == ExamplePBX || b.id == hudson {
			b = businesses[13]
		}
		ago(time.Duration(250-16*i)*time.Minute, func() { t.work(b.id) })
	}
	ago(100*time.Minute, func() { // moved in this morning; its report never came
		b := business{id: notariat, name: "Notariat Goethestraße", slug: "notariat-goethe", trunk: rheintel, numbers: 6, firmware: latest, joined: 1}
		t.home[b.id], t.stay[b.id] = b, true
		t.addPBX(b, yeastartest.StatusRunning)
		t.rebind(b.id, t.first(b, 6))
	})
	ago(75*time.Minute, func() {
		t.stay[ExamplePBX] = true
		b := business{id: lighthouse, name: "Lighthouse Recruitment", slug: "lighthouse", trunk: kanalnet, firmware: newer, joined: 1}
		t.home[b.id], t.stay[b.id] = b, true
		t.addPBX(b, yeastartest.StatusProvisioning)
		t.vendor.SetStatus(gasthof, yeastartest.StatusStopped) // closed for the season
		t.vendor.SetStatus(deansgate, yeastartest.StatusUpgrading)
		t.stay[gasthof], t.stay[deansgate] = true, true
	})
	ago(58*time.Minute, t.pass)
	ago(37*time.Minute, func() { // restored from a backup: shared numbers are not in it
		t.vendor.Restore(camdenVets)
		t.stay[camdenVets] = true
	})
	ago(35*time.Minute, t.pass)
	ago(34*time.Minute, func() { t.vendor.SetStatus(camdenVets, yeastartest.StatusRunning) })
	ago(31*time.Minute, func() { // the provider took numbers back
		t.vendor.Withdraw(charlesRiver, numbersOf(t.some(charlesRiver, 3)))
		t.stay[charlesRiver] = true
	})
	ago(26*time.Minute, func() { // a colleague's change whose report was lost
		t.rebind(parramatta, t.bind(parramatta, t.unbind(t.vendor.Bindings(parramatta), 1), 2))
		t.stay[parramatta] = true
	})
	ago(22*time.Minute, t.pass)
	ago(5*time.Minute, func() { t.work(4780) })
	ago(2*time.Minute, func() { t.work(thamesQuay) })
}
