package change

import (
	"context"
	"slices"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

// half is one half of a move: a stored plan, or why there is none.
type half struct {
	Plan    fleet.PlanID // kept before it is confirmed, so that it is found again after a crash
	Trouble string       // why no plan could be made or sent; then nothing was
}

// moving is what the job of a move remembers.
type moving struct {
	From, To         fleet.PBXID
	FromName, ToName string
	Numbers          []Moving
	Out              []fleet.Binding // the pairs that From releases
	In               []fleet.Binding // the pairs that To claims
	Clear            bool            // From keeps no number at all
	FromHeaders      *[]fleet.Header
	ToHeaders        *[]fleet.Header
	FromBase, ToBase string // fingerprints of what was reviewed
	Name, Reason     string // what the person gave for both guards
	Decided          time.Time
	Resumed          bool
	Tries            int // of putting back, since a person looked

	Release, Claim, Back half
}

// mover carries one move on.
type mover struct {
	c *Changer
	r *job.Run
	moving
	places map[fleet.DIDID]place // nil = not read since the last act
	plans  map[fleet.PlanID]plan.Plan
}

// Moves is the work of the jobs that move numbers.
func (c *Changer) Moves() job.Work { return c.move }

// move carries a move on from wherever it is. Each half is a stored plan whose id is kept before it is
// confirmed. From the release on it does not stop for a shutdown before the numbers have a PBX
// again, except where only time can tell what became of a write.
func (c *Changer) move(ctx context.Context, r *job.Run) error {
	m := &mover{c: c, r: r, plans: map[fleet.PlanID]plan.Plan{}}
	if err := r.Read(&m.moving); err != nil {
		return err
	}
	err := m.run(ctx)
	if err == nil || ctx.Err() != nil || m.Release.Plan == "" {
		return err
	}
	c.d.Log.Error("a move could not go on", "job", r.ID, "error", err)
	return m.stuck(err)
}

func (m *mover) run(ctx context.Context) error {
	calm := context.WithoutCancel(ctx)
	if err := m.resume(calm); err != nil {
		return err
	}
	for {
		p, err := m.progress(calm)
		if err != nil {
			return err
		}
		m.tell()
		switch a := next(p); a {
		case actRelease:
			if err = ctx.Err(); err == nil {
				err = m.carry(calm, &m.Release, stepRelease, m.askRelease, m.isReviewed)
			}
		case actClaim:
			err = m.carry(calm, &m.Claim, stepClaim, m.askClaim, m.onlyClaims)
		case actPutBack:
			err = m.carry(calm, &m.Back, stepBack, m.askBack, nil)
		case actSettle:
			err = m.settle(ctx)
		case actLook:
			err = m.locate(calm, p)
		default:
			return m.end(a)
		}
		if err != nil {
			return err
		}
	}
}

// resume notes that a person let the move go on: what was decided counts from now, and putting the
// numbers back is tried again.
func (m *mover) resume(ctx context.Context) error {
	if !slices.ContainsFunc(m.r.Steps, func(s job.Step) bool { return s.State == job.StepAttention }) {
		return nil
	}
	m.Resumed, m.Decided, m.Tries = true, m.c.d.Now(), 0
	for i, s := range m.r.Steps {
		if s.State == job.StepAttention {
			m.r.Steps[i].State, m.r.Steps[i].Sentence = job.StepWaiting, ""
		}
	}
	return m.save(ctx)
}

// progress reads how far both halves are.
func (m *mover) progress(ctx context.Context) (progress, error) {
	p := progress{resumed: m.Resumed, tries: m.Tries}
	for _, h := range []struct {
		half
		into *stage
	}{{m.Release, &p.release}, {m.Claim, &p.claim}, {m.Back, &p.back}} {
		switch {
		case h.Trouble != "":
			*h.into = stageVain
		case h.Plan != "":
			stored, err := m.c.d.Journal.Plan(ctx, h.Plan)
			if err != nil {
				return p, err
			}
			m.plans[h.Plan] = stored
			*h.into = stageOf(stored.Status, !stored.SentAt.IsZero())
		}
	}
	if m.places != nil {
		for _, n := range m.Numbers {
			p.places = append(p.places, m.places[n.DID])
		}
	}
	return p, nil
}

// carry makes the plan of one half, keeps its id, and confirms it. What can't be made or sent ends
// that half, and nothing else: how the move goes on is decided anew.
func (m *mover) carry(ctx context.Context, h *half, step string, ask func(context.Context) (Ask, error), check func(plan.Plan) error) error {
	m.places = nil
	i := m.step(step)
	m.r.Steps[i].State, m.r.Sentence = job.StepRunning, m.doing(step)
	if m.plans[h.Plan].Status != plan.Draft {
		if *h = (half{}); step == stepBack {
			m.Tries++
		}
		p, err := m.draft(ctx, ask)
		if err == nil && check != nil {
			if err = check(p); err != nil {
				m.discard(ctx, p)
			}
		}
		if err != nil {
			return m.give(ctx, h, i, err)
		}
		h.Plan = p.ID
	}
	m.r.Steps[i].Plan = h.Plan
	if err := m.save(ctx); err != nil {
		return err
	}
	return m.confirm(ctx, h, i)
}

// draft makes a plan. What hinders it only now is tried again for a while.
func (m *mover) draft(ctx context.Context, ask func(context.Context) (Ask, error)) (p plan.Plan, err error) {
	err = m.patiently(ctx, func() error {
		a, err := ask(ctx)
		if err != nil {
			return err
		}
		a.Job, a.Decided = string(m.r.ID), m.Decided
		p, err = m.c.Draft(ctx, m.by(), a)
		return err
	})
	return p, err
}

// confirm carries the plan of a half out. How it ended is in the plan; an error that left the plan a
// draft gives it up.
func (m *mover) confirm(ctx context.Context, h *half, step int) error {
	consent := Consent{Name: m.Name, Reason: m.Reason, Job: string(m.r.ID)}
	var p plan.Plan
	err := m.patiently(ctx, func() error {
		_, failed := m.c.Confirm(ctx, m.by(), h.Plan, consent)
		var err error
		if p, err = m.c.d.Journal.Plan(ctx, h.Plan); err != nil {
			return err
		}
		if p.Status != plan.Draft {
			return nil
		}
		return failed
	})
	if err != nil && p.Status == plan.Draft {
		m.discard(ctx, p)
		return m.give(ctx, h, step, err)
	}
	if err != nil {
		return err
	}
	m.r.Steps[step].State, m.r.Steps[step].Sentence = stepState(p.Status), p.Outcome.Sentence
	return m.save(ctx)
}

// give ends a half for which no plan could be made or sent.
func (m *mover) give(ctx context.Context, h *half, step int, cause error) error {
	h.Trouble = refusal(cause)
	m.r.Steps[step].State, m.r.Steps[step].Sentence = job.StepFailed, h.Trouble
	return m.save(ctx)
}

func (m *mover) discard(ctx context.Context, p plan.Plan) {
	e, err := entry(m.by(), m.c.d.Now(), audit.PlanDiscard, p)
	if err == nil {
		e.Outcome = audit.Succeeded
		err = m.c.d.Open.DiscardPlan(ctx, p.ID, e)
	}
	if err != nil {
		m.c.d.Log.Warn("a draft that nobody wants any more stays until it expires", "plan", p.ID, "error", err)
	}
}

// settle waits until a read has told what became of a plan that may be under way.
func (m *mover) settle(ctx context.Context) error {
	m.places = nil
	for pause := m.c.d.Poll; ; pause = min(2*pause, settlePause) {
		for _, id := range []fleet.PlanID{m.Release.Plan, m.Claim.Plan, m.Back.Plan} {
			if !m.plans[id].Status.Open() {
				continue
			}
			if err := m.c.fate(ctx, id); err != nil && ctx.Err() == nil {
				m.c.d.Log.Warn("the fate of a move's plan is not known yet", "job", m.r.ID, "plan", id, "error", err)
			}
		}
		p, err := m.progress(context.WithoutCancel(ctx))
		if err != nil || next(p) != actSettle {
			return err
		}
		m.r.Sentence = "A write was sent and its fate is not known yet: reading back fails. Cordboard keeps checking; nothing else is done before."
		if err := m.save(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// settlePause is the longest pause between two reads that ask what became of a plan.
const settlePause = 30 * time.Second

// locate reads where every number is. After a verified claim the numbers themselves get some time to
// say the same.
func (m *mover) locate(ctx context.Context, p progress) error {
	m.r.Steps[m.step(stepVerify)].State = job.StepRunning
	err := m.patiently(ctx, func() error {
		dids, err := m.c.d.Reader.DIDs(ctx, didsOf(m.In))
		if err != nil {
			return err
		}
		m.places = map[fleet.DIDID]place{}
		for _, n := range m.Numbers {
			m.places[n.DID] = m.placeOf(n, dids)
		}
		if p.claim == stageDone && slices.ContainsFunc(m.Numbers, func(n Moving) bool { return m.places[n.DID] != atTarget }) {
			return &fleet.Error{Kind: fleet.KindUnavailable, Op: "change.locate", Msg: "The numbers do not say yet that they have moved."}
		}
		return nil
	})
	if m.places != nil {
		return m.save(ctx) // contradictions are for next to judge
	}
	return err
}

func (m *mover) placeOf(n Moving, dids []fleet.DID) place {
	i := slices.IndexFunc(dids, func(d fleet.DID) bool { return d.ID == n.DID })
	switch {
	case i < 0 || dids[i].Number != "" && dids[i].Number != n.Number:
		return gone
	case dids[i].Owner == 0:
		return free
	case dids[i].Owner == m.From:
		return atSource
	case dids[i].Owner == m.To:
		return atTarget
	}
	return elsewhere
}

// patiently tries again what fails for now only: a read that does not get through, another plan of
// the PBX that is under way. It gives up soon, because the numbers may ring nowhere meanwhile.
func (m *mover) patiently(ctx context.Context, try func() error) error {
	until := m.c.d.Now().Add(2 * m.c.d.ReadBack)
	for pause := m.c.d.Poll; ; pause *= 2 {
		err := try()
		kind := fleet.KindOf(err)
		passes := kind == fleet.KindUnavailable || kind == fleet.KindConflict || kind == fleet.KindUnknown
		if err == nil || !passes || m.c.d.Now().Add(pause).After(until) {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func (m *mover) by() audit.By { return audit.By{Actor: m.r.Author, IP: m.r.IP} }

// save keeps how far the move is. It is tried for a while: what is not kept is done again.
func (m *mover) save(ctx context.Context) error {
	if err := m.r.Write(m.moving); err != nil {
		return err
	}
	until := m.c.d.Now().Add(2 * m.c.d.ReadBack)
	for pause := m.c.d.Poll; ; pause *= 2 {
		err := m.r.Save(ctx)
		if err == nil || m.c.d.Now().Add(pause).After(until) {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}
