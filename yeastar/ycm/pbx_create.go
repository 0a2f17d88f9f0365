package ycm

import (
	"context"
	"net/http"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/wire"
)

// NewPBX is the body of a creation (seed 001). The order of the JSON keys is that of the vendor's
// table; optional fields that are not set are left out.
type NewPBX struct {
	Name                   string `json:"name"`
	Plan                   string `json:"plan"` // "Enterprise Plan" or "Ultimate Plan"
	ExtensionCapacity      int64  `json:"extensionCapacity"`
	ConcurrentCallCapacity int64  `json:"concurrentCallCapacity"`
	RecordingStatus        string `json:"recordingStatus"`   // Enabled or Disabled, as all switches below
	RecordingCapacity      int64  `json:"recordingCapacity"` // minutes; 0 disables recording
	TranscriptionCapacity  int64  `json:"transcriptionCapacity,omitempty"`
	RegionID               int64  `json:"regionId"`
	SubDomain              string `json:"subDomain"`
	DomainID               int64  `json:"domainId"`
	Type                   string `json:"type"` // Trial or Commercial
	// ExpirationDate is in epoch seconds; 0 leaves it out. With it the vendor wants
	// AllowRunAfterExpirationDate too.
	ExpirationDate                 int64   `json:"expirationDate,omitempty"`
	AllowRunAfterExpirationDate    *bool   `json:"allowRunAfterExpirationDate,omitempty"`
	VersionID                      int64   `json:"versionId"`
	CustomerIDs                    []int64 `json:"customerIds"`
	UpgradeInPBX                   string  `json:"upgradeInPbx"`
	IM                             string  `json:"im"`
	PasswordlessLogin              string  `json:"passwordlessLogin"`
	AllowSuperiorPasswordlessLogin string  `json:"allowSuperiorPasswordlessLogin"`
	ProvisioningViaTemplate        string  `json:"provisioningViaTemplate,omitempty"`
	ProvisionTemplateID            int64   `json:"provisionTemplateId,omitempty"`
}

// incomplete says what a creation can't be sent without, "" when nothing is missing.
func (p NewPBX) incomplete() string {
	switch {
	case p.Name == "" || p.SubDomain == "" || p.Plan == "" || p.Type == "":
		return "a new PBX needs a name, a sub-domain, a plan and a type"
	case p.RegionID <= 0 || p.DomainID <= 0 || p.VersionID <= 0:
		return "a new PBX needs a region, a domain and a firmware"
	case len(p.CustomerIDs) == 0:
		return "a new PBX needs a customer"
	case p.ExpirationDate != 0 && p.AllowRunAfterExpirationDate == nil:
		return "with an expiration date the vendor wants to know whether the PBX runs on after it"
	}
	return ""
}

// CreatePBX creates a Cloud PBX and gives its id (vendor page: Create a Cloud PBX, seed 001). It is
// sent once and never again: there is no idempotency key, so after an error whose fate is
// yeastar.SentUnknown look for the PBX by its URL first. A success without a usable id is such an
// error too.
func (c *Client) CreatePBX(ctx context.Context, p NewPBX) (int64, Receipt, error) {
	const op = "create a PBX"
	if problem := p.incomplete(); problem != "" {
		return 0, Receipt{}, invalid(op, problem)
	}
	a, r, err := c.write(ctx, op, http.MethodPost, pbxPath, p)
	if err != nil {
		return 0, r, err
	}
	w, err := one[struct {
		ID wire.ID `json:"cloudPbxId"`
	}](a.Data)
	if err != nil || w.ID == 0 {
		return 0, r, &yeastar.Error{Op: op, Kind: yeastar.KindMalformed, Sent: yeastar.SentUnknown,
			Msg: "Success without the id of the new PBX", RequestID: a.RequestID, Err: err}
	}
	return int64(w.ID), r, nil
}
