package ycm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"cordboard/yeastar/internal/transport"
	"cordboard/yeastar/internal/wire"
)

// TrunkRef is a shared trunk that the account may use (contract §5.1).
type TrunkRef struct {
	ID   int64
	Name string
	Type string // register, did_based, port_based
}

// SharedTrunk is a shared trunk in detail. Its SIP password is never decoded.
type SharedTrunk struct {
	ID         int64
	Name       string // with the suffix that the vendor appends
	Type       string
	RegionID   int64
	RegionName string
	Creator    string
	Enabled    bool
	Country    string
	ITSP       string
	Hostname   string
	Port       int64
	Transport  string
	Remark     string
	// HeaderDefs are the custom SIP headers that the trunk defines.
	HeaderDefs []HeaderDef
	// HeaderDefsKnown says that the answer told the definitions; an empty
	// HeaderDefs then means that there are none. When false, the trunk may have
	// headers that we cannot see.
	HeaderDefsKnown bool
}

// TrunkStatus is how a shared trunk stands with its provider (contract §5.1).
type TrunkStatus struct {
	ID int64
	// State is E_REGISTER_SUCCESS_STATE, E_REGISTER_ING_STATE or
	// E_REGISTER_FAILED_STATE.
	State string
	// Reason is "", REASON_AUTH, REASON_TIMEOUT or REASON_ERROR.
	Reason string
}

const trunkPath = "/dm/open_api/v1/shared_trunk"

// errNoTrunkID says that a trunk came without its id.
var errNoTrunkID = errors.New("a trunk without id")

// trunkRefWire is an item of the list of available trunks.
type trunkRefWire struct {
	ID   wire.ID   `json:"id"`
	Name wire.Text `json:"name"`
	Type wire.Text `json:"type"`
}

// trunkWire is a shared trunk. There is no field for the password on purpose.
type trunkWire struct {
	trunkRefWire
	RegionID   wire.Maybe[wire.ID]      `json:"regionId"`
	RegionName wire.Maybe[wire.Text]    `json:"regionName"`
	Creator    wire.Maybe[wire.Text]    `json:"creator"`
	Enabled    wire.Maybe[wire.Enabled] `json:"enable"`
	Country    wire.Maybe[wire.Text]    `json:"country"`
	ITSP       wire.Maybe[wire.Text]    `json:"itsp"`
	Hostname   wire.Maybe[wire.Text]    `json:"hostname"`
	Port       wire.Maybe[wire.Count]   `json:"port"`
	Transport  wire.Maybe[wire.Text]    `json:"transport"`
	Remark     wire.Maybe[wire.Text]    `json:"remark"`
}

// AvailableTrunks gives the trunks that the account may use, own and granted
// (vendor page: Query Available Shared Trunks).
func (c *Client) AvailableTrunks(ctx context.Context) ([]TrunkRef, error) {
	op := "list the available trunks"
	a, err := c.get(ctx, op, trunkPath+"/name/acl", nil)
	if err != nil {
		return nil, err
	}
	items, err := many[trunkRefWire](a.Data)
	if err != nil {
		return nil, malformed(op, a, err)
	}
	refs := make([]TrunkRef, 0, len(items))
	for _, w := range items {
		if w.ID == 0 {
			return nil, malformed(op, a, errNoTrunkID)
		}
		refs = append(refs, TrunkRef{ID: int64(w.ID), Name: string(w.Name), Type: string(w.Type)})
	}
	return refs, nil
}

// SharedTrunks gives the trunks that the account created, in detail (vendor page:
// Query All the Shared Trunks).
func (c *Client) SharedTrunks(ctx context.Context) ([]SharedTrunk, error) {
	op := "list the shared trunks"
	a, err := c.get(ctx, op, trunkPath, nil)
	if err != nil {
		return nil, err
	}
	items, err := many[json.RawMessage](a.Data)
	if err != nil {
		return nil, malformed(op, a, err)
	}
	trunks := make([]SharedTrunk, 0, len(items))
	for _, raw := range items {
		t, err := decodeTrunk(raw)
		if err != nil {
			return nil, malformed(op, a, err)
		}
		trunks = append(trunks, t)
	}
	return trunks, nil
}

