package yeastartest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) createRoutes(mux *http.ServeMux) {
	mux.Handle("POST /dm/open_api/v1/cloud_pbx/instances", s.api(s.createPBX))
}

// fields is a body of JSON whose values are checked one by one; the first thing wrong
// stays in err. Types are the vendor's, nothing more lenient.
type fields struct {
	raw map[string]json.RawMessage
	err error
}

func decodeFields(body []byte) *fields {
	f := &fields{}
	if err := json.Unmarshal(body, &f.raw); err != nil || f.raw == nil {
		f.fail("body: %v", err)
	}
	return f
}

func (f *fields) fail(format string, args ...any) {
	if f.err == nil {
		f.err = refuse(CodeInvalidParameter, format, args...)
	}
}

func (f *fields) has(name string) bool {
	raw, ok := f.raw[name]
	return ok && string(raw) != "null"
}

// text is a required string that is not empty, one of words if there are any.
func (f *fields) text(name string, words ...string) string {
	var text *string
	if json.Unmarshal(f.raw[name], &text) != nil || text == nil || *text == "" {
		f.fail("%s is missing, or no text", name)
		return ""
	}
	if len(words) > 0 && !slices.Contains(words, *text) {
		f.fail("%s %q", name, *text)
	}
	return *text
}

func (f *fields) onOff(name string) string { return f.text(name, "Enabled", "Disabled") }

func (f *fields) maybeOnOff(name string) string {
	if !f.has(name) {
		return ""
	}
	return f.onOff(name)
}

// number is a required whole number from least on.
func (f *fields) number(name string, least int64) int64 {
	n, ok := integer(f.raw[name])
	if !ok || n < least {
		f.fail("%s is missing, no whole number, or below %d", name, least)
	}
	return n
}

func (f *fields) maybeNumber(name string) int64 {
	if !f.has(name) {
		return 0
	}
	return f.number(name, 0)
}

func (f *fields) ids(name string) []int64 {
	ids, ok := integers(f.raw[name])
	if !ok || len(ids) == 0 {
		f.fail("%s is missing, empty, or no list of whole numbers", name)
	}
	return ids
}

// size reads the capacity that a creation and a resize share.
func (f *fields) size(p *PBX) {
	p.Extensions, p.ConcurrentCalls = f.number("extensionCapacity", 1), f.number("concurrentCallCapacity", 1)
	status := f.onOff("recordingStatus")
	p.RecordingMinutes = f.number("recordingCapacity", 0)
	if status == "Disabled" {
		p.RecordingMinutes = 0
	}
	p.Transcription = f.maybeNumber("transcriptionCapacity")
	if p.Extensions > 500 {
		f.fail("extensionCapacity is over 500")
	}
}

var subDomain = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// order is a creation that was decoded (seed 001).
type order struct {
	PBX
	sub                               string
	region, domain, version, template int64
	bindings                          update
}

func decodeOrder(body []byte) (order, error) {
	f := decodeFields(body)
	o := order{bindings: update{pairs: []Binding{}}}
	o.Name, o.Plan = f.text("name"), f.text("plan", "Enterprise Plan", "Ultimate Plan")
	f.size(&o.PBX)
	o.region, o.domain, o.version = f.number("regionId", 1), f.number("domainId", 1), f.number("versionId", 1)
	if o.sub = f.text("subDomain"); !subDomain.MatchString(o.sub) {
		f.fail("subDomain %q", o.sub)
	}
	o.Type = f.text("type", "Trial", "Commercial")
	if f.has("expirationDate") {
		var on *bool
		o.ExpiresAt = time.Unix(f.number("expirationDate", 1), 0).UTC()
		if json.Unmarshal(f.raw["allowRunAfterExpirationDate"], &on) != nil || on == nil {
			f.fail("allowRunAfterExpirationDate is missing, or neither true nor false")
		} else {
			o.RunsAfterExpiry = enabled(*on)
		}
	}
	o.Customers = f.ids("customerIds")
	o.UpgradeInPBX, o.IM = f.onOff("upgradeInPbx"), f.onOff("im")
	o.PasswordlessLogin, o.SuperiorLogin = f.onOff("passwordlessLogin"), f.onOff("allowSuperiorPasswordlessLogin")
	o.ViaTemplate, o.template = f.maybeOnOff("provisioningViaTemplate"), f.maybeNumber("provisionTemplateId")
	if f.err == nil && f.has("trunkDidRelations") {
		o.bindings, f.err = decodeUpdate(body)
	}
	return o, f.err
}

func (w Switches) withDefaults() Switches {
	w.UpgradeInPBX, w.PasswordlessLogin = or(w.UpgradeInPBX, "Enabled"), or(w.PasswordlessLogin, "Enabled")
	for _, v := range []*string{&w.IM, &w.SuperiorLogin, &w.API, &w.ViaTemplate, &w.TrunkAccess, &w.RunsAfterExpiry} {
		*v = or(*v, "Disabled")
	}
	return w
}

