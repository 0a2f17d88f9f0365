package yeastartest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Option changes how an act behind the caller's back is told.
type Option int

// Quiet loses the report of an act: nobody is told.
const Quiet Option = 1

func quiet(opts []Option) bool { return slices.Contains(opts, Quiet) }

// AddPBX adds a PBX and returns its id, 0 when it cannot be added (see Err).
func (s *Server) AddPBX(p PBX) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := s.m.addPBX(p, s.cfg.Now())
	s.keepErr("AddPBX", err)
	return id
}

// AddTrunk adds a shared trunk and returns its id, 0 when it cannot be added.
func (s *Server) AddTrunk(t Trunk) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := s.m.addTrunk(t)
	s.keepErr("AddTrunk", err)
	return id
}

// AddDID adds a number and returns its id, 0 when it cannot be added.
func (s *Server) AddDID(d DID) int64 {
	return s.AddDIDs([]DID{d})[0]
}

// AddDIDs adds numbers and returns their ids, fast for a million.
func (s *Server) AddDIDs(dids []DID) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	recs := make([]didRec, len(dids))
	ids := make([]int64, len(dids))
	var trunks []int64 // neighbours mostly sit on the same trunks: one copy serves them
	for i, d := range dids {
		if !slices.Equal(trunks, d.Trunks) {
			trunks = slices.Clone(d.Trunks)
		}
		d.Trunks = trunks
		recs[i].DID = d
		if err := s.m.addDID(&recs[i]); err != nil {
			s.keepErr("AddDIDs", err)
			continue
		}
		ids[i] = recs[i].ID
	}
	return ids
}

// Bind adds pairs to those of a PBX without a report, as history before the test.
func (s *Server) Bind(pbx int64, pairs ...Binding) {
	s.act("Bind", "", []Option{Quiet}, func() ([]*pbxRec, error) {
		p, err := s.m.pbx(pbx)
		if err != nil {
			return nil, err
		}
		for _, b := range pairs {
			if d := s.m.dids[b.DID]; d != nil && d.pbx != 0 && d.pbx != pbx {
				return nil, fmt.Errorf("DID %d belongs to PBX %d", b.DID, d.pbx)
			}
		}
		return s.m.rebind(p, append(slices.Clone(p.pairs), pairs...))
	})
}

// Rebind is a colleague in the portal who makes pairs the whole set of a PBX. A
// DID of another PBX moves, and both are in one did_change report.
func (s *Server) Rebind(pbx int64, pairs []Binding, opts ...Option) {
	s.act("Rebind", EventDIDChange, opts, func() ([]*pbxRec, error) {
		p, err := s.m.pbx(pbx)
		if err != nil {
			return nil, err
		}
		return s.m.rebind(p, pairs)
	})
}

// Withdraw is the provider who takes numbers back: they leave the PBX, exist, and are offered to
// nobody. No report is sent unless Assumptions.EventOnLoss.
func (s *Server) Withdraw(pbx int64, dids []int64, opts ...Option) {
	s.ReleaseSilently(pbx, dids, opts...)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range dids {
		if d := s.m.dids[id]; d != nil {
			d.withdrawn = true
		}
	}
}

// ReleaseSilently takes numbers away from a PBX and leaves them free. No report
// is sent unless Assumptions.EventOnLoss.
func (s *Server) ReleaseSilently(pbx int64, dids []int64, opts ...Option) {
	s.act("ReleaseSilently", EventDIDChange, s.lossOptions(opts), func() ([]*pbxRec, error) {
		p, err := s.m.pbx(pbx)
		if err != nil {
			return nil, err
		}
		if !s.m.dropPairs(p, func(b Binding) bool { return slices.Contains(dids, b.DID) }) {
			return nil, fmt.Errorf("PBX %d has none of the DIDs %v", pbx, dids)
		}
		return []*pbxRec{p}, nil
	})
}

// Restore restores a PBX from a backup: it is Restoring and has lost its shared
// bindings. No report is sent unless Assumptions.EventOnLoss. SetStatus ends it.
func (s *Server) Restore(pbx int64, opts ...Option) {
	s.act("Restore", EventDIDChange, s.lossOptions(opts), func() ([]*pbxRec, error) {
		p, err := s.m.pbx(pbx)
		if err != nil {
			return nil, err
		}
		p.Status = StatusRestoring
		if !s.m.dropPairs(p, func(Binding) bool { return true }) {
			return nil, nil
		}
		return []*pbxRec{p}, nil
	})
}

// DeleteDID deletes numbers from YCM; PBXs that had them are in one did_delete
// report.
func (s *Server) DeleteDID(ids []int64, opts ...Option) {
	s.act("DeleteDID", EventDIDDelete, opts, func() ([]*pbxRec, error) { return s.m.deleteDIDs(ids) })
}

// DeleteTrunk deletes trunks; PBXs that lost numbers are in one trunk_delete
// report.
func (s *Server) DeleteTrunk(ids []int64, opts ...Option) {
	s.act("DeleteTrunk", EventTrunkDelete, opts, func() ([]*pbxRec, error) {
		return s.m.deleteTrunks(ids, s.a.OrphanDIDsStay)
	})
}

