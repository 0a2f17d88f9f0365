package yeastartest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (s *Server) bindingRoutes(mux *http.ServeMux) {
	mux.Handle("PUT /dm/open_api/v1/cloud_pbx/instances/{id}/did", s.api(s.updateDIDs))
}

// maxHeaderValue is the longest value of a custom SIP header, in characters.
const maxHeaderValue = 255

// update is a PUT did that was decoded (seed 000).
type update struct {
	pairs        []Binding
	trunks       map[int64]bool // named in trunkDidRelations
	headers      []HeaderBinding
	headersGiven bool
}

// updateDIDs replaces the bindings of a PBX, all or nothing.
func (s *Server) updateDIDs(c *call) (any, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	u, err := decodeUpdate(c.body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	p, err := s.m.pbx(id)
	if err != nil {
		s.mu.Unlock()
		return nil, refuse(CodeNotFound, "%v", err)
	}
	if err := s.check(p, &u); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	if olderThan(p.Firmware, FirmwareDIDUpdate) {
		s.mu.Unlock()
		return nil, nil // "takes effect only when": read as ignored, with Success
	}
	if delay := s.delay.apply; delay > 0 {
		s.mu.Unlock()
		s.later(delay, func() { s.applyLate(id, u) })
		return nil, nil
	}
	jobs := s.apply(p, u)
	s.mu.Unlock()
	s.mail.beforeAnswer(jobs)
	return nil, nil
}

// apply makes a checked update true and reports it.
func (s *Server) apply(p *pbxRec, u update) []*job {
	pairs := u.pairs
	if s.a.MergeBindings && len(u.trunks) > 0 {
		pairs = unique(append(slices.Clone(p.pairs), pairs...))
	}
	changed := !sameSet(p.pairs, pairs)
	s.m.setPairs(p, pairs)
	if u.headersGiven || !s.a.KeepOmittedHeaders {
		s.m.setHeaders(p, u.headers)
	}
	if !changed && !s.a.EventAlways {
		return nil
	}
	return s.report(EventDIDChange, []*pbxRec{p})
}

// applyLate applies an update whose answer was given before, as far as the world
// still allows it.
func (s *Server) applyLate(id int64, u update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.m.pbxs[id]
	if p == nil {
		return
	}
	u.pairs = slices.DeleteFunc(u.pairs, func(b Binding) bool { return s.pairError(p, b) != nil })
	u.headers = slices.DeleteFunc(u.headers, func(h HeaderBinding) bool { return s.headerError(p, h) != nil })
	s.apply(p, u)
}

// check refuses what the PBX cannot have; with SkipInvalid it drops it instead.
// Headers that do not count are dropped: those of a trunk outside
// trunkDidRelations, and all on old firmware.
func (s *Server) check(p *pbxRec, u *update) error {
	if s.a.MaxDIDs > 0 && len(u.pairs) > s.a.MaxDIDs {
		return refuse(CodeInvalidParameter, "more than %d DIDs", s.a.MaxDIDs)
	}
	old := olderThan(p.Firmware, FirmwareDIDUpdate) || (len(u.headers) > 0 && olderThan(p.Firmware, FirmwareSIPHeaders))
	if old && s.a.RefuseOldFirmware {
		return refuse(CodeInvalidParameter, "firmware %s is too old", p.Firmware)
	}
	for id := range u.trunks {
		if s.m.trunks[id] == nil && !s.a.SkipInvalid {
			return refuse(CodeNotFound, "no trunk %d", id)
		}
	}
	noHeaders := olderThan(p.Firmware, FirmwareSIPHeaders)
	u.headers = slices.DeleteFunc(u.headers, func(h HeaderBinding) bool { return noHeaders || !u.trunks[h.Trunk] })
	var err error
	if u.pairs, err = sift(u.pairs, s.a.SkipInvalid, func(b Binding) error { return s.pairError(p, b) }); err != nil {
		return err
	}
	u.headers, err = sift(u.headers, s.a.SkipInvalid, func(h HeaderBinding) error { return s.headerError(p, h) })
	return err
}

// sift returns the items without error; the first error ends it unless skip.
func sift[T any](items []T, skip bool, check func(T) error) ([]T, error) {
	out := make([]T, 0, len(items))
	for _, item := range items {
		err := check(item)
		if err != nil && !skip {
			return nil, err
		}
		if err == nil {
			out = append(out, item)
		}
	}
	return out, nil
}

// pairError says why a PBX cannot have a pair (assumption row 9).
func (s *Server) pairError(p *pbxRec, b Binding) error {
	t, d := s.m.trunks[b.Trunk], s.m.dids[b.DID]
	switch {
	case t == nil:
		return refuse(CodeNotFound, "no trunk %d", b.Trunk)
	case d == nil:
		return refuse(CodeNotFound, "no DID %d", b.DID)
	case !slices.Contains(d.Trunks, b.Trunk):
		return refuse(CodeInvalidParameter, "DID %d is not on trunk %d", b.DID, b.Trunk)
	case d.pbx != 0 && d.pbx != p.ID:
		return refuse(CodeInvalidParameter, "DID %d belongs to PBX %d", b.DID, d.pbx)
	case d.withdrawn:
		return refuse(CodeInvalidParameter, "DID %d is not available", b.DID)
	case s.m.regionID(t.Region) != s.m.regionID(p.Region):
		return refuse(CodeInvalidParameter, "trunk %d is in another region", b.Trunk)
	}
	return nil
}

// headerError says why a PBX cannot have a header value (assumption row 10).
func (s *Server) headerError(p *pbxRec, h HeaderBinding) error {
	t := s.m.trunks[h.Trunk]
	if t == nil || !slices.ContainsFunc(t.Headers, func(d HeaderDef) bool { return d.ID == h.Header }) {
		return refuse(CodeNotFound, "no header %d on trunk %d", h.Header, h.Trunk)
	}
	if utf8.RuneCountInString(h.Value) > maxHeaderValue && !s.a.AllowLongHeaders {
		return refuse(CodeInvalidParameter, "header value over %d characters", maxHeaderValue)
	}
	user := s.m.headerUse[h]
	if user != 0 && user != p.ID && !s.a.AllowHeaderDuplicates {
		return refuse(CodeAlreadyExists, "header value in use by PBX %d", user)
	}
	return nil
}

// decodeUpdate reads the body of PUT did. An absent or null trunkDidRelations is
// refused: only an empty list clears. A relation with an empty didIds adds no
// pair. Keys are case-sensitive and ids are integers, as documented.
func decodeUpdate(body []byte) (update, error) {
	u := update{pairs: []Binding{}, trunks: map[int64]bool{}}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil {
		return u, refuse(CodeInvalidParameter, "body: %v", err)
	}
	relations, ok := objects(top["trunkDidRelations"])
	if !ok {
		return u, refuse(CodeInvalidParameter, "trunkDidRelations is missing, null or not a list of objects")
	}
	for _, r := range relations {
		trunk, okTrunk := integer(r["trunkId"])
		dids, okDIDs := integers(r["didIds"])
		if !okTrunk || !okDIDs {
			return u, refuse(CodeInvalidParameter, "a relation needs trunkId and didIds")
		}
		u.trunks[trunk] = true
		for _, did := range dids {
			u.pairs = append(u.pairs, Binding{Trunk: trunk, DID: did})
		}
	}
	u.pairs = unique(u.pairs)
	return u, decodeHeaders(top["customSipHeadersBindings"], &u)
}

// decodeHeaders reads customSipHeadersBindings; null counts as omitted.
func decodeHeaders(raw json.RawMessage, u *update) error {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	entries, ok := objects(raw)
	if !ok {
		return refuse(CodeInvalidParameter, "customSipHeadersBindings is not a list of objects")
	}
	u.headersGiven = true
	seen := map[[2]int64]bool{}
	for _, e := range entries {
		var value *string
		trunk, okTrunk := integer(e["trunkId"])
		header, okHeader := integer(e["headerId"])
		if !okTrunk || !okHeader || e["value"] == nil || json.Unmarshal(e["value"], &value) != nil || value == nil {
			return refuse(CodeInvalidParameter, "a header binding needs trunkId, headerId and value")
		}
		if seen[[2]int64{trunk, header}] {
			return refuse(CodeInvalidParameter, "header %d of trunk %d is given twice", header, trunk)
		}
		seen[[2]int64{trunk, header}] = true
		u.headers = append(u.headers, HeaderBinding{Trunk: trunk, Header: header, Value: *value})
	}
	return nil
}

// objects decodes a JSON array of objects; null and absent are refused.
func objects(raw json.RawMessage) ([]map[string]json.RawMessage, bool) {
	var list []map[string]json.RawMessage
	if raw == nil || json.Unmarshal(raw, &list) != nil || list == nil {
		return nil, false
	}
	return list, !slices.ContainsFunc(list, func(o map[string]json.RawMessage) bool { return o == nil })
}

// olderThan compares firmware versions number by number.
func olderThan(version, minimum string) bool {
	have, want := strings.Split(version, "."), strings.Split(minimum, ".")
	for i, w := range want {
		if i >= len(have) {
			return true
		}
		h, errHave := strconv.Atoi(have[i])
		n, errWant := strconv.Atoi(w)
		if errHave != nil || errWant != nil || h < n {
			return true
		}
		if h > n {
			return false
		}
	}
	return false
}
