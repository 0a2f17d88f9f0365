package upstream

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"cordboard/sync/fleet"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
)

// Cloud is YCM in our words. Without a client the installation was not connected yet: every call then
// fails as unavailable, with what to do. Safe for concurrent use, [Cloud.Use] included.
type Cloud struct {
	ycm  atomic.Pointer[ycm.Client]
	dids atomic.Int64 // how many DIDs the last listing had: 0 = none was made
}

// New wraps a client; nil is allowed.
func New(client *ycm.Client) *Cloud {
	c := &Cloud{}
	c.ycm.Store(client)
	return c
}

// Use takes another client from now on. Calls that are under way end with the one that they began with.
func (c *Cloud) Use(client *ycm.Client) {
	c.ycm.Store(client)
	c.dids.Store(0)
}

// VendorNow is the vendor's clock, as far as its answers told it.
func (c *Cloud) VendorNow() time.Time { return time.Now().UTC().Add(c.ClockOffset()) }

// ClockOffset is the vendor's clock minus ours by its latest answer; 0 below two seconds.
func (c *Cloud) ClockOffset() time.Duration {
	if client := c.ycm.Load(); client != nil {
		return client.ClockOffset()
	}
	return 0
}

func (c *Cloud) client(op string) (*ycm.Client, error) {
	client := c.ycm.Load()
	if client == nil {
		return nil, &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: notConnected}
	}
	return client, nil
}

const notConnected = "Cordboard is not connected to YCM yet. Set the client id and secret."

// Background marks work that gives way to everybody: a pass over the fleet.
func Background(ctx context.Context) context.Context { return ycm.Background(ctx) }

// Asked marks work that a report or an opened page asked for: it gives way to people, not to a pass.
func Asked(ctx context.Context) context.Context { return ycm.Asked(ctx) }

// Observe reads a PBX, the DIDs it has (with repeats) and the trunks it uses.
func (c *Cloud) Observe(ctx context.Context, id fleet.PBXID) (fleet.Observation, error) {
	const op = "upstream.Observe"
	client, err := c.client(op)
	if err != nil {
		return fleet.Observation{}, err
	}
	at := c.VendorNow() // before the reads: what happens meanwhile is newer
	p, err := client.PBX(ctx, int64(id))
	if err != nil {
		return fleet.Observation{}, readError(op, err)
	}
	seen, err := lists(ctx, client, pbx(p), at)
	return seen, partError(op, err)
}

// Lists is Observe for a PBX that a listing has just shown: all but its id is left out of the PBX,
// and KindNotFound says only that YCM has no such lists.
func (c *Cloud) Lists(ctx context.Context, id fleet.PBXID) (fleet.Observation, error) {
	const op = "upstream.Lists"
	client, err := c.client(op)
	if err != nil {
		return fleet.Observation{}, err
	}
	seen, err := lists(ctx, client, fleet.PBX{ID: id}, c.VendorNow())
	return seen, readError(op, err)
}

// lists reads what a PBX has and uses.
func lists(ctx context.Context, client *ycm.Client, p fleet.PBX, at time.Time) (fleet.Observation, error) {
	dids, err := client.DIDsOfPBX(ctx, int64(p.ID))
	if err != nil {
		return fleet.Observation{}, err
	}
	trunks, err := client.TrunksUsedBy(ctx, int64(p.ID))
	if err != nil {
		return fleet.Observation{}, err
	}
	return fleet.NewObservation(p, at, ids[fleet.DIDID](dids), ids[fleet.TrunkID](trunks)), nil
}

// listInstead is the number of single look-ups above which a whole listing is cheaper, when its
// length is not known.
const listInstead = 50

// listing is how many calls a whole listing of the numbers takes, as far as anybody knows.
func (c *Cloud) listing() int {
	if n := int(c.dids.Load()); n > 0 {
		return (n + 49) / 50 // the vendor's pages hold 50
	}
	return listInstead
}

