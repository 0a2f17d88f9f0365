package station_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

// chance is one random history of the acme fleet: what colleagues, the provider, the webhook path and
// we ourselves do, in any order.
type chance struct {
	*house
	rng *rand.Rand
	log []string
}

// pairs that the account has to give; 50070 is the number whose trunk reads can't tell.
func wares() []yeastartest.Binding {
	var all []yeastartest.Binding
	for i := range int64(10) {
		all = append(all, at(london, 50030+i))
	}
	for i := range int64(4) {
		all = append(all, at(peer, 50050+i))
	}
	return append(all, at(london, 50070), at(peer, 50070))
}

func (c *chance) some(max int) []yeastartest.Binding {
	all := wares()
	c.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:c.rng.IntN(max+1)]
}

func (c *chance) pbx() fleet.PBXID { return []fleet.PBXID{acmeHQ, bakery}[c.rng.IntN(2)] }

// weather is how the webhook path behaves from now on.
func (c *chance) weather() {
	lost, doubled, late := c.rng.IntN(3) == 0, c.rng.IntN(3) == 0, c.rng.IntN(3) == 0
	seed := c.rng.Uint64()
	p := yeastartest.WebhookPolicy{ResendDelay: time.Millisecond}
	if lost {
		lose := rand.New(rand.NewPCG(seed, 5))
		p.Drop = func(yeastartest.Report) bool { return lose.IntN(2) == 0 }
	}
	if doubled {
		p.Duplicate = yeastartest.Copies(2)
	}
	if late {
		p.Reorder, p.ReorderSeed = 3, seed
	}
	c.sim.SetWebhookPolicy(p)
	c.did("weather: lost %v, doubled %v, disordered %v", lost, doubled, late)
}

func (c *chance) did(format string, args ...any) { c.log = append(c.log, fmt.Sprintf(format, args...)) }

func (c *chance) act() {
	id := c.pbx()
	switch c.rng.IntN(9) {
	case 0, 1, 2:
		set := c.some(6)
		c.did("a colleague makes %d hold %v", id, set)
		c.sim.Rebind(int64(id), set)
	case 3:
		if bound := c.sim.Bindings(int64(id)); len(bound) > 0 {
			did := bound[c.rng.IntN(len(bound))].DID
			c.did("the provider takes %d from %d", did, id)
			c.sim.ReleaseSilently(int64(id), []int64{did})
		}
	case 4:
		c.did("%d is restored", id)
		c.sim.Restore(int64(id))
		c.sim.SetStatus(int64(id), yeastartest.StatusRunning)
	case 5:
		c.weather()
	case 6, 7:
		c.write(id)
	case 8:
		c.did("a pass")
		c.sweep()
	}
}

// write is a plan of ours: it may be refused, and then nothing must have happened.
func (c *chance) write(id fleet.PBXID) {
	ask := change.Ask{PBX: id}
	for _, b := range c.some(3) {
		ask.Bind = append(ask.Bind, pair(fleet.TrunkID(b.Trunk), fleet.DIDID(b.DID)))
	}
	p, err := c.Changer.Draft(c.t.Context(), ana, ask)
	if err != nil {
		c.did("a plan for %d to bind %v: %v", id, ask.Bind, fleet.KindOf(err))
		return
	}
	p, err = c.confirm(p)
	c.did("a plan for %d to bind %v: %s %v", id, ask.Bind, p.Status, fleet.KindOf(err))
}

func TestAfterAnyHistoryOnePassMakesOurBindingsThoseOfTheCloud(t *testing.T) {
	seeds := 200
	if testing.Short() {
		seeds = 20
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := &chance{house: build(t), rng: rand.New(rand.NewPCG(seed, 3))}
			for range 12 {
				c.act()
			}
			c.sim.Release()
			c.settled()
			c.sweep()
			for _, id := range []fleet.PBXID{acmeHQ, bakery, oldie} {
				if !agrees(c.known(id), c.cloud(id)) {
					t.Errorf("PBX %d: we have %+v, the cloud %v", id, c.known(id), c.cloud(id))
				}
			}
			if _, err := c.Verify(t.Context(), audit.Head{}); err != nil {
				t.Error(err)
			}
			if t.Failed() {
				for _, line := range c.log {
					t.Log(line)
				}
			}
		})
	}
}

// agrees reports whether what is known is true: exact knowledge is the cloud's set, and what is not
// certain leaves the truth open.
func agrees(k fleet.Known, cloud fleet.BindingSet) bool {
	if len(k.Set.Minus(cloud)) > 0 {
		return false
	}
	for _, b := range cloud.Minus(k.Set) {
		open := func(u fleet.Unclear) bool { return u.DID == b.DID && slices.Contains(u.Trunks, b.Trunk) }
		if k.Exact() || !slices.ContainsFunc(k.Unclear, open) {
			return false
		}
	}
	return true
}
