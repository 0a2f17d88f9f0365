package demofleet

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"cordboard/yeastar/yeastartest"
)

// Fleet is the account and what happens to it. Build it with [New], play [Fleet.History] to its
// end, then let [Fleet.Colleague] run. Its methods serve one goroutine at a time, except Now.
type Fleet struct {
	vendor *yeastartest.Server
	rng    *rand.Rand
	end    time.Time    // when history ends: the moment the demo was started
	clock  atomic.Int64 // nanoseconds since 1970 while history is played; 0 = the real clock

	home    map[int64]business
	blocks  map[int64][]yeastartest.Binding // the pairs that a customer's numbers come from
	pools   map[int64][]int64               // numbers of a trunk that no customer's block holds
	numbers map[int64]string                // by DID id
	sits    map[int64][]int64               // trunks of a DID
	stay    map[int64]bool                  // PBXs that nobody touches any more: they show something
	lost    map[int64]bool                  // PBXs with a change that no report told
	unbound map[int64][]yeastartest.Binding // what PBXs had before the colleague took numbers away
	last    []byte                          // the last report's body

	accounts map[string]map[string]string // passwords by carrier and user name
}

// months is how long history is.
const months = 7

// New builds the fleet as it was when history begins, seven months before now, in a simulator
// that is not served yet.
func New(seed int64, now time.Time) (*Fleet, error) {
	f := &Fleet{
		rng: rand.New(rand.NewPCG(uint64(seed), 0x636f7264)), end: now.UTC().Truncate(time.Second),
		home: map[int64]business{}, blocks: map[int64][]yeastartest.Binding{}, pools: map[int64][]int64{},
		numbers: map[int64]string{}, sits: map[int64][]int64{}, stay: map[int64]bool{}, lost: map[int64]bool{}, unbound: map[int64][]yeastartest.Binding{},
		accounts: map[string]map[string]string{},
	}
	f.setClock(f.start())
	f.vendor = yeastartest.New(yeastartest.Config{
		Seed: seed, Now: f.Now, Assumptions: yeastartest.Assumptions{NoRateLimit: true, StartDelay: 4 * time.Second}, NoRecord: true,
		// History takes two seconds and lasts months: tokens must not expire in between.
		AccessLifetime: 2 * 365 * 24 * time.Hour, RefreshLifetime: 2 * 365 * 24 * time.Hour,
	})
	for _, t := range trunks {
		f.vendor.AddTrunk(t)
	}
	f.account()
	f.share()
	f.addNumbers()
	for _, b := range businesses {
		if b.joined == 0 {
			f.open(b)
		}
	}
	f.special()
	if err := f.vendor.Err(); err != nil {
		return nil, fmt.Errorf("demofleet: %w", err)
	}
	return f, nil
}

// Vendor is the simulator that holds the fleet.
func (f *Fleet) Vendor() *yeastartest.Server { return f.vendor }

// Now is the fleet's clock: a moment of history while that is played, then the real one.
func (f *Fleet) Now() time.Time {
	if at := f.clock.Load(); at != 0 {
		return time.Unix(0, at).UTC()
	}
	return time.Now().UTC()
}

func (f *Fleet) setClock(at time.Time) { f.clock.Store(at.UnixNano()) }

func (f *Fleet) start() time.Time { return f.end.AddDate(0, -months, 0) }

// share gives every customer a block of neighbouring numbers on its trunk, a quarter larger than
// what it uses, as carriers do. What is left is the trunk's pool.
func (f *Fleet) share() {
	free := map[int64][]int64{}
	for _, s := range spans {
		for i := range s.count {
			id := s.firstID + int64(i)
			f.numbers[id], f.sits[id] = s.number(i), []int64{s.trunk}
			if !reserved[id] {
				free[s.trunk] = append(free[s.trunk], id)
			}
		}
	}
	take := func(pbx, trunk int64, n int) []int64 {
		n = min(n, len(free[trunk]))
		ids := free[trunk][:n]
		free[trunk] = free[trunk][n:]
		for _, id := range ids {
			f.blocks[pbx] = append(f.blocks[pbx], yeastartest.Binding{Trunk: trunk, DID: id})
		}
		return ids
	}
	for _, b := range businesses {
		f.home[b.id] = b
		own := b.numbers
		if slices.Contains(b.more, peer) {
			own /= 2
			take(b.id, peer, own+4)
		}
		ids := take(b.id, b.trunk, own*5/4+1)
		if slices.Contains(b.more, rheintelB) {
			f.double(b.id, ids[:own/3])
		}
	}
	f.double(notariat, take(notariat, rheintel, 6))
	f.pools = free
}