// DIDs looks numbers up, one by one or by the whole listing, whichever takes fewer calls. What
// YCM does not know is absent from the answer.
func (c *Cloud) DIDs(ctx context.Context, want []fleet.DIDID) ([]fleet.DID, error) {
	const op = "upstream.DIDs"
	client, err := c.client(op)
	if err != nil || len(want) == 0 {
		return nil, err
	}
	if len(want) > c.listing() {
		wanted := set(want)
		return c.filterDIDs(ctx, func(d fleet.DID) bool { return wanted[d.ID] })
	}
	var found []fleet.DID
	for _, id := range want {
		d, err := client.DID(ctx, int64(id))
		if yeastar.KindOf(err) == yeastar.KindNotFound {
			continue
		}
		if err != nil {
			return nil, partError(op, err)
		}
		found = append(found, did(d))
	}
	return found, nil
}

// Numbered finds the DIDs with exactly these numbers. What the vendor's search matches is not
// documented (contract §8 row 25), so its answers are filtered here.
func (c *Cloud) Numbered(ctx context.Context, numbers []string) ([]fleet.DID, error) {
	const op = "upstream.Numbered"
	client, err := c.client(op)
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	if len(numbers) > c.listing() {
		wanted := set(numbers)
		return c.filterDIDs(ctx, func(d fleet.DID) bool { return wanted[d.Number] })
	}
	var found []fleet.DID
	for _, number := range numbers {
		list, err := client.SearchDIDs(ctx, number)
		if err != nil {
			return nil, partError(op, err)
		}
		for _, d := range list {
			if d.Number == number {
				found = append(found, did(d))
			}
		}
	}
	return found, nil
}

func set[T comparable](list []T) map[T]bool {
	in := make(map[T]bool, len(list))
	for _, v := range list {
		in[v] = true
	}
	return in
}

// filterDIDs lists every number and keeps some.
func (c *Cloud) filterDIDs(ctx context.Context, keep func(fleet.DID) bool) ([]fleet.DID, error) {
	all, err := c.ListDIDs(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d fleet.DID) bool { return !keep(d) }), nil
}

// Trunks looks shared trunks up. A trunk that the account may use but not read in detail comes
// with unknown header definitions; one that it may not use is absent.
func (c *Cloud) Trunks(ctx context.Context, want []fleet.TrunkID) ([]fleet.Trunk, error) {
	const op = "upstream.Trunks"
	client, err := c.client(op)
	if err != nil || len(want) == 0 {
		return nil, err
	}
	refs, err := client.AvailableTrunks(ctx)
	if err != nil {
		return nil, partError(op, err)
	}
	var found []fleet.Trunk
	for _, ref := range refs {
		if !slices.Contains(want, fleet.TrunkID(ref.ID)) {
			continue
		}
		t, err := client.SharedTrunk(ctx, ref.ID)
		switch kind := yeastar.KindOf(err); {
		case err == nil:
			found = append(found, trunk(t))
		case kind == yeastar.KindNotFound || kind == yeastar.KindDenied:
			found = append(found, fleet.Trunk{ID: fleet.TrunkID(ref.ID), Name: ref.Name, Kind: ref.Type})
		default:
			return nil, partError(op, err)
		}
	}
	return found, nil
}

// Usable lists the numbers of a trunk that YCM would bind to the PBX now.
func (c *Cloud) Usable(ctx context.Context, id fleet.PBXID, on fleet.TrunkID) ([]fleet.DID, error) {
	const op = "upstream.Usable"
	client, err := c.client(op)
	if err != nil {
		return nil, err
	}
	list, err := client.UsableDIDs(ctx, int64(on), int64(id))
	if err != nil {
		return nil, readError(op, err)
	}
	out := make([]fleet.DID, len(list))
	for i, d := range list {
		out[i] = fleet.DID{ID: fleet.DIDID(d.ID), Number: d.Number, Name: d.Name, Trunks: []fleet.TrunkID{on}}
	}
	return out, nil
}

