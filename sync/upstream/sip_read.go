package upstream

import (
	"context"
	"errors"
	"slices"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
)

// SIPTrunks lists a PBX's trunks with their status, completely or not at all.
func (p *PBXAPI) SIPTrunks(ctx context.Context, id fleet.PBXID) ([]sip.Row, error) {
	const op = "upstream.SIPTrunks"
	var rows []pseries.TrunkRow
	h, err := p.ask(ctx, op, id, func(c *pseries.Client) (err error) {
		rows, err = c.ListTrunks(ctx)
		return err
	})
	if err != nil {
		return nil, h.partError(op, err)
	}
	shared, err := p.sharedNames(ctx)
	if err != nil {
		return nil, err
	}
	return each(rows, func(r pseries.TrunkRow) sip.Row { return sipRow(r, shared) }), nil
}

// SIPTrunk reads one trunk whole. KindNotFound is certain: the PBX's list does not have it either.
func (p *PBXAPI) SIPTrunk(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID) (sip.Trunk, error) {
	const op = "upstream.SIPTrunk"
	var got pseries.Trunk
	h, err := p.ask(ctx, op, id, func(c *pseries.Client) (err error) {
		got, err = c.Trunk(ctx, int64(trunk))
		return err
	})
	if y, ok := errors.AsType[*yeastar.Error](err); ok && y.ByPBX && (y.Kind == yeastar.KindNotFound || y.Kind == yeastar.KindInvalid) {
		return sip.Trunk{}, p.missing(ctx, op, id, trunk, err)
	}
	if err != nil {
		return sip.Trunk{}, h.partError(op, err)
	}
	shared, err := p.sharedNames(ctx)
	if err != nil {
		return sip.Trunk{}, err
	}
	return p.sipTrunk(id, got, shared), nil
}

// missing tells a trunk that is gone from one that the API does not show, such as a web trunk: which code a
// PBX has for either is not documented (contract §10.15).
func (p *PBXAPI) missing(ctx context.Context, op string, id fleet.PBXID, trunk sip.TrunkID, cause error) error {
	rows, err := p.SIPTrunks(ctx, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(rows, func(r sip.Row) bool { return r.ID == trunk }) {
		return &fleet.Error{Kind: fleet.KindRefused, Op: op, Msg: "The PBX lists this trunk, but its API does not show its settings.", Err: cause}
	}
	return &fleet.Error{Kind: fleet.KindNotFound, Op: op, Msg: "The PBX has no such trunk any more.", Err: cause}
}

// SIPSettings reads some of a PBX's trunks whole; those that are gone meanwhile, or that the API does not show,
// are absent from the answer.
func (p *PBXAPI) SIPSettings(ctx context.Context, id fleet.PBXID, trunks []sip.TrunkID) ([]sip.Trunk, error) {
	const op = "upstream.SIPSettings"
	if len(trunks) == 0 {
		return []sip.Trunk{}, nil
	}
	shared, err := p.sharedNames(ctx)
	if err != nil {
		return nil, err
	}
	var got []pseries.Trunk
	h, err := p.ask(ctx, op, id, func(c *pseries.Client) (err error) {
		got, err = c.Trunks(ctx, each(trunks, func(t sip.TrunkID) int64 { return int64(t) }))
		if kind := yeastar.KindOf(err); kind == yeastar.KindNotFound || kind == yeastar.KindMalformed || kind == yeastar.KindInvalid {
			got, err = oneByOne(ctx, c, trunks)
		}
		return err
	})
	if err != nil {
		return nil, h.partError(op, err)
	}
	return each(got, func(t pseries.Trunk) sip.Trunk { return p.sipTrunk(id, t, shared) }), nil
}

// oneByOne reads trunks of which some may be gone.
func oneByOne(ctx context.Context, c *pseries.Client, trunks []sip.TrunkID) ([]pseries.Trunk, error) {
	got := []pseries.Trunk{}
	for _, id := range trunks {
		t, err := c.Trunk(ctx, int64(id))
		if y, ok := errors.AsType[*yeastar.Error](err); ok && y.ByPBX && (y.Kind == yeastar.KindNotFound || y.Kind == yeastar.KindInvalid) {
			continue
		}
		if err != nil {
			return nil, err
		}
		got = append(got, t)
	}
	return got, nil
}

// Extensions lists a PBX's extensions, completely or not at all.
func (p *PBXAPI) Extensions(ctx context.Context, id fleet.PBXID) ([]sip.Extension, error) {
	const op = "upstream.Extensions"
	var list []pseries.Extension
	h, err := p.ask(ctx, op, id, func(c *pseries.Client) (err error) {
		list, err = c.ListExtensions(ctx)
		return err
	})
	if err != nil {
		return nil, h.partError(op, err)
	}
	return each(list, func(e pseries.Extension) sip.Extension {
		return sip.Extension{ID: e.ID, Number: e.Number, Name: e.Name}
	}), nil
}

// Groups lists a PBX's extension groups, completely or not at all.
func (p *PBXAPI) Groups(ctx context.Context, id fleet.PBXID) ([]sip.Group, error) {
	const op = "upstream.Groups"
	var list []pseries.Group
	h, err := p.ask(ctx, op, id, func(c *pseries.Client) (err error) {
		list, err = c.ListGroups(ctx)
		return err
	})
	if err != nil {
		return nil, h.partError(op, err)
	}
	return each(list, func(g pseries.Group) sip.Group { return sip.Group{ID: g.ID, Name: g.Name, Size: deref(g.Extensions)} }), nil
}

// UpdateSIPTrunk sends a patch, once; password only when the patch says so. Errors tell the fate as those of
// Replace do.
func (p *PBXAPI) UpdateSIPTrunk(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, patch sip.Patch, password string) (fleet.Receipt, error) {
	const op = "upstream.UpdateSIPTrunk"
	change := sipChange(patch, password)
	if change == nil {
		return fleet.Receipt{}, &fleet.Error{Kind: fleet.KindInvalid, Op: op, Msg: "Cordboard refused to send this: there is nothing to change."}
	}
	var r pseries.Receipt
	h, err := p.ask(ctx, op, id, func(c *pseries.Client) (err error) {
		r, err = c.UpdateTrunk(ctx, int64(trunk), change)
		return err
	})
	if err != nil {
		return fleet.Receipt{}, h.writeError(op, err)
	}
	return fleet.Receipt{RequestID: r.RequestID, At: r.At}, nil
}

// sharedNames are the names of YCM's shared trunks: a PBX does not mark those that come from YCM, but shows them
// under the same name (contract §10.6).
func (p *PBXAPI) sharedNames(ctx context.Context) (map[string]bool, error) {
	trunks, err := p.d.Book.AllTrunks(ctx)
	if err != nil {
		return nil, err
	}
	return set(each(trunks, func(t fleet.Trunk) string { return t.Name })), nil
}