// double puts numbers on the second line too.
func (f *Fleet) double(pbx int64, ids []int64) {
	for _, id := range ids {
		f.sits[id] = []int64{rheintel, rheintelB}
		f.blocks[pbx] = append(f.blocks[pbx], yeastartest.Binding{Trunk: rheintelB, DID: id})
	}
}

// addNumbers puts all numbers into the simulator. The first ones of a customer are named, as the
// team does it for what must never ring into the void.
func (f *Fleet) addNumbers() {
	names := map[int64]string{}
	for pbx, pairs := range f.blocks {
		for i, what := range []string{"main line", "fax", "alarm line"} {
			if i < min(len(pairs), f.home[pbx].numbers/4) {
				names[pairs[i].DID] = f.home[pbx].name + ", " + what
			}
		}
	}
	var dids []yeastartest.DID
	for _, s := range spans {
		for i := range s.count {
			id := s.firstID + int64(i)
			dids = append(dids, yeastartest.DID{ID: id, Number: f.numbers[id], Name: names[id], Trunks: f.sits[id]})
		}
	}
	f.vendor.AddDIDs(dids)
}

// Number is what a caller dials for a DID id.
func (f *Fleet) Number(did int64) string { return f.numbers[did] }

// open adds a customer's PBX with most of the numbers it will use, without a report.
func (f *Fleet) open(b business) {
	f.addPBX(b, yeastartest.StatusRunning)
	f.vendor.Bind(b.id, f.first(b, b.numbers*(60+f.rng.IntN(45))/100)...)
}

func (f *Fleet) addPBX(b business, status string) {
	created := f.start().AddDate(0, 0, -40-f.rng.IntN(900))
	if b.joined > 0 {
		created = f.Now()
	}
	f.vendor.AddPBX(yeastartest.PBX{
		ID: b.id, Name: b.name, Region: regionOf(b.trunk), URL: b.slug + "." + domains[regionOf(b.trunk)],
		Serial: fmt.Sprintf("3658B4%04d%06d", f.rng.IntN(10000), f.rng.IntN(1000000)), Firmware: b.firmware, Status: status,
		Extensions: int64(10 * (1 + b.numbers/8)), ConcurrentCalls: int64(4 + b.numbers/4), RecordingMinutes: 500, CreatedAt: created,
		Customers: []int64{customer(b.id)}, Switches: yeastartest.Switches{API: b.passesOn()},
		Creator: yeastartest.Person{FirstName: "Ana", LastName: "Ferreira", Email: "ana@reseller.example"},
	})
	f.lines(b)
}

// first are the first n numbers of a block, on every line they come by.
func (f *Fleet) first(b business, n int) []yeastartest.Binding {
	seen := map[int64]bool{}
	var pairs []yeastartest.Binding
	for _, p := range f.blocks[b.id] {
		if seen[p.DID] || len(seen) < max(n, 1) {
			seen[p.DID] = true
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// special is what a few customers have beyond numbers of their own trunk.
func (f *Fleet) special() {
	old := spans[slices.IndexFunc(spans, func(s span) bool { return s.trunk == altnetz })]
	for i := range old.count {
		pbx := int64(spedition)
		if i >= 12 {
			pbx = antiquariat
		}
		f.vendor.Bind(pbx, yeastartest.Binding{Trunk: altnetz, DID: old.firstID + int64(i)})
	}
	f.vendor.SetHeaders(aldgate, []yeastartest.HeaderBinding{{Trunk: kanalnet, Header: headerCustomer, Value: "AM-2041"}})
	f.vendor.SetHeaders(thamesQuay, []yeastartest.HeaderBinding{{Trunk: kanalnet, Header: headerCustomer, Value: "TQ-1187"}})
}

func regionOf(trunk int64) string {
	return trunks[slices.IndexFunc(trunks, func(t yeastartest.Trunk) bool { return t.ID == trunk })].Region
}