// Withdrawn tells which of some pairs, that a PBX had and lacks now, YCM would not bind to it any
// more: because it does not know the trunk, or because it does not offer the number on that trunk to
// this account.
func (c *Cloud) Withdrawn(ctx context.Context, id fleet.PBXID, pairs []fleet.Binding) (gone []fleet.TrunkID, barred []fleet.Binding, err error) {
	const op = "upstream.Withdrawn"
	client, err := c.client(op)
	if err != nil || len(pairs) == 0 {
		return nil, nil, err
	}
	refs, err := client.AvailableTrunks(ctx)
	if err != nil {
		return nil, nil, partError(op, err)
	}
	lost := fleet.NewBindingSet(pairs...).Certain()
	for _, trunk := range lost.Trunks() {
		on := slices.DeleteFunc(lost.Pairs(), func(b fleet.Binding) bool { return b.Trunk != trunk })
		if !slices.ContainsFunc(refs, func(r ycm.TrunkRef) bool { return r.ID == int64(trunk) }) {
			_, err := client.SharedTrunk(ctx, int64(trunk))
			switch kind := yeastar.KindOf(err); {
			case kind == yeastar.KindNotFound:
				gone = append(gone, trunk)
			case err == nil || kind == yeastar.KindDenied:
				barred = append(barred, on...)
			default:
				return nil, nil, partError(op, err)
			}
			continue
		}
		usable, err := client.UsableDIDs(ctx, int64(trunk), int64(id))
		if err != nil {
			return nil, nil, partError(op, err)
		}
		for _, b := range on {
			if !slices.ContainsFunc(usable, func(d ycm.UsableDID) bool { return d.ID == int64(b.DID) }) {
				barred = append(barred, b)
			}
		}
	}
	return gone, barred, nil
}

// ListPBXs lists every PBX, or fails.
func (c *Cloud) ListPBXs(ctx context.Context) ([]fleet.PBX, error) {
	client, err := c.client("upstream.ListPBXs")
	if err != nil {
		return nil, err
	}
	list, err := client.ListPBXs(ctx)
	return each(list, pbx), partError("upstream.ListPBXs", err)
}

// ListTrunks lists every shared trunk that the account may use, or fails. Details are known for
// the account's own.
func (c *Cloud) ListTrunks(ctx context.Context) ([]fleet.Trunk, error) {
	const op = "upstream.ListTrunks"
	client, err := c.client(op)
	if err != nil {
		return nil, err
	}
	refs, err := client.AvailableTrunks(ctx)
	if err != nil {
		return nil, partError(op, err)
	}
	own, err := client.SharedTrunks(ctx)
	if err != nil {
		return nil, partError(op, err)
	}
	out := each(own, trunk)
	for _, ref := range refs {
		if !slices.ContainsFunc(own, func(t ycm.SharedTrunk) bool { return t.ID == ref.ID }) {
			out = append(out, fleet.Trunk{ID: fleet.TrunkID(ref.ID), Name: ref.Name, Kind: ref.Type})
		}
	}
	return out, nil
}

// ListDIDs lists every number of the account, or fails.
func (c *Cloud) ListDIDs(ctx context.Context) ([]fleet.DID, error) {
	client, err := c.client("upstream.ListDIDs")
	if err != nil {
		return nil, err
	}
	list, err := client.ListDIDs(ctx)
	if err != nil {
		return nil, partError("upstream.ListDIDs", err)
	}
	c.dids.Store(int64(len(list)))
	return each(list, did), nil
}

// WalkDIDs hands every number of the account to visit, page by page. Only when it ends without an
// error were they all, since begin was called last: a list that moves is read again.
func (c *Cloud) WalkDIDs(ctx context.Context, begin func(), visit func([]fleet.DID) error) error {
	const op = "upstream.WalkDIDs"
	client, err := c.client(op)
	if err != nil {
		return err
	}
	n := 0
	err = client.WalkDIDs(ctx, func(total int) { n = total; begin() }, func(page []ycm.DID) error { return visit(each(page, did)) })
	if err != nil {
		return walkError(op, err)
	}
	c.dids.Store(int64(n))
	return nil
}

// walkError is partError for what may be the visitor's own error, which stays as it is.
func walkError(op string, err error) error {
	if _, ok := errors.AsType[*yeastar.Error](err); ok {
		return partError(op, err)
	}
	return err
}

// CountDIDs is how many numbers the account has, by one call.
func (c *Cloud) CountDIDs(ctx context.Context) (int, error) {
	const op = "upstream.CountDIDs"
	client, err := c.client(op)
	if err != nil {
		return 0, err
	}
	n, err := client.CountDIDs(ctx)
	return n, partError(op, err)
}
