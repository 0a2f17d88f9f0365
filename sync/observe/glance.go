package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cordboard/sync/fleet"
)

// Lists is the vendor's flat reads of a PBX that a listing has just shown: without the PBX itself.
type Lists interface {
	// Lists answers KindNotFound when YCM has no such lists, which says nothing yet of the PBX.
	Lists(ctx context.Context, id fleet.PBXID) (fleet.Observation, error)
}

// Memory is what a glance is held against.
type Memory interface {
	Face(ctx context.Context, id fleet.PBXID) (fleet.Face, error)
	// Listed are numbers as the last listing told them; those that it does not know are left out.
	Listed(ctx context.Context, ids []fleet.DIDID) ([]fleet.DID, error)
}

// GlanceDeps is what a Glancer works with. Every field is needed.
type GlanceDeps struct {
	Observer *Observer
	Lists    Lists
	Memory   Memory
}

// Glancer looks at PBXs for passes over the whole fleet: two calls where nothing has changed, and
// nothing written.
type Glancer struct{ d GlanceDeps }

// NewGlancer checks the dependencies.
func NewGlancer(d GlanceDeps) (*Glancer, error) {
	if d.Observer == nil || d.Lists == nil || d.Memory == nil {
		return nil, errors.New("observe: a field of GlanceDeps is nil")
	}
	return &Glancer{d}, nil
}

// Glance reads what the PBX has and uses. Where that shows what an exact ledger says and nothing is
// open, it answers with a touch for the caller to keep, together with others. In every other case a
// whole look follows: a difference is never concluded from a glance.
func (g *Glancer) Glance(ctx context.Context, id fleet.PBXID) (fleet.Glance, error) {
	face, err := g.d.Memory.Face(ctx, id)
	if err != nil {
		return fleet.Glance{}, fmt.Errorf("observe %d: %w", id, err)
	}
	if face.Calm {
		seen, err := g.d.Lists.Lists(ctx, id)
		switch {
		case err == nil && seen.ShowsKnown(face.Known):
			face.Touch.At = seen.At
			return fleet.Glance{Touch: &face.Touch}, nil
		case err != nil && fleet.KindOf(err) != fleet.KindNotFound:
			return fleet.Glance{}, g.d.Observer.note(ctx, id, err)
		}
	}
	moved, err := g.observer(id, face.Known).Sweep(ctx, id)
	return fleet.Glance{Moved: moved}, err
}

// Sweep is a whole look, for a PBX whose glance was overtaken by a report.
func (g *Glancer) Sweep(ctx context.Context, id fleet.PBXID) (moved bool, err error) {
	return g.d.Observer.Sweep(ctx, id)
}

// observer is the one that looks, with known as what the ledger says before. Where that is exact, a
// difference is judged by each number's own word. Where it is not, the numbers are taken from the
// last listing: reading every one of them again, pass for pass, would cost more than all the rest.
// Only those in question are asked for.
func (g *Glancer) observer(id fleet.PBXID, known fleet.Known) *Observer {
	if known.Exact() {
		return g.d.Observer
	}
	d := g.d.Observer.d
	open := make([]fleet.DIDID, len(known.Unclear))
	for i, u := range known.Unclear {
		open[i] = u.DID
	}
	d.Cloud = &remembered{Cloud: d.Cloud, memory: g.d.Memory, pbx: id, open: open}
	return &Observer{d}
}

// remembered is the cloud with the numbers of one PBX as they were listed.
type remembered struct {
	Cloud
	memory Memory
	pbx    fleet.PBXID
	open   []fleet.DIDID // are looked up all the same
	seen   fleet.Observation
}

// Observe is the cloud's.
func (r *remembered) Observe(ctx context.Context, id fleet.PBXID) (seen fleet.Observation, err error) {
	r.seen, err = r.Cloud.Observe(ctx, id)
	return r.seen, err
}

// DIDs looks up what the listing does not show on this PBX, and what the reading lacks: that the
// listing had it there says nothing about now.
func (r *remembered) DIDs(ctx context.Context, ids []fleet.DIDID) ([]fleet.DID, error) {
	listed, err := r.memory.Listed(ctx, ids)
	if err != nil {
		return nil, err
	}
	listed = slices.DeleteFunc(listed, func(d fleet.DID) bool {
		return d.Owner != r.pbx || len(d.Trunks) == 0 || r.seen.Copies[d.ID] == 0 || slices.Contains(r.open, d.ID)
	})
	have := make(map[fleet.DIDID]bool, len(listed))
	for _, d := range listed {
		have[d.ID] = true
	}
	missing := slices.DeleteFunc(slices.Clone(ids), func(id fleet.DIDID) bool { return have[id] })
	if len(missing) == 0 {
		return listed, nil
	}
	asked, err := r.Cloud.DIDs(ctx, missing)
	return append(listed, asked...), err
}
