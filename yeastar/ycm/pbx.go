package ycm

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"cordboard/yeastar/internal/transport"
	"cordboard/yeastar/internal/wire"
)

// PBX is a Cloud PBX as YCM tells it (contract §3.3). Words and switches are the
// vendor's own spelling; what an answer left out is the zero value.
type PBX struct {
	ID     int64  // cloudPbxId
	Serial string // sn; "" right after creation
	Name   string
	// Status is Stopped, Starting, Running, Upgrading, Restoring or Provisioning.
	Status string
	// Activation is Activated or Unactivated.
	Activation string
	Plan       string // "Enterprise Plan" or "Ultimate Plan"
	PlanExpiry time.Time
	Type       string // Trial or Commercial
	Expiry     time.Time
	Region     string // the name, not the id
	URL        string // subDomain.domain
	Version    string // firmware, such as 84.19.0.22
	Created    time.Time

	Extensions            int64
	ConcurrentCalls       int64
	Recording             string // Enabled or Disabled
	RecordingMinutes      int64
	TranscriptionMinutes  int64  // in all
	TranscriptionExtra    *int64 // beyond the plan's own; nil when the answer did not tell
	UpgradeInPBX          string // Enabled or Disabled
	PasswordlessLogin     string // Enabled or Disabled
	CreatorName           string
	CreatorEmail          string
	ReceptionistCapacity  int64
	UsedTranscriptionMins int64
}

// PBXStatus is the answer of the status call (contract §3.8).
type PBXStatus struct {
	ID         int64
	Status     string
	Activation string
}

const (
	pbxPath     = "/dm/open_api/v1/cloud_pbx/instances"
	pbxListPath = "/dm/open_api/v2/cloud_pbx/instances"
)

// errWrongSubject says that an answer is about something else than was asked for.
var errWrongSubject = errors.New("the answer is about something else")

// pbxWire is PBX_Info; every field is optional.
type pbxWire struct {
	ID               wire.ID                 `json:"cloudPbxId"`
	Serial           wire.Text               `json:"sn"`
	Name             wire.Text               `json:"name"`
	Status           wire.Text               `json:"pbxStatus"`
	URL              wire.Text               `json:"url"`
	Version          wire.Text               `json:"version"`
	Activation       wire.Maybe[wire.Text]   `json:"activationStatus"`
	Plan             wire.Maybe[wire.Text]   `json:"plan"`
	PlanExpiry       wire.Maybe[wire.Time]   `json:"planExpirationDate"`
	Type             wire.Maybe[wire.Text]   `json:"type"`
	Expiry           wire.Maybe[wire.Time]   `json:"expirationDate"`
	Region           wire.Maybe[wire.Text]   `json:"region"`
	Created          wire.Maybe[wire.Time]   `json:"createTime"`
	Extensions       wire.Maybe[wire.Count]  `json:"extensionCapacity"`
	ConcurrentCalls  wire.Maybe[wire.Count]  `json:"concurrentCallCapacity"`
	Recording        wire.Maybe[wire.Text]   `json:"recordingStatus"`
	RecordingMinutes wire.Maybe[wire.Count]  `json:"recordingCapacity"`
	Transcription    wire.Maybe[*wire.Count] `json:"transcriptionCapacity"`
	TranscInPlan     wire.Maybe[*wire.Count] `json:"transcriptionCapacityPlan"`
	TranscExtra      wire.Maybe[*wire.Count] `json:"transcriptionCapacityAddon"`
	UsedTransc       wire.Maybe[wire.Count]  `json:"usedTranscription"`
	Receptionist     wire.Maybe[wire.Count]  `json:"receptionistCapacity"`
	UpgradeInPBX     wire.Maybe[wire.Text]   `json:"upgradeInPbx"`
	Passwordless     wire.Maybe[wire.Text]   `json:"passwordlessLogin"`
	Creator          wire.Maybe[creatorWire] `json:"creator"`
}

// creatorWire is who created a PBX.
type creatorWire struct {
	FirstName wire.Text `json:"firstName"`
	LastName  wire.Text `json:"lastName"`
	Email     wire.Text `json:"email"`
}

// pbx converts; an entry without an id is an error.
func (w pbxWire) pbx() (PBX, error) {
	if w.ID == 0 {
		return PBX{}, errors.New("a PBX without cloudPbxId")
	}
	creator := w.Creator.V
	return PBX{
		ID: int64(w.ID), Serial: string(w.Serial), Name: string(w.Name), Status: string(w.Status),
		Activation: string(w.Activation.V), Plan: string(w.Plan.V), PlanExpiry: w.PlanExpiry.V.Time,
		Type: string(w.Type.V), Expiry: w.Expiry.V.Time, Region: string(w.Region.V), URL: string(w.URL),
		Version: string(w.Version), Created: w.Created.V.Time, Extensions: int64(w.Extensions.V),
		ConcurrentCalls: int64(w.ConcurrentCalls.V), Recording: string(w.Recording.V),
		RecordingMinutes: int64(w.RecordingMinutes.V), TranscriptionMinutes: w.minutes(), TranscriptionExtra: w.extra(),
		UsedTranscriptionMins: int64(w.UsedTransc.V), ReceptionistCapacity: int64(w.Receptionist.V),
		UpgradeInPBX: string(w.UpgradeInPBX.V), PasswordlessLogin: string(w.Passwordless.V),
		CreatorName:  strings.TrimSpace(string(creator.FirstName + " " + creator.LastName)),
		CreatorEmail: string(creator.Email),
	}, nil
}

