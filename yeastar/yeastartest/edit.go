package yeastartest

import "net/http"

func (s *Server) editRoutes(mux *http.ServeMux) {
	mux.Handle("PUT /dm/open_api/v1/cloud_pbx/instances/{id}", s.api(s.updatePBX))
	mux.Handle("PUT /dm/open_api/v1/cloud_pbx/instances/{id}/capacity", s.api(s.resizePBX))
}

// updatePBX sets name and features. It is no patch: five fields are needed every time
// (contract §3.6).
func (s *Server) updatePBX(c *call) (any, error) {
	f := decodeFields(c.body)
	name := f.text("name")
	w := Switches{
		UpgradeInPBX: f.onOff("upgradeInPbx"), IM: f.onOff("im"), PasswordlessLogin: f.onOff("passwordlessLogin"),
		SuperiorLogin: f.onOff("allowSuperiorPasswordlessLogin"), API: f.maybeOnOff("pbxApi"),
		ViaTemplate: f.maybeOnOff("provisioningViaTemplate"), TrunkAccess: f.maybeOnOff("trunkConfigurationAccess"),
	}
	if f.err != nil {
		return nil, f.err
	}
	return s.changePBX(c, func(p *pbxRec) ([]*job, error) {
		w.API, w.ViaTemplate, w.TrunkAccess = or(w.API, p.API), or(w.ViaTemplate, p.ViaTemplate), or(w.TrunkAccess, p.TrunkAccess)
		w.RunsAfterExpiry = p.RunsAfterExpiry
		p.Name, p.Switches = name, w
		return nil, nil
	})
}

// resizePBX sets the whole capacity; AI minutes that are left out are none.
func (s *Server) resizePBX(c *call) (any, error) {
	f := decodeFields(c.body)
	var size PBX
	f.size(&size)
	if f.err != nil {
		return nil, f.err
	}
	return s.changePBX(c, func(p *pbxRec) ([]*job, error) {
		size.Plan = p.Plan
		switch {
		case s.a.KeepRecording && size.RecordingMinutes < p.RecordingMinutes:
			return nil, refuse(CodeInvalidParameter, "recordingCapacity may not be lowered")
		case s.m.left(p).less(size.usage()).short():
			return nil, refuse(or0(s.a.CapacityCode, CodeInvalidParameter), "the subscription has not that much left")
		}
		p.Extensions, p.ConcurrentCalls = size.Extensions, size.ConcurrentCalls
		p.RecordingMinutes, p.Transcription = size.RecordingMinutes, size.Transcription
		return s.reportCapacity(p), nil
	})
}

// changePBX changes the PBX in the path, and waits for its reports as far as the policy
// wants it.
func (s *Server) changePBX(c *call, change func(*pbxRec) ([]*job, error)) (any, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	p, err := s.m.pbx(id)
	if err != nil {
		s.mu.Unlock()
		return nil, refuse(CodeNotFound, "%v", err)
	}
	jobs, err := change(p)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.mail.beforeAnswer(jobs)
	return nil, nil
}
