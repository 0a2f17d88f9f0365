package change

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// Deps is what a Changer works with. Every field but Trunks is needed.
type Deps struct {
	Looker    Looker
	Reader    Reader
	Writer    Writer
	Journal   Journal
	Open      OpenPlans
	Directory Directory
	Guard     plan.Guard
	Trunks    *TrunkEditor // nil: SIP trunks are not changed
	Approvals Approvals    // nil: no plan needs a second person
	Now       func() time.Time
	// VendorNow is the vendor's clock: what its reports will say of a write that starts now.
	VendorNow func() time.Time
	Log       *slog.Logger
	// Announce tells open pages that a plan or a PBX changed.
	Announce func(fleet.PBXID, fleet.PlanID)
	// ReadBack is how long the cloud may take to show a write before it counts as not done. The
	// vendor applies after its 200 (contract §7.9).
	ReadBack time.Duration
	// Poll is the first pause between two reads while waiting for that; each next one is doubled.
	Poll time.Duration
	// Lifetime is how long a draft may wait for its confirmation. It and Guard can be set anew: [Changer.Tune].
	Lifetime time.Duration
}

// Changer makes plans and carries them out.
type Changer struct {
	d     Deps
	rules atomic.Pointer[rules]

	mu sync.Mutex
	// mine are the plans whose confirmation this process began and whose outcome is not recorded:
	// true while it runs, false when recording failed.
	mine map[fleet.PlanID]bool
}

// New checks the dependencies.
func New(d Deps) (*Changer, error) {
	switch {
	case d.Looker == nil, d.Reader == nil, d.Writer == nil, d.Journal == nil, d.Open == nil, d.Directory == nil,
		d.Now == nil, d.VendorNow == nil, d.Log == nil, d.Announce == nil:
		return nil, errors.New("change: a field of Deps is nil")
	case d.ReadBack <= 0 || d.Poll <= 0 || d.Lifetime <= 0:
		return nil, errors.New("change: a duration of Deps is not positive")
	}
	c := &Changer{d: d, mine: map[fleet.PlanID]bool{}}
	c.Tune(d.Guard, d.Lifetime)
	return c, nil
}

// rules are what may be set while plans are made.
type rules struct {
	guard    plan.Guard
	lifetime time.Duration
}

// Tune sets the guard and the lifetime of drafts that are made from now on.
func (c *Changer) Tune(guard plan.Guard, lifetime time.Duration) {
	c.rules.Store(&rules{guard, lifetime})
}

// claim marks a plan as being carried out by this process. It reports false when it is already.
func (c *Changer) claim(id fleet.PlanID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.mine[id]; taken {
		return false
	}
	c.mine[id] = true
	return true
}

// release takes the mark off. A plan whose outcome could not be recorded is left for [Changer.Settle].
func (c *Changer) release(id fleet.PlanID, recorded bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if recorded {
		delete(c.mine, id)
	} else {
		c.mine[id] = false
	}
}

// running reports whether a plan is being carried out right now; left, that it was, and that its
// outcome could not be recorded.
func (c *Changer) running(id fleet.PlanID) (running, left bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	running, mine := c.mine[id]
	return running, mine && !running
}

// newPlanID is 80 random bits, in letters and digits that survive being read aloud.
func newPlanID() fleet.PlanID { return fleet.PlanID(strings.ToLower(rand.Text()[:16])) }

func refuse(format string, args ...any) error {
	return &fleet.Error{Kind: fleet.KindConflict, Op: "change", Msg: fmt.Sprintf(format, args...)}
}

// entry is the audit row that every step of a plan shares.
func entry(by audit.By, at time.Time, action audit.Action, p plan.Plan) (audit.Entry, error) {
	before, after, err := records(p)
	if err != nil {
		return audit.Entry{}, err
	}
	reason := p.Reason
	if p.Job != "" {
		reason = strings.TrimSpace("Job " + p.Job + ". " + reason)
	}
	return audit.Entry{
		At: at, Actor: by.Actor, IP: by.IP, Action: action, Target: p.PBXName, PBX: p.PBX, Plan: p.ID,
		Reason: reason, Before: before, After: after,
	}, nil
}

// names gives steps the numbers and trunk names of our own record.
func (c *Changer) names(ctx context.Context) func([]plan.Step) []plan.Step {
	return func(steps []plan.Step) []plan.Step {
		ids := make([]fleet.DIDID, len(steps))
		for i, s := range steps {
			ids[i] = s.DID
		}
		rows, err := c.d.Directory.Numbers(ctx, ids)
		if err != nil {
			c.d.Log.Warn("numbers could not be named", "error", err)
		}
		for i, s := range steps {
			steps[i].Number = rows[s.DID].Number
			if steps[i].Number == "" {
				steps[i].Number = "DID " + s.DID.String()
			}
		}
		return steps
	}
}
