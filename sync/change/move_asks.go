package change

import (
	"context"
	"slices"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

func (m *mover) askRelease(context.Context) (Ask, error) {
	if m.Clear {
		return Ask{PBX: m.From, Clear: true}, nil
	}
	return Ask{PBX: m.From, Unbind: m.Out, Headers: m.FromHeaders}, nil
}

// isReviewed refuses a release that a person has not seen as it is: nothing was sent yet, so that
// looking again costs nothing.
func (m *mover) isReviewed(p plan.Plan) error {
	if p.Base != m.FromBase {
		return &fleet.Error{Kind: fleet.KindStale, Op: "change.move", Msg: "The bindings of " + m.FromName + " changed after this move was reviewed."}
	}
	return nil
}

// askClaim waits for the numbers themselves to say that they are free: the list of their PBX said so
// when the release was verified, and may be ahead.
func (m *mover) askClaim(ctx context.Context) (Ask, error) {
	dids, err := m.c.d.Reader.DIDs(ctx, didsOf(m.In))
	if err != nil {
		return Ask{}, err
	}
	for _, n := range m.Numbers {
		if m.placeOf(n, dids) == atSource {
			return Ask{}, &fleet.Error{Kind: fleet.KindUnavailable, Op: "change.move", Msg: n.Number + " still says that it is bound to " + m.FromName + "."}
		}
	}
	return Ask{PBX: m.To, Bind: m.In, Headers: m.ToHeaders}, nil
}

// onlyClaims refuses a claim that would do more than what was reviewed. What else changed on the
// PBX meanwhile is carried along; header values that a person stated are good for what they saw only.
func (m *mover) onlyClaims(p plan.Plan) error {
	added := p.After.Minus(p.Before)
	if len(p.Before.Minus(p.After)) > 0 || !slices.Equal(added, fleet.NewBindingSet(m.In...).Pairs()) || m.ToHeaders != nil && p.Base != m.ToBase {
		return &fleet.Error{Kind: fleet.KindStale, Op: "change.move", Msg: m.ToName + " changed after this move was reviewed."}
	}
	return nil
}

// askBack restores what was released of the numbers that nobody has, with the header values that
// went with them, as far as those were known.
func (m *mover) askBack(ctx context.Context) (Ask, error) {
	dids, err := m.c.d.Reader.DIDs(ctx, didsOf(m.In))
	if err != nil {
		return Ask{}, err
	}
	ask := Ask{PBX: m.From}
	for _, n := range m.Numbers {
		if m.placeOf(n, dids) != free {
			continue
		}
		for _, t := range n.From {
			ask.Bind = append(ask.Bind, fleet.Binding{Trunk: t, DID: n.DID})
		}
	}
	known, _, err := m.c.d.Looker.Look(ctx, m.From)
	if err != nil {
		return Ask{}, err
	}
	released, err := m.c.d.Journal.Plan(ctx, m.Release.Plan)
	if err != nil {
		return Ask{}, err
	}
	ask.Headers = headersBack(released.Headers, known.Headers, known.Set.With(ask.Bind...).Trunks())
	return ask, nil
}

// headersBack are the header values to state with the numbers that are put back: those that the
// release took, on trunks that are used again. nil keeps what is known, where it took none.
func headersBack(released plan.HeaderChange, known fleet.Headers, trunks []fleet.TrunkID) *[]fleet.Header {
	if !released.Send || !released.Before.Known {
		return nil
	}
	kept := released.After.List()
	var lost []fleet.Header
	for _, v := range released.Before.On(trunks).List() {
		if !slices.Contains(kept, v) {
			lost = append(lost, v)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	if !known.Known { // somebody else changed the PBX: what was there before is the best that is known
		all := released.Before.On(trunks).List()
		return &all
	}
	now := known.On(trunks).List()
	for _, v := range lost {
		set := slices.ContainsFunc(now, func(h fleet.Header) bool { return h.Trunk == v.Trunk && h.Header == v.Header })
		if !set {
			now = append(now, v)
		}
	}
	return &now
}