// DeletePBX deletes a PBX; if it had numbers, a pce_delete report is sent.
func (s *Server) DeletePBX(id int64, opts ...Option) {
	s.act("DeletePBX", EventPCEDelete, opts, func() ([]*pbxRec, error) {
		p, err := s.m.pbx(id)
		if err != nil {
			return nil, err
		}
		had := len(p.pairs) > 0
		s.m.deletePBX(p)
		if !had {
			return nil, nil
		}
		return []*pbxRec{p}, nil
	})
}

// MoveDIDTrunk moves a number from one trunk to another; its PBX keeps it, over
// the new trunk, and a did_change report is sent.
func (s *Server) MoveDIDTrunk(did, from, to int64, opts ...Option) {
	s.act("MoveDIDTrunk", EventDIDChange, opts, func() ([]*pbxRec, error) {
		d := s.m.dids[did]
		if d == nil || !slices.Contains(d.Trunks, from) || s.m.trunks[to] == nil {
			return nil, fmt.Errorf("no DID %d on trunk %d, or no trunk %d", did, from, to)
		}
		s.m.moveDID(d, from, to)
		p := s.m.pbxs[d.pbx]
		if p == nil {
			return nil, nil
		}
		pairs := slices.Clone(p.pairs)
		for i := range pairs {
			if pairs[i] == (Binding{from, did}) {
				pairs[i].Trunk = to
			}
		}
		return s.m.rebind(p, pairs)
	})
}

// SetHeaders makes headers the custom SIP headers of a PBX. DID reports do not
// carry headers, so none is sent.
func (s *Server) SetHeaders(pbx int64, headers []HeaderBinding) {
	s.edit("SetHeaders", pbx, func(p *pbxRec) { s.m.setHeaders(p, slices.Clone(headers)) })
}

// SetStatus changes the state of a PBX, one of the Status constants.
func (s *Server) SetStatus(pbx int64, status string) {
	s.edit("SetStatus", pbx, func(p *pbxRec) { p.Status = status })
}

// SetFirmware changes the firmware of a PBX.
func (s *Server) SetFirmware(pbx int64, version string) {
	s.edit("SetFirmware", pbx, func(p *pbxRec) { p.Firmware = version })
}

// RenamePBX changes the name of a PBX.
func (s *Server) RenamePBX(pbx int64, name string) {
	s.edit("RenamePBX", pbx, func(p *pbxRec) { p.Name = name })
}

// RenameTrunk changes the name of a trunk; no report is sent.
func (s *Server) RenameTrunk(trunk int64, name string) {
	s.act("RenameTrunk", "", []Option{Quiet}, func() ([]*pbxRec, error) {
		t := s.m.trunks[trunk]
		if t == nil {
			return nil, fmt.Errorf("no trunk %d", trunk)
		}
		t.Name = name
		return nil, nil
	})
}

// SetTrunkStatus changes how a trunk stands with its provider: one of the vendor's
// words E_REGISTER_…_STATE, and its REASON_… when it failed.
func (s *Server) SetTrunkStatus(trunk int64, status, reason string) {
	s.act("SetTrunkStatus", "", []Option{Quiet}, func() ([]*pbxRec, error) {
		t := s.m.trunks[trunk]
		if t == nil {
			return nil, fmt.Errorf("no trunk %d", trunk)
		}
		t.Status, t.Reason = status, reason
		return nil, nil
	})
}

// Bindings are the pairs of a PBX, sorted by trunk and DID.
func (s *Server) Bindings(pbx int64) []Binding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.m.pbxs[pbx]
	if p == nil {
		return nil
	}
	return slices.SortedFunc(slices.Values(p.pairs), func(a, b Binding) int {
		return cmp.Or(cmp.Compare(a.Trunk, b.Trunk), cmp.Compare(a.DID, b.DID))
	})
}

// Headers are the custom SIP header values of a PBX, sorted.
func (s *Server) Headers(pbx int64) []HeaderBinding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.m.pbxs[pbx]
	if p == nil {
		return nil
	}
	return slices.SortedFunc(slices.Values(p.headers), func(a, b HeaderBinding) int {
		return cmp.Or(cmp.Compare(a.Trunk, b.Trunk), cmp.Compare(a.Header, b.Header))
	})
}

// PBXs are all PBXs by id.
func (s *Server) PBXs() []PBX {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]PBX, len(s.m.pbxByID))
	for i, p := range s.m.pbxByID {
		out[i] = p.PBX
	}
	return out
}

// act runs one change under the lock and reports it.
func (s *Server) act(op, event string, opts []Option, change func() ([]*pbxRec, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	touched, err := change()
	if err != nil {
		s.keepErr(op, err)
		return
	}
	s.report(event, touched, opts...)
}

func (s *Server) edit(op string, pbx int64, change func(*pbxRec)) {
	s.act(op, "", []Option{Quiet}, func() ([]*pbxRec, error) {
		p, err := s.m.pbx(pbx)
		if err == nil {
			change(p)
		}
		return nil, err
	})
}

func (s *Server) lossOptions(opts []Option) []Option {
	if s.assumptions().EventOnLoss {
		return opts
	}
	return []Option{Quiet}
}

// later runs change after d, counted as work under way.
func (s *Server) later(d time.Duration, change func()) {
	s.working.add(1)
	go func() {
		defer s.working.add(-1)
		if s.sleep(d) {
			change()
		}
	}()
}