// SharedTrunk reads one trunk with its custom SIP header definitions (vendor
// page: Query a Specific Shared Trunk).
func (c *Client) SharedTrunk(ctx context.Context, id int64) (SharedTrunk, error) {
	op := fmt.Sprintf("read shared trunk %d", id)
	if id <= 0 {
		return SharedTrunk{}, invalid(op, "a trunk id is a positive number")
	}
	a, err := c.get(ctx, op, fmt.Sprintf("%s/%d", trunkPath, id), nil)
	if err != nil {
		return SharedTrunk{}, err
	}
	t, err := decodeTrunk(dataOrBody(a))
	if err == nil && t.ID != id {
		err = errWrongSubject
	}
	if err != nil {
		return SharedTrunk{}, malformed(op, a, err)
	}
	return t, nil
}

// dataOrBody gives the data of an answer, or the whole answer when it has no data
// level, as the vendor's table for a single trunk shows it (contract §5.1).
func dataOrBody(a transport.Answer) json.RawMessage {
	if a.Data != nil {
		return a.Data
	}
	return a.Body
}

// decodeTrunk reads one trunk from an object, or a list of one.
func decodeTrunk(raw json.RawMessage) (SharedTrunk, error) {
	object, err := one[json.RawMessage](raw)
	if err != nil {
		return SharedTrunk{}, err
	}
	var w trunkWire
	if err := json.Unmarshal(object, &w); err != nil {
		return SharedTrunk{}, fmt.Errorf("decode a trunk: %w", err)
	}
	if w.ID == 0 {
		return SharedTrunk{}, errNoTrunkID
	}
	defs, known := headerDefs(object)
	return SharedTrunk{
		ID: int64(w.ID), Name: string(w.Name), Type: string(w.Type), RegionID: int64(w.RegionID.V),
		RegionName: string(w.RegionName.V), Creator: string(w.Creator.V), Enabled: bool(w.Enabled.V),
		Country: string(w.Country.V), ITSP: string(w.ITSP.V), Hostname: string(w.Hostname.V), Port: int64(w.Port.V),
		Transport: string(w.Transport.V), Remark: string(w.Remark.V), HeaderDefs: defs, HeaderDefsKnown: known,
	}, nil
}

// SharedTrunkStatus reads the registration state of a trunk (vendor page: Query
// the Status of a Shared Trunk).
func (c *Client) SharedTrunkStatus(ctx context.Context, id int64) (TrunkStatus, error) {
	op := fmt.Sprintf("read the status of shared trunk %d", id)
	if id <= 0 {
		return TrunkStatus{}, invalid(op, "a trunk id is a positive number")
	}
	a, err := c.get(ctx, op, fmt.Sprintf("%s/%d/status", trunkPath, id), nil)
	if err != nil {
		return TrunkStatus{}, err
	}
	w, err := one[struct {
		ID     wire.ID   `json:"id"`
		State  wire.Text `json:"status"`
		Reason wire.Text `json:"statusFailedReason"`
	}](a.Data)
	if err == nil && (w.State == "" || w.ID != 0 && int64(w.ID) != id) {
		err = errWrongSubject
	}
	if err != nil {
		return TrunkStatus{}, malformed(op, a, err)
	}
	return TrunkStatus{ID: id, State: string(w.State), Reason: string(w.Reason)}, nil
}

// TrunksUsedBy gives the ids of the shared trunks that a PBX uses (vendor page:
// Query the Shared Trunks Assigned to a Cloud PBX).
func (c *Client) TrunksUsedBy(ctx context.Context, pbxID int64) ([]int64, error) {
	op := fmt.Sprintf("read the trunks of PBX %d", pbxID)
	if pbxID <= 0 {
		return nil, invalid(op, "a PBX id is a positive number")
	}
	a, err := c.get(ctx, op, trunkPath+"/pbx/used", url.Values{"cloudPbxId": {strconv.FormatInt(pbxID, 10)}})
	if err != nil {
		return nil, err
	}
	ids, err := idList(a.Data, "sharedTrunkIds")
	if err != nil {
		return nil, malformed(op, a, err)
	}
	return ids, nil
}
