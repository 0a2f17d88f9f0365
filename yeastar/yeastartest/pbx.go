package yeastartest

import (
	"net/http"
	"strings"
)

func (s *Server) pbxRoutes(mux *http.ServeMux) {
	mux.Handle("GET /dm/open_api/v2/cloud_pbx/instances", s.api(s.listPBXs))
	mux.Handle("GET /dm/open_api/v1/cloud_pbx/instances/get", s.api(s.pbxByURL))
	mux.Handle("GET /dm/open_api/v1/cloud_pbx/instances/{id}", s.api(s.pbxOne))
	mux.Handle("GET /dm/open_api/v1/cloud_pbx/instances/{id}/status", s.api(s.pbxStatus))
}

// pbxInfo is PBX_Info (contract §3.3).
type pbxInfo struct {
	CloudPBXID            int64      `json:"cloudPbxId"`
	PBXStatus             string     `json:"pbxStatus"`
	ActivationStatus      string     `json:"activationStatus"`
	Name                  string     `json:"name"`
	SN                    string     `json:"sn"`
	Plan                  string     `json:"plan"`
	PlanExpirationDate    int64      `json:"planExpirationDate"`
	ExtensionCapacity     int64      `json:"extensionCapacity"`
	ConcurrentCalls       int64      `json:"concurrentCallCapacity"`
	RecordingStatus       string     `json:"recordingStatus"`
	RecordingCapacity     int64      `json:"recordingCapacity"`
	TranscriptionCapacity int64      `json:"transcriptionCapacity"`
	TranscriptionPlan     int64      `json:"transcriptionCapacityPlan"`
	TranscriptionAddon    int64      `json:"transcriptionCapacityAddon"`
	UsedTranscription     int64      `json:"usedTranscription"`
	Region                string     `json:"region"`
	URL                   string     `json:"url"`
	Type                  string     `json:"type"`
	ExpirationDate        int64      `json:"expirationDate"`
	Version               string     `json:"version"`
	Creator               personInfo `json:"creator"`
	CreateTime            int64      `json:"createTime"`
	UpgradeInPBX          string     `json:"upgradeInPbx"`
	PasswordlessLogin     string     `json:"passwordlessLogin"`
}

type personInfo struct {
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Email     string `json:"email"`
}

func (p *pbxRec) info() pbxInfo {
	minutes := int64(120)
	if p.Plan == "Ultimate Plan" {
		minutes = 240
	}
	return pbxInfo{
		CloudPBXID: p.ID, PBXStatus: p.Status, ActivationStatus: p.Activation,
		Name: p.Name, SN: p.told(), Plan: p.Plan, PlanExpirationDate: p.ExpiresAt.Unix(),
		ExtensionCapacity: p.Extensions, ConcurrentCalls: p.ConcurrentCalls,
		RecordingStatus: enabled(p.RecordingMinutes > 0), RecordingCapacity: p.RecordingMinutes,
		TranscriptionCapacity: minutes + p.Transcription, TranscriptionPlan: minutes, TranscriptionAddon: p.Transcription,
		Region: p.Region, URL: p.URL, Type: p.Type,
		ExpirationDate: p.ExpiresAt.Unix(), Version: p.Firmware,
		Creator:    personInfo{p.Creator.FirstName, p.Creator.LastName, p.Creator.Email},
		CreateTime: p.CreatedAt.Unix(), UpgradeInPBX: p.UpgradeInPBX, PasswordlessLogin: p.PasswordlessLogin,
	}
}

// told is the serial number, "" until YCM tells it.
func (p *pbxRec) told() string {
	if p.unnamed {
		return ""
	}
	return p.Serial
}

func enabled(on bool) string {
	if on {
		return "Enabled"
	}
	return "Disabled"
}

func (s *Server) listPBXs(c *call) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := c.paging(s.a)
	if err != nil {
		return nil, err
	}
	field, descending := strings.CutPrefix(c.query.Get("sort"), "-")
	var rows []*pbxRec
	switch field {
	case "cloudPbxId":
		rows = s.m.pbxByID
	case "", "createTime":
		rows = s.m.pbxByTime
	default:
		return nil, refuse(CodeInvalidParameter, "sort %q", field)
	}
	rows = found(p, rows, func(p *pbxRec, word string) bool { return contains(word, p.Name, p.Serial, p.URL) })
	return cut(p, rows, descending, (*pbxRec).info), nil
}

func (s *Server) pbxOne(c *call) (any, error) {
	return withPBX(s, c, func(p *pbxRec) any { return p.info() })
}

func (s *Server) pbxStatus(c *call) (any, error) {
	return withPBX(s, c, func(p *pbxRec) any {
		return struct {
			CloudPBXID       int64  `json:"cloudPbxId"`
			PBXStatus        string `json:"pbxStatus"`
			ActivationStatus string `json:"activationStatus"`
		}{p.ID, p.Status, p.Activation}
	})
}

// withPBX shows the PBX in the path.
func withPBX(s *Server, c *call, show func(*pbxRec) any) (any, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := s.m.pbx(id)
	if err != nil {
		return nil, refuse(CodeNotFound, "%v", err)
	}
	return show(p), nil
}

func (s *Server) pbxByURL(c *call) (any, error) {
	url := c.query.Get("url")
	if url == "" {
		return nil, refuse(CodeInvalidParameter, "url is missing")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.m.pbxByID {
		if strings.EqualFold(p.URL, url) {
			return p.info(), nil
		}
	}
	return nil, refuse(CodeNotFound, "no PBX at %s", url)
}
