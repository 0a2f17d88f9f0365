package ycm

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"cordboard/yeastar/internal/wire"
)

// DID is a DID number of the account (contract §5.1, DID_Info). ID is the
// vendor's, Number is what a caller dials.
type DID struct {
	ID      int64
	Number  string
	Name    string
	Creator string
	// TrunkIDs are the trunks that carry the number, in the vendor's order.
	TrunkIDs []int64
	// PBXID is the PBX that has the number, 0 when it is unassigned.
	PBXID int64
}

// UsableDID is a number that can be assigned on one trunk.
type UsableDID struct {
	ID     int64
	Number string
	Name   string // "" when unset
}

const didPath = "/dm/open_api/v1/did_management"

// errNoDIDID says that a number came without its id.
var errNoDIDID = errors.New("a DID without id")

// didWire is DID_Info, and an item of the usable numbers. cloudPbxId comes as a
// string; null, "", "0" and absent all mean unassigned (contract §8 row 14).
type didWire struct {
	ID       wire.ID               `json:"id"`
	Number   wire.Text             `json:"did"`
	Name     wire.Maybe[wire.Text] `json:"didName"`
	Creator  wire.Maybe[wire.Text] `json:"creator"`
	TrunkIDs []wire.ID             `json:"trunkIds"`
	PBXID    wire.ID               `json:"cloudPbxId"`
}

// did converts; an entry without an id is an error.
func (w didWire) did() (DID, error) {
	if w.ID == 0 {
		return DID{}, errNoDIDID
	}
	return DID{ID: int64(w.ID), Number: string(w.Number), Name: string(w.Name.V), Creator: string(w.Creator.V),
		TrunkIDs: wire.Int64s(w.TrunkIDs), PBXID: int64(w.PBXID)}, nil
}

// ListDIDs gives every DID number of the account, complete or not at all, sorted
// by id (vendor page: Query All the DID Numbers).
func (c *Client) ListDIDs(ctx context.Context) ([]DID, error) {
	return c.listDIDs(ctx, "list DIDs", nil)
}

// WalkDIDs is ListDIDs for an account with more numbers than one wants to hold: visit gets them page
// by page, in any order. Only when it ends without an error were they all, since begin was called
// last.
func (c *Client) WalkDIDs(ctx context.Context, begin func(total int), visit func([]DID) error) error {
	return didListing("list DIDs", nil).walk(ctx, c, begin, visit)
}

// CountDIDs gives how many DID numbers the account has, by one call.
func (c *Client) CountDIDs(ctx context.Context) (int, error) {
	p, err := didListing("count DIDs", nil).page(ctx, c, 1)
	return p.total, err
}

// SearchDIDs gives the numbers that the vendor finds for a keyword. What it
// searches is not documented: filter the result yourself (contract §8 row 25).
func (c *Client) SearchDIDs(ctx context.Context, keyword string) ([]DID, error) {
	if keyword == "" {
		return nil, invalid("search DIDs", "the keyword is empty")
	}
	return c.listDIDs(ctx, "search DIDs", url.Values{"search": {keyword}})
}

// listDIDs reads the paged list of numbers.
func (c *Client) listDIDs(ctx context.Context, op string, query url.Values) ([]DID, error) {
	return didListing(op, query).read(ctx, c)
}

func didListing(op string, query url.Values) listing[didWire, DID] {
	return listing[didWire, DID]{op: op, path: didPath, query: query, convert: didWire.did, id: func(d DID) int64 { return d.ID }}
}

// DID reads one number (vendor page: Query a Specific DID Number).
func (c *Client) DID(ctx context.Context, id int64) (DID, error) {
	op := fmt.Sprintf("read DID %d", id)
	if id <= 0 {
		return DID{}, invalid(op, "a DID id is a positive number")
	}
	a, err := c.get(ctx, op, fmt.Sprintf("%s/%d", didPath, id), nil)
	if err != nil {
		return DID{}, err
	}
	w, err := one[didWire](a.Data)
	if err == nil && int64(w.ID) != id {
		err = errWrongSubject
	}
	if err != nil {
		return DID{}, malformed(op, a, err)
	}
	return w.did()
}

// DIDsOfPBX gives the DID ids bound to a PBX as the vendor sends them: with
// repeats, presumably one per (trunk, DID) pair, and without their trunks (vendor
// page: Query the DID Numbers Assigned to a Cloud PBX). An answer without the
// list is an error, never "no numbers".
func (c *Client) DIDsOfPBX(ctx context.Context, pbxID int64) ([]int64, error) {
	op := fmt.Sprintf("read the DIDs of PBX %d", pbxID)
	if pbxID <= 0 {
		return nil, invalid(op, "a PBX id is a positive number")
	}
	a, err := c.get(ctx, op, fmt.Sprintf("%s/%d/did", didPath, pbxID), nil)
	if err != nil {
		return nil, err
	}
	ids, err := idList(a.Data, "didIds")
	if err != nil {
		return nil, malformed(op, a, err)
	}
	return ids, nil
}

// UsableDIDs gives the numbers of a trunk that can be assigned to a PBX; pbxID 0
// asks for no PBX in particular (vendor page: Query Available DID Numbers of
// Specific Trunk). Whether the PBX's own numbers are among them is not
// documented (contract §8 row 13).
func (c *Client) UsableDIDs(ctx context.Context, trunkID, pbxID int64) ([]UsableDID, error) {
	op := fmt.Sprintf("list the usable DIDs of trunk %d", trunkID)
	if trunkID <= 0 || pbxID < 0 {
		return nil, invalid(op, "trunk and PBX ids are positive numbers")
	}
	query := url.Values{"trunkId": {strconv.FormatInt(trunkID, 10)}}
	if pbxID > 0 {
		query.Set("cloudPbxId", strconv.FormatInt(pbxID, 10))
	}
	a, err := c.get(ctx, op, didPath+"/usable", query)
	if err != nil {
		return nil, err
	}
	items, err := many[didWire](a.Data)
	if err != nil {
		return nil, malformed(op, a, err)
	}
	usable := make([]UsableDID, 0, len(items))
	for _, w := range items {
		if w.ID == 0 {
			return nil, malformed(op, a, errNoDIDID)
		}
		usable = append(usable, UsableDID{ID: int64(w.ID), Number: string(w.Number), Name: string(w.Name.V)})
	}
	return usable, nil
}
