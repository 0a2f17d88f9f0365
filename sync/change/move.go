package change

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

// Move asks for numbers of one PBX to be bound to another.
type Move struct {
	From fleet.PBXID
	To   fleet.PBXID
	// Numbers are the pairs that To shall have. Trunk 0 leaves the choice to Cordboard: the trunk that
	// the number has at From, or the only one on which it sits.
	Numbers     []fleet.Binding
	FromHeaders *[]fleet.Header // the custom SIP header values that From keeps; nil keeps what is known
	ToHeaders   *[]fleet.Header // and those of To
}

// Moving is one number of a move.
type Moving struct {
	DID    fleet.DIDID
	Number string
	From   []fleet.TrunkID // where it is bound now
	To     fleet.TrunkID   // where it will be
	Sits   []fleet.TrunkID // where it could be
}

// MoveReview is what a move would do to both PBXs, as read just now. Nothing of it is stored.
type MoveReview struct {
	Move    Move // with every trunk settled
	Numbers []Moving
	Release plan.Plan // of From; the zero Plan where it can't be made
	Claim   plan.Plan // of To, as if From had released the numbers
}

// fromField marks the fields that are about the PBX that the numbers leave.
const fromField = "from_"

const moveOp = "change.ReviewMove"

// ReviewMove reads both PBXs and builds both halves of a move. Where something stands in the way, the
// error (kind invalid or headers_unknown) says so of both, and the review has what could be made.
func (c *Changer) ReviewMove(ctx context.Context, m Move) (MoveReview, error) {
	r := MoveReview{Move: m}
	if m.From == m.To {
		return r, fleet.Invalid(moveOp, "A number can't be moved to the PBX that has it.", fleet.Field{Name: "to", Rule: "Choose another PBX."})
	}
	if len(m.Numbers) == 0 {
		return r, fleet.Invalid(moveOp, "No number was chosen.", fleet.Field{Name: "numbers", Rule: "Choose numbers to move."})
	}
	known, seen, err := c.look(ctx, m.From)
	if err != nil {
		return r, err
	}
	toKnown, toSeen, err := c.look(ctx, m.To)
	if err != nil {
		return r, err
	}
	dids, err := c.d.Reader.DIDs(ctx, didsOf(m.Numbers))
	if err != nil {
		return r, err
	}
	var refusals []*fleet.Error
	note := func(err error, prefix string) error {
		e, ok := errors.AsType[*fleet.Error](err)
		if !ok || e.Kind != fleet.KindInvalid && e.Kind != fleet.KindHeaders {
			return err
		}
		refusals = append(refusals, prefixed(e, prefix))
		return nil
	}
	if err := r.settle(known, dids); err != nil {
		if err := note(err, ""); err != nil {
			return r, err
		}
	} else {
		if r.Release, err = c.build(ctx, r.release(known), known, seen); err != nil {
			if err := note(err, fromField); err != nil {
				return r, err
			}
		}
		if r.Claim, err = c.taking(ctx, r.Move, toKnown, toSeen); err != nil {
			if err := note(err, ""); err != nil {
				return r, err
			}
		}
	}
	if err := c.aloneEnough(ctx, r.Release, r.Claim); err != nil {
		if err := note(err, ""); err != nil {
			return r, err
		}
	}
	return r, joinRefusals(refusals)
}

// taking is the plan of the PBX that takes the numbers, as if the other one had released them.
func (c *Changer) taking(ctx context.Context, m Move, known fleet.Known, seen fleet.Observation) (plan.Plan, error) {
	req := plan.Request{Bind: m.Numbers, Headers: m.ToHeaders}
	facts, err := c.facts(ctx, seen.PBX, known, req)
	if err != nil {
		return plan.Plan{}, err
	}
	for id, d := range facts.DIDs {
		if d.Owner == m.From {
			d.Owner = 0
			facts.DIDs[id] = d
		}
	}
	return plan.Build(req, facts)
}

// look reads a PBX whose open plans are settled first.
func (c *Changer) look(ctx context.Context, id fleet.PBXID) (fleet.Known, fleet.Observation, error) {
	if err := c.settleOpen(ctx, id); err != nil {
		return fleet.Known{}, fleet.Observation{}, &fleet.Error{Kind: fleet.KindConflict, Op: moveOp, Err: err,
			Msg: "The fate of an earlier plan of one of these PBXs is not known yet. Nothing was sent. Cordboard keeps checking."}
	}
	return c.d.Looker.Look(ctx, id)
}