// createPBX makes a PBX and answers its id, nothing else.
func (s *Server) createPBX(c *call) (any, error) {
	o, err := decodeOrder(c.body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	p, err := s.fulfil(o)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	var jobs []*job
	if !p.unnamed {
		jobs = s.tell(p)
	}
	s.mu.Unlock()
	s.mail.beforeAnswer(jobs)
	return struct {
		CloudPBXID int64 `json:"cloudPbxId"`
	}{p.ID}, nil
}

// fulfil adds the PBX of an order, all or nothing; the caller holds mu.
func (s *Server) fulfil(o order) (*pbxRec, error) {
	if err := s.complete(&o); err != nil {
		return nil, err
	}
	if s.m.left(nil).less(o.usage()).short() {
		return nil, refuse(or0(s.a.CapacityCode, CodeInvalidParameter), "the subscription has not that much left")
	}
	o.Status, o.Activation = or(s.a.CreatedStatus, StatusStopped), "Unactivated"
	rec := &pbxRec{PBX: o.PBX}
	if err := s.check(rec, &o.bindings); err != nil {
		return nil, err
	}
	id, err := s.m.addPBX(o.PBX, s.cfg.Now())
	if err != nil {
		return nil, fmt.Errorf("create: %w", err)
	}
	p := s.m.pbxs[id]
	p.unnamed, p.template = s.a.LateSerial, o.template
	if !olderThan(p.Firmware, FirmwareDIDUpdate) {
		s.m.setPairs(p, o.bindings.pairs)
	}
	return p, nil
}

// complete turns the ids of an order into what they name.
func (s *Server) complete(o *order) error {
	offers := s.m.offers
	region := slices.IndexFunc(offers.regions, func(r regionInfo) bool { return r.RegionID == o.region })
	domain := slices.IndexFunc(offers.domains, func(d Domain) bool { return d.ID == o.domain && d.Region == o.region })
	version := slices.IndexFunc(offers.firmwares, func(f Firmware) bool {
		return f.ID == o.version && (len(f.Regions) == 0 || slices.Contains(f.Regions, o.region))
	})
	switch {
	case region < 0:
		return refuse(CodeInvalidParameter, "no region %d", o.region)
	case domain < 0:
		return refuse(CodeInvalidParameter, "no domain %d in region %d", o.domain, o.region)
	case version < 0:
		return refuse(CodeInvalidParameter, "no firmware %d in region %d", o.version, o.region)
	case o.template != 0 && !slices.ContainsFunc(offers.templates, func(t Template) bool { return t.ID == o.template }):
		return refuse(CodeInvalidParameter, "no template %d", o.template)
	}
	if err := s.checkCustomers(o.Customers); err != nil {
		return err
	}
	o.Region, o.Firmware = offers.regions[region].Region, offers.firmwares[version].Version
	o.URL = o.sub + "." + offers.domains[domain].Name
	if slices.ContainsFunc(s.m.pbxByID, func(p *pbxRec) bool { return strings.EqualFold(p.URL, o.URL) }) {
		return refuse(CodeAlreadyExists, "%s is taken", o.URL)
	}
	return nil
}

// tell reports a new PBX, as soon as it has a serial number: its capacity, and its
// numbers when it has some. The caller holds mu.
func (s *Server) tell(p *pbxRec) []*job {
	jobs := s.reportCapacity(p)
	if len(p.pairs) > 0 {
		jobs = append(jobs, s.report(EventDIDChange, []*pbxRec{p})...)
	}
	return jobs
}

// reportCapacity sends what a PBX may use; the caller holds mu.
func (s *Server) reportCapacity(p *pbxRec) []*job {
	text := func(n int64) string { return strconv.FormatInt(n, 10) }
	recording := "no"
	if p.RecordingMinutes > 0 {
		recording = "yes"
	}
	now := s.cfg.Now()
	body, err := CapacityBody(CapacityEvent{
		Modifier: or(p.Creator.Email, "api@reseller.example"), SN: p.Serial, UpdateTime: now.Unix(),
		Repository: CapacityRepository{
			Extensions: text(p.Extensions), ConcurrentCalls: text(p.ConcurrentCalls), EnableCallRecording: recording,
			RecordingCapacity: text(p.RecordingMinutes), Transcription: text(p.Transcription), Receptionist: "0", TranscriptionPack: "0", ReceptionistPack: "0",
		},
	})
	if err != nil {
		s.keepErr("reportCapacity", err)
		return nil
	}
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	return s.mail.postReports([]Report{{Serials: []string{p.Serial}, Events: []string{""}, At: now, Body: body}})
}

// GiveSerial ends the wait of a PBX for its serial number (Assumptions.LateSerial), and
// sends the reports that waited for it.
func (s *Server) GiveSerial(pbx int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.m.pbx(pbx)
	if err != nil {
		s.keepErr("GiveSerial", err)
		return
	}
	if p.unnamed {
		p.unnamed = false
		s.tell(p)
	}
}

func or0(n, fallback int) int {
	if n != 0 {
		return n
	}
	return fallback
}
