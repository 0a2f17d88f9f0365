package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Check holds what a new PBX shall be against the vendor's rules, and against what there is to choose,
// as far as that was looked up. The fields have the vendor's names (seed 001), in its order; nil means
// that nothing is wrong.
func Check(s PBXSpec, c Choices) []Field {
	var f findings
	f.name(s.Name)
	f.need(slices.Contains([]PBXPlan{EnterprisePlan, UltimatePlan}, s.Plan), "plan", "Enterprise Plan or Ultimate Plan.")
	f.capacity(s.PBXCapacity)
	f.place(s, c)
	f.need(s.Type == Trial || s.Type == Commercial, "type", "Trial or Commercial.")
	f.expiry(s)
	f.customers(s.Customers, c)
	f.switches(s.Features())
	f.template(s, c)
	f.firmware(s, c)
	f.left(s, c.Capacity)
	return f.list
}

// CheckCapacity holds a resize against the vendor's rules.
func CheckCapacity(p PBXCapacity) []Field {
	var f findings
	f.capacity(p)
	return f.list
}

// CheckWords finds switches that say something else than on or off: what is not said may be completed,
// what is misspelt must not.
func CheckWords(p PBXFeatures) []Field {
	var f findings
	for _, s := range []struct {
		field string
		value Switch
	}{
		{"upgradeInPbx", p.UpgradeInPBX}, {"im", p.IM}, {"passwordlessLogin", p.PasswordlessLogin}, {"allowSuperiorPasswordlessLogin", p.SuperiorLogin},
		{"pbxApi", p.API}, {"provisioningViaTemplate", p.ViaTemplate}, {"trunkConfigurationAccess", p.TrunkAccess},
	} {
		f.optional(s.field, s.value)
	}
	return f.list
}

// CheckFeatures holds an edit of name and switches against the vendor's rules: the five required
// ones must be said, every time.
func CheckFeatures(p PBXFeatures) []Field {
	var f findings
	f.name(p.Name)
	f.switches(p)
	f.optional("pbxApi", p.API)
	f.optional("provisioningViaTemplate", p.ViaTemplate)
	f.optional("trunkConfigurationAccess", p.TrunkAccess)
	return f.list
}

// CheckCustomer holds a new customer against the vendor's rules (contract §4.4).
func CheckCustomer(c Customer) []Field {
	var f findings
	f.need(strings.TrimSpace(c.FirstName) != "", "firstName", "The first name of somebody there.")
	f.need(strings.TrimSpace(c.Company) != "", "company", "The company's name.")
	local, host, at := strings.Cut(c.Email, "@")
	f.need(at && local != "" && host != "" && !strings.ContainsAny(c.Email, " \t\r\n") && !strings.Contains(host, "@"), "email", "An e-mail address: the activation mail goes there.")
	return f.list
}

// Cautions are what a person should hear before a PBX is made that the rules allow.
func Cautions(s PBXSpec, now time.Time) []Field {
	var f findings
	f.need(s.ExpiresAt.IsZero() || s.ExpiresAt.After(now), "expirationDate", "This day is past.")
	return f.list
}

// findings collects what is wrong: one rule for each field, the first one broken.
type findings struct{ list []Field }

func (f *findings) need(ok bool, field, rule string) {
	if !ok && !slices.ContainsFunc(f.list, func(x Field) bool { return x.Name == field }) {
		f.list = append(f.list, Field{Name: field, Rule: rule})
	}
}

func (f *findings) name(name string) {
	f.need(strings.TrimSpace(name) != "", "name", "A name for the PBX.")
	f.need(!strings.ContainsFunc(name, unicode.IsControl), "name", "One line of text.")
}

func (f *findings) capacity(p PBXCapacity) {
	f.need(p.Extensions >= 1 && p.Extensions <= MaxExtensions, "extensionCapacity", fmt.Sprintf("A number from 1 to %d.", MaxExtensions))
	f.need(p.ConcurrentCalls >= 1, "concurrentCallCapacity", "A number from 1.")
	f.need(p.Recording.Said(), "recordingStatus", "Enabled or Disabled.")
	f.need(p.RecordingMinutes >= 0, "recordingCapacity", "Minutes; 0 turns recording off.")
	f.need(p.Recording != On || p.RecordingMinutes > 0, "recordingCapacity", "Recording that is Enabled needs minutes; 0 turns it off.")
	f.need(p.Recording != Off || p.RecordingMinutes == 0, "recordingStatus", "With recording minutes it is Enabled; 0 minutes turn it off.")
	f.need(p.Transcription >= 0, "transcriptionCapacity", "Minutes beyond the plan's own, or 0.")
}

