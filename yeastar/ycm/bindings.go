package ycm

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"unicode/utf8"
)

// maxHeaderValue is the vendor's limit for a custom SIP header value, in
// characters (contract §3.5).
const maxHeaderValue = 255

// TrunkDIDRelation is one trunk with the numbers that a PBX gets through it. The
// order of the JSON keys is that of the vendor's example (seed 000).
type TrunkDIDRelation struct {
	DIDIDs  []int64 `json:"didIds"`
	TrunkID int64   `json:"trunkId"`
}

// HeaderBinding is the value of one custom SIP header of a trunk for a PBX.
type HeaderBinding struct {
	TrunkID  int64  `json:"trunkId"`
	HeaderID int64  `json:"headerId"`
	Value    string `json:"value"`
}

// DIDUpdate is the complete set of bindings that a PBX shall have: the vendor
// overwrites what it had. The zero value is refused, so that it can never clear
// a PBX; clearing is ClearDIDBindings.
type DIDUpdate struct {
	Relations []TrunkDIDRelation
	// Headers is the complete list of custom SIP header values. nil leaves the key
	// out of the request, and whether the vendor then keeps or drops the values is
	// not documented (contract §8 row 8). A list, even an empty one, is sent and
	// overwrites them; send it to firmware 84.22.0.134 or later only.
	Headers *[]HeaderBinding
}

// bindingsBody is the body of PUT …/did. Its fields are values that were made
// for it: a nil list would be sent as null.
type bindingsBody struct {
	Relations []TrunkDIDRelation `json:"trunkDidRelations"`
	Headers   *[]HeaderBinding   `json:"customSipHeadersBindings,omitempty"`
}

// UpdateDIDBindings replaces all DID bindings of a PBX by u (vendor page: Update
// the DID Bindings of a Cloud PBX, seed 000; firmware 84.19.0.22 or later). It
// is sent once. On error, yeastar.SentOf tells whether it may have been applied.
// An update without relations, with a relation without numbers, or with a header
// of a trunk that is not among the relations is refused before anything is sent.
func (c *Client) UpdateDIDBindings(ctx context.Context, pbxID int64, u DIDUpdate) (Receipt, error) {
	op := fmt.Sprintf("update the DID bindings of PBX %d", pbxID)
	relations, problem := canonicalRelations(u.Relations)
	if problem != "" {
		return Receipt{}, invalid(op, problem)
	}
	body := bindingsBody{Relations: relations}
	if u.Headers != nil {
		headers, problem := canonicalHeaders(*u.Headers, relations)
		if problem != "" {
			return Receipt{}, invalid(op, problem)
		}
		body.Headers = &headers
	}
	return c.putBindings(ctx, op, pbxID, body)
}

// ClearDIDBindings removes every DID binding of a PBX (seed 000, request example
// 2). headersSupported says that the PBX's firmware is 84.22.0.134 or later: then
// the empty header list is sent too, below that it must not be.
func (c *Client) ClearDIDBindings(ctx context.Context, pbxID int64, headersSupported bool) (Receipt, error) {
	body := bindingsBody{Relations: []TrunkDIDRelation{}}
	if headersSupported {
		body.Headers = &[]HeaderBinding{}
	}
	return c.putBindings(ctx, fmt.Sprintf("clear the DID bindings of PBX %d", pbxID), pbxID, body)
}

// putBindings sends the one request of both.
func (c *Client) putBindings(ctx context.Context, op string, pbxID int64, body bindingsBody) (Receipt, error) {
	if pbxID <= 0 {
		return Receipt{}, invalid(op, "a PBX id is a positive number")
	}
	_, r, err := c.write(ctx, op, http.MethodPut, fmt.Sprintf("%s/%d/did", pbxPath, pbxID), body)
	return r, err
}

// canonicalRelations gives the relations by trunk, then DID, each once. The
// second value says what is wrong with them, "" when nothing is.
func canonicalRelations(given []TrunkDIDRelation) ([]TrunkDIDRelation, string) {
	if len(given) == 0 {
		return nil, "an update without relations would clear the PBX; clearing is an act of its own"
	}
	byTrunk := map[int64][]int64{}
	for _, r := range given {
		if r.TrunkID <= 0 {
			return nil, "a trunk id is a positive number"
		}
		if len(r.DIDIDs) == 0 {
			return nil, fmt.Sprintf("trunk %d has no DIDs", r.TrunkID)
		}
		for _, did := range r.DIDIDs {
			if did <= 0 {
				return nil, "a DID id is a positive number"
			}
		}
		byTrunk[r.TrunkID] = append(byTrunk[r.TrunkID], r.DIDIDs...)
	}
	relations := make([]TrunkDIDRelation, 0, len(byTrunk))
	for _, trunk := range slices.Sorted(maps.Keys(byTrunk)) {
		dids := byTrunk[trunk]
		slices.Sort(dids)
		relations = append(relations, TrunkDIDRelation{TrunkID: trunk, DIDIDs: slices.Compact(dids)})
	}
	return relations, ""
}

// canonicalHeaders gives the header values by trunk, then header, never nil. A
// header of a trunk outside the relations would be ignored by the vendor.
func canonicalHeaders(given []HeaderBinding, relations []TrunkDIDRelation) ([]HeaderBinding, string) {
	headers := make([]HeaderBinding, 0, len(given))
	headers = append(headers, given...)
	slices.SortFunc(headers, func(a, b HeaderBinding) int {
		return cmp.Or(cmp.Compare(a.TrunkID, b.TrunkID), cmp.Compare(a.HeaderID, b.HeaderID))
	})
	for i, h := range headers {
		bound := slices.ContainsFunc(relations, func(r TrunkDIDRelation) bool { return r.TrunkID == h.TrunkID })
		switch {
		case h.HeaderID <= 0:
			return nil, "a header id is a positive number"
		case !bound:
			return nil, fmt.Sprintf("a header of trunk %d, which is not among the relations", h.TrunkID)
		case utf8.RuneCountInString(h.Value) > maxHeaderValue:
			return nil, fmt.Sprintf("the value of header %d is longer than %d characters", h.HeaderID, maxHeaderValue)
		case i > 0 && headers[i-1].TrunkID == h.TrunkID && headers[i-1].HeaderID == h.HeaderID:
			return nil, fmt.Sprintf("header %d of trunk %d stands twice", h.HeaderID, h.TrunkID)
		}
	}
	return headers, ""
}
