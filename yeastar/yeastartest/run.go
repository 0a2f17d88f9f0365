package yeastartest

import (
	"net/http"
	"time"
)

func (s *Server) runRoutes(mux *http.ServeMux) {
	mux.Handle("PUT /dm/open_api/v1/cloud_pbx/instances/{id}/start", s.api(s.startPBX))
	mux.Handle("PUT /dm/open_api/v1/cloud_pbx/instances/{id}/stop", s.api(s.stopPBX))
	mux.Handle("DELETE /dm/open_api/v1/cloud_pbx/instances", s.api(s.deletePBXs))
}

// startPBX answers at once; the PBX is Starting, then Provisioning when a template waits
// for it, then Running.
func (s *Server) startPBX(c *call) (any, error) {
	return s.changePBX(c, func(p *pbxRec) ([]*job, error) {
		if p.Status != StatusStopped {
			return nil, again(s.a)
		}
		p.Status = StatusStarting
		s.step(p.ID, StatusStarting)
		return nil, nil
	})
}

// stopPBX answers at once; the PBX is Stopped a little later.
func (s *Server) stopPBX(c *call) (any, error) {
	return s.changePBX(c, func(p *pbxRec) ([]*job, error) {
		if p.Status == StatusStopped {
			return nil, again(s.a)
		}
		was := p.Status
		s.later(s.a.startDelay(), func() {
			s.move(p.ID, func(p *pbxRec) {
				if p.Status == was {
					p.Status = StatusStopped
				}
			})
		})
		return nil, nil
	})
}

// again answers a start or stop that has nothing to do.
func again(a Assumptions) error {
	if a.StartAgain != 0 {
		return refuse(a.StartAgain, "it is in that state already")
	}
	return nil
}

func (a Assumptions) startDelay() time.Duration {
	if a.StartDelay == 0 {
		return 5 * time.Millisecond
	}
	return a.StartDelay
}

// step leads a PBX out of a state that a start passes through; the caller holds mu.
func (s *Server) step(id int64, from string) {
	if s.a.StuckIn == from {
		return
	}
	s.later(s.a.startDelay(), func() {
		s.move(id, func(p *pbxRec) {
			switch {
			case p.Status != from:
			case from == StatusStarting && p.template != 0:
				p.Status = StatusProvisioning
				s.step(id, StatusProvisioning)
			case from == StatusStarting && s.a.StuckIn == StatusProvisioning:
				p.Status = StatusProvisioning
			default:
				p.Status = StatusRunning
				if p.template != 0 {
					p.template, p.Activation = 0, "Activated"
				}
			}
		})
	})
}

// move changes a PBX that may be gone meanwhile.
func (s *Server) move(id int64, change func(*pbxRec)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.m.pbxs[id]; p != nil {
		change(p)
	}
}

// deletePBXs deletes a list of PBXs, all or nothing. Those that had numbers are in one
// pce_delete report.
func (s *Server) deletePBXs(c *call) (any, error) {
	f := decodeFields(c.body)
	ids := f.ids("cloudPbxIds")
	if f.err != nil {
		return nil, f.err
	}
	s.mu.Lock()
	for _, id := range ids {
		p, err := s.m.pbx(id)
		if err != nil {
			s.mu.Unlock()
			return nil, refuse(CodeNotFound, "%v", err)
		}
		if s.a.DeleteOnlyStopped && p.Status != StatusStopped {
			s.mu.Unlock()
			return nil, refuse(CodeInvalidParameter, "PBX %d is %s", id, p.Status)
		}
	}
	if delay := s.a.DeleteDelay; delay > 0 {
		s.mu.Unlock()
		s.later(delay, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.dropPBXs(ids)
		})
		return nil, nil
	}
	jobs := s.dropPBXs(ids)
	s.mu.Unlock()
	s.mail.beforeAnswer(jobs)
	return nil, nil
}

// dropPBXs deletes those that are still there; the caller holds mu.
func (s *Server) dropPBXs(ids []int64) []*job {
	var touched []*pbxRec
	for _, id := range ids {
		p := s.m.pbxs[id]
		if p == nil {
			continue
		}
		if len(p.pairs) > 0 {
			touched = append(touched, p)
		}
		s.m.deletePBX(p)
	}
	return s.report(EventPCEDelete, touched)
}
