package yeastartest

import (
	"cmp"
	"fmt"
	"slices"
)

// withOwn runs f on what a PBX has of its own, shared trunks brought up to date.
func (s *Server) withOwn(op string, pbx int64, f func(*pbxRec, *sipRec) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.m.pbx(pbx)
	if err == nil {
		s.share(p)
		err = f(p, p.own())
	}
	s.keepErr(op, err)
}

// AddSIPTrunk adds a trunk to a PBX and returns the PBX's id of it, 0 when it cannot be added.
func (s *Server) AddSIPTrunk(pbx int64, t SIPTrunk) (id int64) {
	s.withOwn("AddSIPTrunk", pbx, func(_ *pbxRec, r *sipRec) error {
		rec, err := r.add(t)
		if err == nil {
			id = rec.ID
		}
		return err
	})
	return id
}

// ChangeSIPTrunk is a colleague who changes a trunk in the PBX's portal.
func (s *Server) ChangeSIPTrunk(pbx, trunk int64, change func(*SIPTrunk)) {
	s.withOwn("ChangeSIPTrunk", pbx, func(_ *pbxRec, r *sipRec) error {
		t := r.trunk(trunk)
		if t == nil {
			return fmt.Errorf("PBX %d has no SIP trunk %d", pbx, trunk)
		}
		change(&t.SIPTrunk)
		t.ID = trunk
		return nil
	})
}

// DeleteSIPTrunk is a colleague who deletes a trunk in the PBX's portal.
func (s *Server) DeleteSIPTrunk(pbx, trunk int64) {
	s.withOwn("DeleteSIPTrunk", pbx, func(_ *pbxRec, r *sipRec) error {
		if r.trunk(trunk) == nil {
			return fmt.Errorf("PBX %d has no SIP trunk %d", pbx, trunk)
		}
		r.trunks = slices.DeleteFunc(r.trunks, func(t *sipTrunk) bool { return t.ID == trunk })
		return nil
	})
}

// SIPTrunks are the trunks of a PBX by id, those that YCM shares with it among them.
func (s *Server) SIPTrunks(pbx int64) []SIPTrunk {
	out := []SIPTrunk{}
	s.withOwn("SIPTrunks", pbx, func(_ *pbxRec, r *sipRec) error {
		for _, t := range r.trunks {
			out = append(out, t.SIPTrunk)
		}
		return nil
	})
	return out
}

// SIPStatus is how a trunk stands now, 0 when there is no such trunk.
func (s *Server) SIPStatus(pbx, trunk int64) (status int) {
	s.withOwn("SIPStatus", pbx, func(_ *pbxRec, r *sipRec) error {
		if t := r.trunk(trunk); t != nil {
			status = s.sipStatus(t)
		}
		return nil
	})
	return status
}

// SetSIPProvider says who answers at a host.
func (s *Server) SetSIPProvider(host string, provider SIPProvider) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m.providers[host] = provider
}

// AddExtensions adds extensions to a PBX and returns their ids.
func (s *Server) AddExtensions(pbx int64, list ...Extension) (ids []int64) {
	s.withOwn("AddExtensions", pbx, func(_ *pbxRec, r *sipRec) error {
		for _, e := range list {
			e.ID = take(e.ID, &r.nextExt)
			r.extensions = insert(r.extensions, e, func(a, b Extension) int { return cmp.Compare(a.ID, b.ID) })
			ids = append(ids, e.ID)
		}
		return nil
	})
	return ids
}

// AddExtensionGroup adds a group to a PBX and returns its id.
func (s *Server) AddExtensionGroup(pbx int64, g ExtensionGroup) (id int64) {
	s.withOwn("AddExtensionGroup", pbx, func(_ *pbxRec, r *sipRec) error {
		g.ID = take(g.ID, &r.nextGroup)
		r.groups = insert(r.groups, g, func(a, b ExtensionGroup) int { return cmp.Compare(a.ID, b.ID) })
		id = g.ID
		return nil
	})
	return id
}

// PBXAPI is how a PBX's own API is reached without YCM: its address, which answers once the
// simulator is served, and its credentials.
type PBXAPI struct {
	BaseURL, ClientID, ClientSecret string
}

// PBXAPI gives the way to a PBX's own API.
func (s *Server) PBXAPI(pbx int64) (api PBXAPI) {
	base := s.URL()
	s.withOwn("PBXAPI", pbx, func(p *pbxRec, r *sipRec) error {
		api = PBXAPI{BaseURL: base + pbxPrefix + p.Serial, ClientID: r.access.clientID, ClientSecret: r.access.secret}
		return nil
	})
	return api
}

// SetPBXAPI switches a PBX's API on or off, for YCM's relay and for direct calls.
func (s *Server) SetPBXAPI(pbx int64, on bool) {
	s.edit("SetPBXAPI", pbx, func(p *pbxRec) { p.API = enabled(on) })
}

// SetPBXSecret regenerates a PBX's client secret, which kills its tokens.
func (s *Server) SetPBXSecret(pbx int64, secret string) {
	s.withOwn("SetPBXSecret", pbx, func(_ *pbxRec, r *sipRec) error {
		r.access.secret = secret
		if !s.a.SIP.SecretKeepsTokens {
			r.access.kill()
		}
		return nil
	})
}

// SetPBXAllowList lets only these addresses call a PBX directly; none = everybody.
func (s *Server) SetPBXAllowList(pbx int64, addresses ...string) {
	s.withOwn("SetPBXAllowList", pbx, func(_ *pbxRec, r *sipRec) error {
		r.access.allowed = slices.Clone(addresses)
		return nil
	})
}

// ExpirePBXTokens ends a PBX's access tokens as time would; refresh tokens live.
func (s *Server) ExpirePBXTokens(pbx int64) {
	s.withOwn("ExpirePBXTokens", pbx, func(_ *pbxRec, r *sipRec) error {
		for _, t := range r.access.tokens {
			t.until = s.cfg.Now()
		}
		return nil
	})
}

// RevokePBXTokens kills a PBX's tokens, refresh tokens too.
func (s *Server) RevokePBXTokens(pbx int64) {
	s.withOwn("RevokePBXTokens", pbx, func(_ *pbxRec, r *sipRec) error {
		r.access.kill()
		return nil
	})
}

// OccupyPBXTokens has another application take n of a PBX's eight tokens.
func (s *Server) OccupyPBXTokens(pbx int64, n int) {
	s.withOwn("OccupyPBXTokens", pbx, func(_ *pbxRec, r *sipRec) error {
		for range n {
			r.access.issue(s.randomHex(), s.randomHex(), s.cfg.Now())
		}
		return nil
	})
}

// PBXTokens says how many of a PBX's eight tokens are in use, how many it gave out so far, and how
// many wrong credentials it saw in a row.
func (s *Server) PBXTokens(pbx int64) (live, issued, failed int) {
	s.withOwn("PBXTokens", pbx, func(_ *pbxRec, r *sipRec) error {
		live, issued = r.access.live(s.cfg.Now()), r.access.issued
		for _, n := range r.access.failed {
			failed += n
		}
		return nil
	})
	return live, issued, failed
}

// UnblockPBX forgets a PBX's failed logins, which ends a block.
func (s *Server) UnblockPBX(pbx int64) {
	s.withOwn("UnblockPBX", pbx, func(_ *pbxRec, r *sipRec) error {
		clear(r.access.failed)
		return nil
	})
}