// place judges region, domain, firmware and the address that they make.
func (f *findings) place(s PBXSpec, c Choices) {
	_, known := c.Region(s.Region)
	f.need(s.Region > 0 && (known || c.Regions == nil), "regionId", "Choose one of the regions.")
	f.need(isLabel(s.SubDomain), "subDomain", fmt.Sprintf("Letters, digits and hyphens, at most %d, with no hyphen at either end.", MaxSubDomain))
	d, known := c.Domain(s.Domain)
	f.need(s.Domain > 0 && (c.Domains == nil || known && d.Region == s.Region), "domainId", "Choose a domain of that region.")
}

func isLabel(s string) bool {
	for _, r := range s {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return s != "" && len(s) <= MaxSubDomain && s[0] != '-' && s[len(s)-1] != '-'
}

// Times outside of these are a slip of the unit: the vendor wants seconds.
var (
	earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

func (f *findings) expiry(s PBXSpec) {
	if s.ExpiresAt.IsZero() {
		f.need(s.RunsOn == "", "expirationDate", "Whether it runs on after its expiry needs a day on which it expires.")
		return
	}
	f.need(s.ExpiresAt.After(earliest) && s.ExpiresAt.Before(latest), "expirationDate", "A day; in JSON in seconds since 1970.")
	f.need(s.RunsOn.Said(), "allowRunAfterExpirationDate", "Say whether the PBX runs on after it has expired.")
}

func (f *findings) customers(ids []CustomerID, c Choices) {
	f.need(len(ids) > 0, "customerIds", "Choose at least one customer.")
	f.need(len(ids) <= MaxCustomers, "customerIds", fmt.Sprintf("At most %d customers.", MaxCustomers))
	for i, id := range ids {
		_, known := c.Customer(id)
		f.need(id > 0 && (known || c.Customers == nil), "customerIds", fmt.Sprintf("There is no customer %d.", id))
		f.need(!slices.Contains(ids[:i], id), "customerIds", "A customer stands twice.")
	}
}

func (f *findings) switches(p PBXFeatures) {
	const either = "Enabled or Disabled."
	f.need(p.UpgradeInPBX.Said(), "upgradeInPbx", either)
	f.need(p.IM.Said(), "im", either)
	f.need(p.PasswordlessLogin.Said(), "passwordlessLogin", either)
	f.need(p.SuperiorLogin.Said(), "allowSuperiorPasswordlessLogin", either)
	f.need(p.SuperiorLogin != On || p.PasswordlessLogin == On, "allowSuperiorPasswordlessLogin", "Only together with passwordless login.")
}

func (f *findings) optional(field string, s Switch) {
	f.need(s == "" || s.Said(), field, "Enabled, Disabled, or not said.")
}

func (f *findings) template(s PBXSpec, c Choices) {
	f.optional("provisioningViaTemplate", s.ViaTemplate)
	f.need(s.Template == 0 || s.ViaTemplate == On, "provisioningViaTemplate", "A template needs provisioning by template to be Enabled.")
	_, known := c.Template(s.Template)
	f.need(s.Template >= 0 && (s.Template == 0 || known || c.Templates == nil), "provisionTemplateId", "Choose one of the templates, or none.")
}

// firmware judges the version, and what it does not take: the vendor ignores that without a word
// (contract §7.7).
func (f *findings) firmware(s PBXSpec, c Choices) {
	v, known := c.Firmware(s.Version)
	f.need(s.Version > 0 && (c.Firmwares == nil || known && v.In(s.Region)), "versionId", "Choose a firmware of that region.")
	if !known {
		return
	}
	f.need(s.IM != On || v.Version.AtLeast(FirmwareIM), "im", fmt.Sprintf("Internal chat needs firmware %s or later; this one is %s.", FirmwareIM, v.Version))
	f.need(s.Transcription == 0 || v.Version.AtLeast(FirmwareTranscription), "transcriptionCapacity",
		fmt.Sprintf("Extra AI minutes need firmware %s or later; this one is %s.", FirmwareTranscription, v.Version))
}

// left judges what is asked for against what the subscription has left, as far as that is known.
func (f *findings) left(s PBXSpec, c *Capacity) {
	if c == nil {
		return
	}
	for _, ask := range []struct {
		field string
		wants int64
		from  Allowance
	}{
		{"extensionCapacity", s.Extensions, c.Extensions},
		{"concurrentCallCapacity", s.ConcurrentCalls, c.ConcurrentCalls},
		{"recordingCapacity", max(s.RecordingMinutes-FreeRecording, 0), c.RecordingMinutes},
		{"transcriptionCapacity", s.Transcription, c.Transcription},
	} {
		f.need(ask.wants <= 0 || !ask.from.Known || ask.wants <= ask.from.Left, ask.field, fmt.Sprintf("The subscription has %d left.", max(ask.from.Left, 0)))
	}
	f.need(s.Plan != UltimatePlan || !c.UltimatePlan.Known || c.UltimatePlan.Left > 0, "plan", "The subscription has no Ultimate Plan left.")
}
