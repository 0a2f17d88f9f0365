package change

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// Ask is a request for a plan, as it comes from a form or from JSON.
type Ask struct {
	PBX     fleet.PBXID
	Bind    []fleet.Binding
	Unbind  []fleet.Binding
	Clear   bool
	Headers *[]fleet.Header
	UndoTo  fleet.SnapshotID // 0 = no undo
	Skip    bool             // an undo may leave out what can't be brought back

	// Job is the job that asks: its plan can be confirmed by nobody else, and it is refused where
	// somebody has undone the PBX after a person decided on the job.
	Job     string
	Decided time.Time

	Freed    map[fleet.DIDID]fleet.PBXID // see [plan.Request]
	Lifetime time.Duration               // how long the draft may wait; 0 = as long as any
}

// Draft reads the PBX, builds a plan for what was asked, and stores it. Nothing is sent. The
// request may be refused with a field error (kind invalid or headers_unknown); a read that fails
// refuses it too, because a plan is made on what is true now.
func (c *Changer) Draft(ctx context.Context, by audit.By, ask Ask) (plan.Plan, error) {
	p, err := c.compose(ctx, ask)
	if err != nil {
		return plan.Plan{}, err
	}
	now := c.d.Now()
	p.ID, p.Author, p.CreatedAt, p.ExpiresAt = newPlanID(), by.Actor, now, now.Add(cmp.Or(ask.Lifetime, c.rules.Load().lifetime))
	p.Job, p.Decided = ask.Job, ask.Decided
	e, err := entry(by, now, audit.PlanCreate, p)
	if err != nil {
		return plan.Plan{}, err
	}
	e.Outcome = audit.Succeeded
	if err := c.d.Journal.SavePlan(ctx, p, e); err != nil {
		return plan.Plan{}, err
	}
	c.d.Announce(p.PBX, p.ID)
	return p, nil
}

// compose reads the PBX and builds the plan, and stores nothing.
func (c *Changer) compose(ctx context.Context, ask Ask) (plan.Plan, error) {
	if err := c.settleOpen(ctx, ask.PBX); err != nil {
		return plan.Plan{}, unsettledBefore("change.Draft", err)
	}
	if err := c.held(ctx, ask.PBX, ask.Decided); err != nil {
		return plan.Plan{}, err
	}
	var was past
	var err error
	if ask.UndoTo != 0 { // before any read renews what we know of its numbers
		if was, err = c.past(ctx, ask); err != nil {
			return plan.Plan{}, err
		}
	}
	known, seen, err := c.d.Looker.Look(ctx, ask.PBX)
	if err != nil {
		return plan.Plan{}, err
	}
	req := plan.Request{Bind: ask.Bind, Unbind: ask.Unbind, Clear: ask.Clear, Headers: ask.Headers, Freed: ask.Freed}
	if ask.UndoTo != 0 {
		if req.Undo, err = c.undo(ctx, was, known); err != nil {
			return plan.Plan{}, err
		}
		req.Undo.Skip = ask.Skip
	}
	return c.build(ctx, req, known, seen)
}

func unsettledBefore(op string, err error) error {
	return &fleet.Error{Kind: fleet.KindConflict, Op: op, Err: err,
		Msg: "The fate of an earlier plan of this PBX is not known yet, so no new one is made. Nothing of this request was sent. Cordboard keeps checking."}
}

// build makes the plan for a request on what was read.
func (c *Changer) build(ctx context.Context, req plan.Request, known fleet.Known, seen fleet.Observation) (plan.Plan, error) {
	facts, err := c.facts(ctx, seen.PBX, known, req)
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.Build(req, facts)
}

// facts gathers what a plan is decided on: named numbers and all trunks from the cloud, names
// and protection from our own record.
func (c *Changer) facts(ctx context.Context, pbx fleet.PBX, known fleet.Known, req plan.Request) (plan.Facts, error) {
	f := plan.Facts{PBX: pbx, Known: known, Guard: c.rules.Load().guard, DIDs: map[fleet.DIDID]fleet.DID{}, Trunks: map[fleet.TrunkID]fleet.Trunk{}}
	named := slices.Clone(req.Bind)
	if req.Undo != nil {
		named = append(named, req.Undo.Set.Minus(known.Set)...)
	}
	dids, err := c.d.Reader.DIDs(ctx, didsOf(named))
	if err != nil {
		return f, err
	}
	all := slices.Concat(known.Record().Pairs(), named, req.Unbind)
	trunks, err := c.d.Reader.Trunks(ctx, slices.Concat(known.Trunks(), fleet.NewBindingSet(named...).Trunks()))
	if err != nil {
		return f, err
	}
	if err := c.d.Directory.Remember(ctx, dids, trunks); err != nil {
		return f, err
	}
	for _, d := range dids {
		f.DIDs[d.ID] = d
	}
	for _, t := range trunks {
		f.Trunks[t.ID] = t
	}
	f.Numbers, err = c.d.Directory.Numbers(ctx, didsOf(all))
	return f, err
}

func didsOf(pairs []fleet.Binding) []fleet.DIDID {
	ids := make([]fleet.DIDID, len(pairs))
	for i, b := range pairs {
		ids[i] = b.DID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// expired reports whether a draft has waited too long to be confirmed.
func expired(p plan.Plan, now time.Time) bool { return now.After(p.ExpiresAt) }
