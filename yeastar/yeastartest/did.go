package yeastartest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

func (s *Server) didRoutes(mux *http.ServeMux) {
	mux.Handle("GET /dm/open_api/v1/did_management", s.api(s.listDIDs))
	mux.Handle("GET /dm/open_api/v1/did_management/{id}", s.api(s.didOne))
	mux.Handle("GET /dm/open_api/v1/did_management/{id}/did", s.api(s.didsOfPBX))
	mux.Handle("GET /dm/open_api/v1/did_management/usable", s.api(s.usableDIDs))
	mux.Handle("DELETE /dm/open_api/v1/did_management", s.api(s.deleteDIDs))
}

// didInfo is DID_Info (contract §5.1). cloudPbxId is a string; raw, because it
// may also be null or absent.
type didInfo struct {
	ID         int64           `json:"id"`
	DID        string          `json:"did"`
	DIDName    string          `json:"didName"`
	Creator    string          `json:"creator"`
	TrunkIDs   []int64         `json:"trunkIds"`
	CloudPBXID json.RawMessage `json:"cloudPbxId,omitempty"`
}

func (d *didRec) info(form UnassignedForm) didInfo {
	info := didInfo{ID: d.ID, DID: d.Number, DIDName: d.Name, Creator: "Partner", TrunkIDs: d.Trunks}
	if info.TrunkIDs == nil {
		info.TrunkIDs = []int64{}
	}
	info.CloudPBXID = unassigned(form, d.ID)
	if d.pbx != 0 {
		info.CloudPBXID = json.RawMessage(strconv.Quote(strconv.FormatInt(d.pbx, 10)))
	}
	return info
}

func unassigned(form UnassignedForm, id int64) json.RawMessage {
	if form == UnassignedRotates {
		form = []UnassignedForm{UnassignedNull, UnassignedEmpty, UnassignedAbsent}[id%3]
	}
	switch form {
	case UnassignedNull:
		return json.RawMessage("null")
	case UnassignedEmpty:
		return json.RawMessage(`""`)
	case UnassignedZero:
		return json.RawMessage(`"0"`)
	default:
		return nil
	}
}

func (s *Server) listDIDs(c *call) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := c.paging(s.a)
	if err != nil {
		return nil, err
	}
	rows := found(p, s.m.didByID, func(d *didRec, word string) bool { return contains(word, d.Number, d.Name) })
	return cut(p, rows, false, func(d *didRec) didInfo { return d.info(s.a.Unassigned) }), nil
}

func (s *Server) didOne(c *call) (any, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	d := s.m.dids[id]
	if d == nil {
		return nil, refuse(CodeNotFound, "no DID %d", id)
	}
	return d.info(s.a.Unassigned), nil
}

// didsOfPBX lists one DID id per pair, so that a DID on two trunks of the PBX is
// there twice, as in the vendor's example.
func (s *Server) didsOfPBX(c *call) (any, error) {
	return withPBX(s, c, func(p *pbxRec) any {
		ids := make([]int64, len(p.pairs))
		for i, b := range p.pairs {
			ids[i] = b.DID
		}
		return struct {
			DIDIDs []int64 `json:"didIds"`
		}{ids}
	})
}

type usableDID struct {
	ID      int64  `json:"id"`
	DID     string `json:"did"`
	DIDName string `json:"didName,omitempty"`
}

// usableDIDs lists the DIDs of a trunk that a PBX may still be given. A trunk in
// another region than the PBX has none for it.
func (s *Server) usableDIDs(c *call) (any, error) {
	trunkID, err := c.queryID("trunkId")
	if err != nil {
		return nil, err
	}
	pbxID, err := c.queryID("cloudPbxId")
	if err != nil {
		return nil, err
	}
	if trunkID == 0 {
		return nil, refuse(CodeInvalidParameter, "trunkId is missing")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.m.trunks[trunkID]
	if t == nil {
		return nil, refuse(CodeNotFound, "no trunk %d", trunkID)
	}
	usable := []usableDID{}
	if pbxID != 0 {
		p, err := s.m.pbx(pbxID)
		if err != nil {
			return nil, refuse(CodeNotFound, "%v", err)
		}
		if s.m.regionID(p.Region) != s.m.regionID(t.Region) {
			return usable, nil
		}
	}
	for _, d := range t.dids {
		own := d.pbx != 0 && d.pbx == pbxID && s.a.UsableIncludesOwn
		if (d.pbx == 0 || own) && !d.withdrawn {
			usable = append(usable, usableDID{d.ID, d.Number, d.Name})
		}
	}
	return usable, nil
}

func (s *Server) deleteDIDs(c *call) (any, error) {
	return s.deleteByIDs(c, EventDIDDelete, s.m.deleteDIDs)
}
