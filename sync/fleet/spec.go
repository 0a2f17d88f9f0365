package fleet

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RegionID is the vendor's id of a region in which PBXs run.
type RegionID int64

// DomainID is the vendor's id of a domain name under which PBXs have their addresses.
type DomainID int64

// VersionID is the vendor's id of a firmware that a new PBX can get. The version itself is a [Firmware].
type VersionID int64

// CustomerID is the vendor's id of a customer.
type CustomerID int64

// TemplateID is the vendor's id of a provisioning template.
type TemplateID int64

// String is the id in decimal, as it stands in URLs.
func (id CustomerID) String() string { return strconv.FormatInt(int64(id), 10) }

// Switch is one of the vendor's Enabled/Disabled settings. The zero value is neither: nobody said,
// which is an error wherever the vendor wants an answer.
type Switch string

// The two answers.
const (
	On  Switch = "Enabled"
	Off Switch = "Disabled"
)

// SwitchOf is the answer that a control with two states gives.
func SwitchOf(on bool) Switch {
	if on {
		return On
	}
	return Off
}

// Said reports whether s is an answer at all.
func (s Switch) Said() bool { return s == On || s == Off }

// PBXPlan is what the vendor calls the plan of a PBX: what its subscription pays for.
type PBXPlan string

// The plans of seed 001.
const (
	EnterprisePlan PBXPlan = "Enterprise Plan"
	UltimatePlan   PBXPlan = "Ultimate Plan"
)

// PBXType is whether a PBX is tried or paid for.
type PBXType string

// The types of seed 001.
const (
	Trial      PBXType = "Trial"
	Commercial PBXType = "Commercial"
)

// The vendor's limits of a PBX (contract §3.4).
const (
	MaxExtensions = 500
	// MaxCustomers is the cap of a sibling product; the one of YCM is not documented (contract §8 row 23).
	MaxCustomers = 3
	// MaxSubDomain is what one part of a host name may have.
	MaxSubDomain = 63
	// FreeRecording are the recording minutes of a PBX that are not charged to the subscription.
	FreeRecording = 500
)

// PBXSpec is everything that a new PBX shall be (seed 001). The zero value asks for nothing that
// [Check] would let pass. The names in JSON are those of our own record, not the vendor's.
type PBXSpec struct {
	Name string `json:"name"`
	PBXCapacity
	Plan      PBXPlan      `json:"plan"`
	Type      PBXType      `json:"type"`
	Region    RegionID     `json:"region"`
	SubDomain string       `json:"sub_domain"`
	Domain    DomainID     `json:"domain"`
	Version   VersionID    `json:"version"`
	Customers []CustomerID `json:"customers"`
	ExpiresAt time.Time    `json:"expires_at,omitzero"` // zero = never said
	RunsOn    Switch       `json:"runs_on,omitempty"`   // whether it runs on after ExpiresAt; needed with it

	UpgradeInPBX      Switch     `json:"upgrade_in_pbx"`
	IM                Switch     `json:"im"`
	PasswordlessLogin Switch     `json:"passwordless_login"`
	SuperiorLogin     Switch     `json:"superior_login"`         // allowSuperiorPasswordlessLogin
	ViaTemplate       Switch     `json:"via_template,omitempty"` // optional
	Template          TemplateID `json:"template,omitempty"`     // 0 = none
}

// PBXCapacity is what a PBX may use of the subscription. A resize sends it whole (contract §3.7).
type PBXCapacity struct {
	Extensions       int64  `json:"extensions"`
	ConcurrentCalls  int64  `json:"concurrent_calls"`
	Recording        Switch `json:"recording"`
	RecordingMinutes int64  `json:"recording_minutes"`       // 0 exactly when Recording is off
	Transcription    int64  `json:"transcription,omitempty"` // AI minutes beyond the plan's own
}

// Record sets both vendor fields of the one control: 0 minutes is off.
func (c *PBXCapacity) Record(minutes int64) {
	c.Recording, c.RecordingMinutes = SwitchOf(minutes > 0), minutes
}

// URL is the address that the PBX gets in a domain, in lower case: host names have no case.
func (s PBXSpec) URL(domain string) string {
	return strings.ToLower(s.SubDomain + "." + strings.TrimPrefix(domain, "."))
}

// Same reports whether both ask for the same PBX.
func (s PBXSpec) Same(o PBXSpec) bool {
	if !s.ExpiresAt.Equal(o.ExpiresAt) || !slices.Equal(s.Customers, o.Customers) {
		return false
	}
	s.ExpiresAt, o.ExpiresAt, s.Customers, o.Customers = time.Time{}, time.Time{}, nil, nil
	return reflect.DeepEqual(s, o)
}

// PBXFeatures is the name and the switches of a PBX. The vendor's update is no patch: the first five
// go out every time (contract §3.6). An optional one that nobody said is left out.
type PBXFeatures struct {
	Name              string `json:"name"`
	UpgradeInPBX      Switch `json:"upgrade_in_pbx"`
	IM                Switch `json:"im"`
	PasswordlessLogin Switch `json:"passwordless_login"`
	SuperiorLogin     Switch `json:"superior_login"`
	API               Switch `json:"pbx_api,omitempty"`      // optional: the PBX's own API
	ViaTemplate       Switch `json:"via_template,omitempty"` // optional
	TrunkAccess       Switch `json:"trunk_access,omitempty"` // optional: trunkConfigurationAccess
}

// Features are those that a new PBX starts with.
func (s PBXSpec) Features() PBXFeatures {
	return PBXFeatures{Name: s.Name, UpgradeInPBX: s.UpgradeInPBX, IM: s.IM, PasswordlessLogin: s.PasswordlessLogin,
		SuperiorLogin: s.SuperiorLogin, ViaTemplate: s.ViaTemplate}
}

// Over is f, with what it leaves unsaid taken from o.
func (f PBXFeatures) Over(o PBXFeatures) PBXFeatures {
	if f.Name == "" {
		f.Name = o.Name
	}
	for _, s := range []struct{ own, other *Switch }{
		{&f.UpgradeInPBX, &o.UpgradeInPBX}, {&f.IM, &o.IM}, {&f.PasswordlessLogin, &o.PasswordlessLogin}, {&f.SuperiorLogin, &o.SuperiorLogin},
		{&f.API, &o.API}, {&f.ViaTemplate, &o.ViaTemplate}, {&f.TrunkAccess, &o.TrunkAccess},
	} {
		if !s.own.Said() {
			*s.own = *s.other
		}
	}
	return f
}

// PBXDetail is everything that YCM's reads tell of one PBX (contract §3.3). What a read left out is
// the zero value; internal chat, superior login and the optional switches no read tells.
type PBXDetail struct {
	PBX
	PBXCapacity
	ExtraKnown        bool    // false: the read did not tell the Transcription of PBXCapacity
	Plan              PBXPlan // may also be words that seed 001 does not have
	Type              PBXType
	Activated         Switch // On = Activated, Off = Unactivated
	CreatedAt         time.Time
	ExpiresAt         time.Time
	UpgradeInPBX      Switch
	PasswordlessLogin Switch
}

// Features are the name and switches that the read told.
func (d PBXDetail) Features() PBXFeatures {
	return PBXFeatures{Name: d.Name, UpgradeInPBX: d.UpgradeInPBX, PasswordlessLogin: d.PasswordlessLogin}
}
