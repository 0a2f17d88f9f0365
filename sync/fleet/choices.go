package fleet

import (
	"slices"
	"time"
)

// Region is where PBXs run. Reads of a PBX give the name only, spelled in several ways.
type Region struct {
	ID   RegionID
	Name string
}

// Domain is a domain name of a region: a PBX's address is subDomain.Name.
type Domain struct {
	ID     DomainID
	Region RegionID
	Name   string
}

// FirmwareChoice is a firmware that a new PBX can get. No regions means every one.
type FirmwareChoice struct {
	ID      VersionID
	Version Firmware
	Regions []RegionID
}

// In reports whether the firmware can be had in a region.
func (f FirmwareChoice) In(r RegionID) bool {
	return len(f.Regions) == 0 || slices.Contains(f.Regions, r)
}

// Customer is whom a PBX is run for. The fields after Email are optional.
type Customer struct {
	ID        CustomerID
	FirstName string
	Company   string
	Email     string
	LastName  string

	BusinessNumber string
	MobileNumber   string
	HomeNumber     string
	FaxNumber      string
	ZipCode        string
	Street         string
	City           string
	State          string
	Country        string
	Remark         string
}

// Template is a provisioning template.
type Template struct {
	ID        TemplateID
	Name      string
	ChangedAt time.Time
}

// Allowance is one thing that the subscription pays for. Known is false when YCM did not say what is
// left: then nothing may be concluded from the figures.
type Allowance struct {
	Known bool
	Total int64
	Used  int64
	Left  int64
}

// Capacity is what the subscription has left. The unit of UltimatePlan is not documented.
type Capacity struct {
	Extensions       Allowance
	ConcurrentCalls  Allowance
	RecordingMinutes Allowance
	Transcription    Allowance
	UltimatePlan     Allowance
	ExpiresAt        time.Time // of the subscription; zero = not told
	RecordingUntil   time.Time // until when its recording minutes last; zero = not told
}

// Choices is what a [PBXSpec] is judged by. A nil list, or a nil Capacity, was not looked up: then
// nothing is concluded from it. An empty list was, and has nothing to choose.
type Choices struct {
	Regions   []Region
	Domains   []Domain
	Firmwares []FirmwareChoice
	Customers []Customer
	Templates []Template
	Capacity  *Capacity
}

// Region finds a region by its id.
func (c Choices) Region(id RegionID) (Region, bool) {
	return pick(c.Regions, func(r Region) bool { return r.ID == id })
}

// Domain finds a domain by its id.
func (c Choices) Domain(id DomainID) (Domain, bool) {
	return pick(c.Domains, func(d Domain) bool { return d.ID == id })
}

// Firmware finds a firmware by its id.
func (c Choices) Firmware(id VersionID) (FirmwareChoice, bool) {
	return pick(c.Firmwares, func(f FirmwareChoice) bool { return f.ID == id })
}

// Customer finds a customer by its id.
func (c Choices) Customer(id CustomerID) (Customer, bool) {
	return pick(c.Customers, func(x Customer) bool { return x.ID == id })
}

// Template finds a template by its id.
func (c Choices) Template(id TemplateID) (Template, bool) {
	return pick(c.Templates, func(t Template) bool { return t.ID == id })
}

func pick[T any](list []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}