// settle finds where every number is now, and where it will be.
func (r *MoveReview) settle(known fleet.Known, dids []fleet.DID) error {
	var fields []fleet.Field
	wrong := func(did fleet.DIDID, format string, args ...any) {
		fields = append(fields, fleet.Field{Name: "trunk." + did.String(), Rule: fmt.Sprintf(format, args...)})
	}
	var pairs []fleet.Binding
	for _, want := range fleet.NewBindingSet(r.Move.Numbers...).Pairs() {
		n := Moving{DID: want.DID, Number: "DID " + want.DID.String(), From: known.Set.TrunksOf(want.DID), To: want.Trunk}
		i := slices.IndexFunc(dids, func(d fleet.DID) bool { return d.ID == want.DID })
		if i >= 0 {
			n.Number, n.Sits = dids[i].Number, dids[i].Trunks
		}
		switch {
		case slices.ContainsFunc(r.Numbers, func(m Moving) bool { return m.DID == want.DID }):
			wrong(want.DID, "%s is named twice: a move binds a number on one trunk.", n.Number)
			continue
		case i < 0:
			wrong(want.DID, "Yeastar knows no DID %d.", want.DID)
		case slices.ContainsFunc(known.Unclear, func(u fleet.Unclear) bool { return u.DID == want.DID }):
			wrong(want.DID, "The trunk of %s is not known. Settle that first.", n.Number)
		case len(n.From) == 0:
			wrong(want.DID, "%s is not bound to the PBX that it shall leave.", n.Number)
		case n.To == 0:
			n.To = choice(n)
		}
		if i >= 0 && len(n.From) > 0 && n.To == 0 {
			wrong(want.DID, "%s sits on several trunks: choose one.", n.Number)
		}
		pairs = append(pairs, fleet.Binding{Trunk: n.To, DID: n.DID})
		r.Numbers = append(r.Numbers, n)
	}
	r.Move.Numbers = pairs
	if len(fields) > 0 {
		return fleet.Invalid(moveOp, "Some of these numbers can't be moved this way.", fields...)
	}
	return nil
}

// choice is the trunk of a number for which nobody chose one, or 0.
func choice(n Moving) fleet.TrunkID {
	for _, t := range n.From {
		if slices.Contains(n.Sits, t) {
			return t
		}
	}
	if len(n.Sits) == 1 {
		return n.Sits[0]
	}
	return 0
}

// release is the request that takes the numbers from their PBX.
func (r MoveReview) release(known fleet.Known) plan.Request {
	pairs := r.out()
	if known.Exact() && known.Set.Without(pairs...).Len() == 0 {
		return plan.Request{Clear: true}
	}
	return plan.Request{Unbind: pairs, Headers: r.Move.FromHeaders}
}

// out are the pairs that the release takes away.
func (r MoveReview) out() []fleet.Binding {
	var pairs []fleet.Binding
	for _, n := range r.Numbers {
		for _, t := range n.From {
			pairs = append(pairs, fleet.Binding{Trunk: t, DID: n.DID})
		}
	}
	return pairs
}

// prefixed is e with the names of its fields marked.
func prefixed(e *fleet.Error, prefix string) *fleet.Error {
	own := *e
	own.Fields = slices.Clone(e.Fields)
	for i := range own.Fields {
		own.Fields[i].Name = prefix + own.Fields[i].Name
	}
	return &own
}

// joinRefusals is what stands in the way of both halves, as one error.
func joinRefusals(list []*fleet.Error) error {
	if len(list) == 0 {
		return nil
	}
	all := &fleet.Error{Kind: list[0].Kind, Op: moveOp}
	var words []string
	for _, e := range list {
		words = append(words, e.Msg)
		all.Fields = append(all.Fields, e.Fields...)
		if e.Kind == fleet.KindInvalid {
			all.Kind = fleet.KindInvalid // stating headers would not be enough
		}
	}
	all.Msg = strings.Join(words, " ")
	return all
}

// Asks reports whether one of the halves needs n.
func (r MoveReview) Asks(n plan.Need) bool { return r.Release.Risk.Asks(n) || r.Claim.Risk.Asks(n) }

// Token is a short hash of everything that a person has seen of the review. With another token,
// something moved meanwhile.
func (r MoveReview) Token() string {
	text := strings.Join([]string{r.Release.Base, r.Release.After.Fingerprint(), r.Claim.Base, r.Claim.After.Fingerprint()}, "\n")
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// Title is the move in one line: "Move 2 numbers from Acme HQ to Corner Bakery".
func (r MoveReview) Title() string {
	what := strconv.Itoa(len(r.Numbers)) + " numbers"
	if len(r.Numbers) == 1 {
		what = r.Numbers[0].Number
	}
	return "Move " + what + " from " + r.Release.PBXName + " to " + r.Claim.PBXName
}

// Job is the work that carries a reviewed move out, with the audit entries that begin it, one for
// each PBX. It is refused where the guard of a half asks for more than was given.
func (r MoveReview) Job(by audit.By, consent Consent, key string, now time.Time) (job.Job, []audit.Entry, error) {
	for _, half := range []plan.Plan{r.Release, r.Claim} {
		if err := consented(half, consent); err != nil {
			return job.Job{}, nil, err
		}
	}
	m := moving{
		From: r.Move.From, To: r.Move.To, FromName: r.Release.PBXName, ToName: r.Claim.PBXName, Numbers: r.Numbers, Out: r.out(), In: r.Move.Numbers,
		Clear: r.Release.Clear, FromHeaders: r.Move.FromHeaders, ToHeaders: r.Move.ToHeaders, FromBase: r.Release.Base, ToBase: r.Claim.Base,
		Name: consent.Name, Reason: strings.TrimSpace(consent.Reason), Decided: now,
	}
	doc, err := json.Marshal(m)
	if err != nil {
		return job.Job{}, nil, fmt.Errorf("change.Job: %w", err)
	}
	j := job.Job{ID: job.NewID(), Kind: job.MoveNumbers, Key: key, Title: r.Title(), Sentence: "Nothing was sent yet.", Author: by.Actor, IP: by.IP,
		PBX: r.Move.From, Steps: m.steps(), Doc: doc}
	acts, err := m.entries(j, now, audit.Intended, m.Reason)
	return j, acts, err
}