func (w pbxWire) minutes() int64 {
	if w.Transcription.V == nil {
		return 0
	}
	return int64(*w.Transcription.V)
}

// extra gives the AI minutes beyond the plan's own: told, or the rest of what is told.
func (w pbxWire) extra() *int64 {
	switch total, plan, extra := w.Transcription.V, w.TranscInPlan.V, w.TranscExtra.V; {
	case extra != nil:
		return new(int64(*extra))
	case total != nil && plan != nil:
		return new(int64(*total - *plan))
	}
	return nil
}

// ListPBXs gives every Cloud PBX of the account, complete or not at all, sorted
// by id (vendor page: Query All the Cloud PBXs, v2).
func (c *Client) ListPBXs(ctx context.Context) ([]PBX, error) {
	return pbxListing("list PBXs").read(ctx, c)
}

// CountPBXs gives how many Cloud PBXs the account has, by one call.
func (c *Client) CountPBXs(ctx context.Context) (int, error) {
	p, err := pbxListing("count PBXs").page(ctx, c, 1)
	return p.total, err
}

func pbxListing(op string) listing[pbxWire, PBX] {
	return listing[pbxWire, PBX]{
		op: op, path: pbxListPath, query: url.Values{"sort": {"cloudPbxId"}},
		convert: pbxWire.pbx, id: func(p PBX) int64 { return p.ID },
	}
}

// PBX reads one Cloud PBX (vendor page: Query a Specific Cloud PBX by ID).
func (c *Client) PBX(ctx context.Context, id int64) (PBX, error) {
	op := fmt.Sprintf("read PBX %d", id)
	if id <= 0 {
		return PBX{}, invalid(op, "a PBX id is a positive number")
	}
	a, err := c.get(ctx, op, fmt.Sprintf("%s/%d", pbxPath, id), nil)
	if err != nil {
		return PBX{}, err
	}
	p, err := decodePBX(op, a)
	if err == nil && p.ID != id {
		return PBX{}, malformed(op, a, errWrongSubject)
	}
	return p, err
}

// PBXByURL reads the Cloud PBX at address, which is subDomain.domain without a
// scheme (vendor page: Query a Specific Cloud PBX by URL). It settles a create
// whose answer was lost, so an answer without data is KindMalformed and not
// KindNotFound: only the vendor's own "not found" proves absence.
func (c *Client) PBXByURL(ctx context.Context, address string) (PBX, error) {
	op := "read the PBX by its URL"
	if address == "" {
		return PBX{}, invalid(op, "the URL is empty")
	}
	a, err := c.get(ctx, op, pbxPath+"/get", url.Values{"url": {address}})
	if err != nil {
		return PBX{}, err
	}
	p, err := decodePBX(op, a)
	if err == nil && p.URL != "" && !sameHost(p.URL, address) {
		return PBX{}, malformed(op, a, errWrongSubject)
	}
	return p, err
}

// sameHost compares two PBX addresses: case, scheme and trailing slash aside.
func sameHost(a, b string) bool {
	bare := func(s string) string {
		s = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(s), "https://"), "http://")
		return strings.TrimRight(s, "/")
	}
	return bare(a) == bare(b)
}

// decodePBX reads the PBX in an answer.
func decodePBX(op string, a transport.Answer) (PBX, error) {
	w, err := one[pbxWire](a.Data)
	if err != nil {
		return PBX{}, malformed(op, a, err)
	}
	p, err := w.pbx()
	if err != nil {
		return PBX{}, malformed(op, a, err)
	}
	return p, nil
}

// PBXStatus reads a PBX's state alone (vendor page: Query the Status of a
// Specific Cloud PBX).
func (c *Client) PBXStatus(ctx context.Context, id int64) (PBXStatus, error) {
	op := fmt.Sprintf("read the status of PBX %d", id)
	if id <= 0 {
		return PBXStatus{}, invalid(op, "a PBX id is a positive number")
	}
	a, err := c.get(ctx, op, fmt.Sprintf("%s/%d/status", pbxPath, id), nil)
	if err != nil {
		return PBXStatus{}, err
	}
	w, err := one[pbxWire](a.Data)
	if err != nil {
		return PBXStatus{}, malformed(op, a, err)
	}
	if w.Status == "" || w.ID != 0 && int64(w.ID) != id {
		return PBXStatus{}, malformed(op, a, errWrongSubject)
	}
	return PBXStatus{ID: id, Status: string(w.Status), Activation: string(w.Activation.V)}, nil
}
