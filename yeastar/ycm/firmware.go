package ycm

import (
	"context"
	"fmt"
	"net/url"

	"cordboard/yeastar/internal/wire"
)

// Firmware is a version that a new PBX can get.
type Firmware struct {
	ID        int64 // versionId
	Version   string
	RegionIDs []int64 // where it can be had; empty when the vendor does not say
}

type firmwareWire struct {
	ID      wire.ID               `json:"versionId"`
	Version wire.Text             `json:"version"`
	Regions wire.Maybe[[]wire.ID] `json:"regionIds"`
}

// Firmwares gives the firmwares for PBXs of a region (vendor page: Query Available Firmwares).
func (c *Client) Firmwares(ctx context.Context, regionID int64) ([]Firmware, error) {
	op := fmt.Sprintf("read the firmwares of region %d", regionID)
	if regionID <= 0 {
		return nil, invalid(op, "a region id is a positive number")
	}
	query := url.Values{"type": {"pbx"}, "regionIds": {fmt.Sprint(regionID)}}
	return lookUp(ctx, c, op, "/dm/open_api/v1/firmware", query, func(w firmwareWire) (Firmware, error) {
		return Firmware{ID: int64(w.ID), Version: string(w.Version), RegionIDs: wire.Int64s(w.Regions.V)}, withID(w.ID, "versionId")
	})
}
