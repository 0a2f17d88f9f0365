package yeastartest

import (
	"encoding/json"
	"net/http"
)

func (s *Server) trunkRoutes(mux *http.ServeMux) {
	mux.Handle("GET /dm/open_api/v1/shared_trunk/name/acl", s.api(s.usableTrunks))
	mux.Handle("GET /dm/open_api/v1/shared_trunk", s.api(s.ownTrunks))
	mux.Handle("GET /dm/open_api/v1/shared_trunk/{id}", s.api(s.trunkOne))
	mux.Handle("GET /dm/open_api/v1/shared_trunk/{id}/status", s.api(s.trunkStatus))
	mux.Handle("GET /dm/open_api/v1/shared_trunk/pbx/used", s.api(s.trunksUsed))
	mux.Handle("DELETE /dm/open_api/v1/shared_trunk", s.api(s.deleteTrunks))
}

// trunkInfo is a shared trunk in full (contract §5.1). The header definitions
// follow it under a configurable name.
type trunkInfo struct {
	ID                      int64  `json:"id"`
	RegionID                int64  `json:"regionId"`
	RegionName              string `json:"regionName"`
	Creator                 string `json:"creator"`
	Name                    string `json:"name"`
	Enable                  int    `json:"enable"`
	Country                 string `json:"country"`
	ITSP                    string `json:"itsp"`
	Type                    string `json:"type"`
	Hostname                string `json:"hostname"`
	Port                    int    `json:"port"`
	Domain                  string `json:"domain"`
	Transport               string `json:"transport"`
	BackupHostname          string `json:"backupHostname"`
	Remark                  string `json:"remark"`
	RegistrationAttempts    int    `json:"registrationAttempts"`
	DefaultRegistrationTime int    `json:"defaultRegistrationTime"`
	Username                string `json:"username"`
	Password                string `json:"password"`
	AuthName                string `json:"authName"`
	EnbOutboundProxy        int    `json:"enbOutboundProxy"`
	OutboundProxyServer     string `json:"outboundProxyServer"`
	OutboundProxyPort       int    `json:"outboundProxyPort"`
	CodecSel                string `json:"codecSel"`
	DTMFMode                string `json:"dtmfMode"`
}

type headerInfo struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// showTrunk writes a trunk with its header definitions.
func (s *Server) showTrunk(t *trunkRec) (json.RawMessage, error) {
	body, err := json.Marshal(trunkInfo{
		ID: t.ID, RegionID: s.m.regionID(t.Region), RegionName: t.Region, Creator: "Partner", Name: t.Name,
		Enable: 1, Country: "general", Type: t.Type, Hostname: t.Hostname, Port: 5060, Domain: t.Hostname,
		Transport: "udp", RegistrationAttempts: 10, DefaultRegistrationTime: 1800,
		Username: t.Username, Password: t.Password, AuthName: t.Username,
		CodecSel: "ulaw,alaw,g729", DTMFMode: "rfc4733",
	})
	if err != nil || t.NoHeaderField {
		return body, err
	}
	headers := make([]headerInfo, len(t.Headers))
	for i, h := range t.Headers {
		headers[i] = headerInfo(h)
	}
	tail, err := json.Marshal(map[string]any{s.a.headersField(): headers})
	return joinObjects(body, tail), err
}

type trunkName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

func (s *Server) usableTrunks(*call) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]trunkName, len(s.m.trunkByID))
	for i, t := range s.m.trunkByID {
		names[i] = trunkName{t.ID, t.Name, t.Type}
	}
	return names, nil
}

func (s *Server) ownTrunks(*call) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	own := []json.RawMessage{}
	for _, t := range s.m.trunkByID {
		if t.Granted {
			continue
		}
		shown, err := s.showTrunk(t)
		if err != nil {
			return nil, err
		}
		own = append(own, shown)
	}
	if s.a.SingleTrunkAsObject && len(own) == 1 {
		return own[0], nil
	}
	return own, nil
}

func (s *Server) trunkOne(c *call) (any, error) {
	return withTrunk(s, c, func(t *trunkRec) (any, error) {
		shown, err := s.showTrunk(t)
		if s.a.TrunkWithoutData {
			return beside{shown}, err
		}
		return shown, err
	})
}

func (s *Server) trunkStatus(c *call) (any, error) {
	return withTrunk(s, c, func(t *trunkRec) (any, error) {
		if t.Granted && s.a.GrantedStatusDenied {
			return nil, refuse(CodeAccessDenied, "trunk %d is not yours", t.ID)
		}
		return struct {
			ID     int64  `json:"id"`
			Status string `json:"status"`
			Reason string `json:"statusFailedReason"`
		}{t.ID, t.Status, t.Reason}, nil
	})
}

// withTrunk shows the trunk in the path.
func withTrunk(s *Server, c *call, show func(*trunkRec) (any, error)) (any, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.m.trunks[id]
	if t == nil {
		return nil, refuse(CodeNotFound, "no trunk %d", id)
	}
	return show(t)
}

func (s *Server) trunksUsed(c *call) (any, error) {
	id, err := c.queryID("cloudPbxId")
	if err != nil {
		return nil, err
	}
	if id == 0 {
		return nil, refuse(CodeInvalidParameter, "cloudPbxId is missing")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := s.m.pbx(id)
	if err != nil {
		return nil, refuse(CodeNotFound, "%v", err)
	}
	used := map[int64]bool{}
	for _, b := range p.pairs {
		used[b.Trunk] = true
	}
	return struct {
		SharedTrunkIDs []int64 `json:"sharedTrunkIds"`
	}{sortedKeys(used)}, nil
}

func (s *Server) deleteTrunks(c *call) (any, error) {
	return s.deleteByIDs(c, EventTrunkDelete, func(ids []int64) ([]*pbxRec, error) {
		return s.m.deleteTrunks(ids, s.a.OrphanDIDsStay)
	})
}

// deleteByIDs does a DELETE whose body lists ids, and reports what it touched.
func (s *Server) deleteByIDs(c *call, event string, remove func([]int64) ([]*pbxRec, error)) (any, error) {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(c.body, &body); err != nil {
		return nil, refuse(CodeInvalidParameter, "body: %v", err)
	}
	ids, ok := integers(body["ids"])
	if !ok {
		return nil, refuse(CodeInvalidParameter, "ids is not a list of integers")
	}
	s.mu.Lock()
	touched, err := remove(ids)
	if err != nil {
		s.mu.Unlock()
		return nil, refuse(CodeNotFound, "%v", err)
	}
	jobs := s.report(event, touched)
	s.mu.Unlock()
	s.mail.beforeAnswer(jobs)
	return nil, nil
}
