package upstream

import (
	"context"

	"cordboard/sync/fleet"
	"cordboard/yeastar/ycm"
)

// Replace sends the whole set of a PBX's bindings, once. An empty set is refused before sending.
func (c *Cloud) Replace(ctx context.Context, id fleet.PBXID, set fleet.BindingSet, headers *fleet.Headers) (fleet.Receipt, error) {
	const op = "upstream.Replace"
	client, err := c.client(op)
	if err != nil {
		return fleet.Receipt{}, err
	}
	update := ycm.DIDUpdate{Relations: relations(set)}
	if headers != nil {
		list := make([]ycm.HeaderBinding, 0, headers.Len())
		for _, h := range headers.List() {
			list = append(list, ycm.HeaderBinding{TrunkID: int64(h.Trunk), HeaderID: int64(h.Header), Value: h.Value})
		}
		update.Headers = &list
	}
	receipt, err := client.UpdateDIDBindings(ctx, int64(id), update)
	return fleet.Receipt{RequestID: receipt.RequestID, At: receipt.VendorTime}, writeError(op, err)
}

// Clear sends the empty list, once.
func (c *Cloud) Clear(ctx context.Context, id fleet.PBXID, withHeaders bool) (fleet.Receipt, error) {
	const op = "upstream.Clear"
	client, err := c.client(op)
	if err != nil {
		return fleet.Receipt{}, err
	}
	receipt, err := client.ClearDIDBindings(ctx, int64(id), withHeaders)
	return fleet.Receipt{RequestID: receipt.RequestID, At: receipt.VendorTime}, writeError(op, err)
}

func relations(set fleet.BindingSet) []ycm.TrunkDIDRelation {
	var out []ycm.TrunkDIDRelation
	for _, b := range set.Pairs() {
		if n := len(out); n == 0 || out[n-1].TrunkID != int64(b.Trunk) {
			out = append(out, ycm.TrunkDIDRelation{TrunkID: int64(b.Trunk)})
		}
		last := &out[len(out)-1]
		last.DIDIDs = append(last.DIDIDs, int64(b.DID))
	}
	return out
}
