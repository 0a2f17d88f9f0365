package yeastartest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The events of a DID report (seed 002).
const (
	EventDIDChange   = "did_change"
	EventDIDDelete   = "did_delete"
	EventTrunkDelete = "trunk_delete"
	EventPCEDelete   = "pce_delete"
)

// Event is one element of a DID report: all bindings of one PBX after a change.
// The keys stand in the order of seed 002.
type Event struct {
	Event            string    `json:"event"`
	SN               string    `json:"sn"`
	TrunkDIDInfoList []DIDInfo `json:"trunkDidInfoList"`
	UpdateTime       int64     `json:"updateTime"` // epoch milliseconds
}

// DIDInfo is one pair in an Event. Ids are decimal strings.
type DIDInfo struct {
	DID       string `json:"did"`
	DIDID     string `json:"didId"`
	TrunkID   string `json:"trunkId"`
	TrunkName string `json:"trunkName"`
}

// ReportBody writes events as YCM would post them: an array, with [] where a PBX
// has no DID.
func ReportBody(events ...Event) []byte {
	out := []byte{'['}
	for i, e := range events {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"event":`...)
		out = appendString(out, e.Event)
		out = append(out, `,"sn":`...)
		out = appendString(out, e.SN)
		out = append(out, `,"trunkDidInfoList":[`...)
		for j, d := range e.TrunkDIDInfoList {
			if j > 0 {
				out = append(out, ',')
			}
			out = append(out, object("did", d.DID, "didId", d.DIDID, "trunkId", d.TrunkID, "trunkName", d.TrunkName)...)
		}
		out = append(out, `],"updateTime":`...)
		out = strconv.AppendInt(out, e.UpdateTime, 10)
		out = append(out, '}')
	}
	return append(out, ']')
}

// CapacityEvent is one element of a capacity report (contract §6.5). It has no
// event field, and its time is in seconds.
type CapacityEvent struct {
	Modifier   string             `json:"modifier"`
	Repository CapacityRepository `json:"repository"`
	SN         string             `json:"sn"`
	UpdateTime int64              `json:"updateTime"` // epoch seconds
}

// CapacityRepository is what a PBX may use; all values are strings.
type CapacityRepository struct {
	Extensions          string `json:"extensions"`
	ConcurrentCalls     string `json:"concurrentCalls"`
	EnableCallRecording string `json:"enableCallRecording"` // yes or no
	RecordingCapacity   string `json:"recordingCapacity"`
	Transcription       string `json:"transcription"`
	Receptionist        string `json:"receptionist"`
	TranscriptionPack   string `json:"transcription_pack"`
	ReceptionistPack    string `json:"receptionist_pack"`
}

// CapacityBody writes capacity events as YCM would post them.
func CapacityBody(events ...CapacityEvent) ([]byte, error) {
	if events == nil {
		events = []CapacityEvent{}
	}
	body, err := json.Marshal(events)
	if err != nil {
		return nil, fmt.Errorf("yeastartest: capacity report: %w", err)
	}
	return body, nil
}

// SignedBody is the X-Signature of a body: Base64(HMAC-SHA256(secret, body)).
func SignedBody(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Report is a webhook body on its way, as WebhookPolicy sees it.
type Report struct {
	Serials []string  // of its elements, in order
	Events  []string  // of its elements, in order
	At      time.Time // when the change happened, by the vendor's clock
	Body    []byte
}

func newReport(at time.Time, events []Event) Report {
	r := Report{At: at, Body: ReportBody(events...)}
	for _, e := range events {
		r.Serials = append(r.Serials, e.SN)
		r.Events = append(r.Events, e.Event)
	}
	return r
}

func (r Report) String() string {
	return strings.Join(r.Events, ",") + " of " + strings.Join(r.Serials, ",")
}

// EventFor is the report element for the present state of a PBX, with a fresh
// updateTime: for tests that post by hand.
func (s *Server) EventFor(pbxID int64, event string) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.m.pbx(pbxID)
	if err != nil {
		s.keepErr("EventFor", err)
		return Event{}
	}
	return s.m.event(p, event, s.cfg.Now())
}

// event makes the element for a PBX; updateTime rises strictly for each serial.
func (m *model) event(p *pbxRec, event string, now time.Time) Event {
	p.lastEvent = max(now.UnixMilli(), p.lastEvent+1)
	e := Event{Event: event, SN: p.Serial, TrunkDIDInfoList: make([]DIDInfo, len(p.pairs)), UpdateTime: p.lastEvent}
	for i, b := range p.pairs {
		e.TrunkDIDInfoList[i] = DIDInfo{
			DID: m.dids[b.DID].Number, DIDID: strconv.FormatInt(b.DID, 10),
			TrunkID: strconv.FormatInt(b.Trunk, 10), TrunkName: m.trunks[b.Trunk].Name,
		}
	}
	return e
}

// report sends what happened to the touched PBXs; the caller holds mu, so that
// reports leave in the order of their changes. With Quiet nothing is sent.
func (s *Server) report(event string, touched []*pbxRec, opts ...Option) []*job {
	if quiet(opts) {
		return nil
	}
	var events []Event
	for _, p := range touched {
		deleted := event == EventDIDDelete || event == EventTrunkDelete
		if deleted && len(p.pairs) == 0 && s.a.NoEventWhenEmpty {
			continue
		}
		events = append(events, s.m.event(p, event, s.cfg.Now()))
	}
	if len(events) == 0 {
		return nil
	}
	return s.mail.post(s.cfg.Now(), events)
}

// SendBody posts any body, signed, to all webhooks by the policy: a test message,
// a capacity report, an old report once more.
func (s *Server) SendBody(body []byte) {
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	s.mail.postReports([]Report{{At: s.cfg.Now(), Body: body}})
}
