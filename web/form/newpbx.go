package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/sync/fleet"
)

// The fields of the form for a new PBX have the vendor's names (seed 001). recordingStatus has no
// control of its own: 0 minutes are Disabled.
const (
	FieldPBXName       = "name"
	FieldPlan          = "plan"
	FieldExtensions    = "extensionCapacity"
	FieldCalls         = "concurrentCallCapacity"
	FieldRecording     = "recordingCapacity"
	FieldTranscription = "transcriptionCapacity"
	FieldRegion        = "regionId"
	FieldSubDomain     = "subDomain"
	FieldDomain        = "domainId"
	FieldType          = "type"
	FieldExpiry        = "expirationDate"
	FieldRunsOn        = "allowRunAfterExpirationDate"
	FieldVersion       = "versionId"
	FieldCustomers     = "customerIds"
	FieldUpgrade       = "upgradeInPbx"
	FieldIM            = "im"
	FieldPasswordless  = "passwordlessLogin"
	FieldSuperior      = "allowSuperiorPasswordlessLogin"
	FieldViaTemplate   = "provisioningViaTemplate"
	FieldTemplate      = "provisionTemplateId"

	FieldAPI         = "pbxApi"                   // of an edit alone
	FieldTrunkAccess = "trunkConfigurationAccess" // of an edit alone

	FieldMail = "mail" // the activation mail, when it runs
	FieldKey  = "key"  // names the form, so that sent twice it asks once

	fieldRecordingStatus = "recordingStatus"
)

// NewPBXFields are the fields in the order of the form.
func NewPBXFields() []string {
	return []string{FieldRegion, FieldDomain, FieldVersion, FieldSubDomain, FieldPBXName, FieldPlan, FieldType, FieldCustomers, FieldExtensions, FieldCalls,
		FieldRecording, FieldTranscription, FieldExpiry, FieldRunsOn, FieldUpgrade, FieldIM, FieldPasswordless, FieldSuperior, FieldViaTemplate, FieldTemplate, FieldBind, FieldNumbers}
}

// NewPBX is what the form for a new PBX asks for.
type NewPBX struct {
	Spec fleet.PBXSpec
	Bind []fleet.Binding
	Mail bool
	Key  string
}

// ReadNewPBX decodes the form. What can't be read is left out and told as a field; what is missing is
// left to [fleet.Check], except where nothing typed could pass for a zero.
func ReadNewPBX(v url.Values) (NewPBX, []fleet.Field) {
	var r reader
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	n := NewPBX{Bind: r.pairs(v, FieldBind), Mail: text(FieldMail) != "", Key: text(FieldKey)}
	n.Spec = fleet.PBXSpec{
		Name: text(FieldPBXName), Plan: fleet.PBXPlan(text(FieldPlan)), Type: fleet.PBXType(text(FieldType)), SubDomain: text(FieldSubDomain),
		PBXCapacity: r.capacity(text),
		Region:      fleet.RegionID(r.id(text, FieldRegion, "Choose one of the regions.")),
		Domain:      fleet.DomainID(r.id(text, FieldDomain, "Choose one of the domains.")),
		Version:     fleet.VersionID(r.id(text, FieldVersion, "Choose one of the firmwares.")),
		Template:    fleet.TemplateID(r.id(text, FieldTemplate, "Choose one of the templates, or none.")),

		UpgradeInPBX: fleet.Switch(text(FieldUpgrade)), IM: fleet.Switch(text(FieldIM)), PasswordlessLogin: fleet.Switch(text(FieldPasswordless)),
		SuperiorLogin: fleet.Switch(text(FieldSuperior)), ViaTemplate: fleet.Switch(text(FieldViaTemplate)),
	}
	n.Spec.Customers = r.customers(v, FieldCustomers)
	n.Spec.ExpiresAt = r.day(text(FieldExpiry))
	switch on := text(FieldRunsOn); on {
	case "":
	case "true", "false":
		if text(FieldExpiry) != "" { // an answer to a question that nobody asks is none
			n.Spec.RunsOn = fleet.SwitchOf(on == "true")
		}
	default:
		r.wrong(FieldRunsOn, "It runs on, or it stops.")
	}
	return n, r.fields
}

// day reads when a PBX expires. The beginning of the year 1 is no day but the absence of one.
func (r *reader) day(text string) time.Time {
	at, ok := Time(text)
	if !ok || text != "" && at.IsZero() {
		r.wrong(FieldExpiry, "A day, such as 2027-12-31.")
		return time.Time{}
	}
	return at
}

// capacity reads what a PBX may use. Nothing typed for the recording is no answer: 0 is one.
func (r *reader) capacity(text func(string) string) fleet.PBXCapacity {
	c := fleet.PBXCapacity{
		Extensions: r.number(text, FieldExtensions), ConcurrentCalls: r.number(text, FieldCalls), Transcription: r.number(text, FieldTranscription),
	}
	if text(FieldRecording) == "" {
		r.wrong(FieldRecording, "Minutes; 0 turns recording off.")
	}
	c.Record(r.number(text, FieldRecording))
	return c
}

// number reads a whole number that may be missing.
func (r *reader) number(text func(string) string, field string) int64 {
	typed := text(field)
	if typed == "" {
		return 0
	}
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || typed[0] == '+' {
		r.wrong(field, "A whole number in plain digits, such as 20.")
		return 0
	}
	return n
}

// id reads a choice that may be missing.
func (r *reader) id(text func(string) string, field, rule string) int64 {
	typed := text(field)
	if typed == "" {
		return 0
	}
	id, ok := ID(typed)
	if !ok {
		r.wrong(field, "%s", rule)
	}
	return id
}

// customers reads chosen customers, each once, in the order in which they come.
func (r *reader) customers(v url.Values, field string) []fleet.CustomerID {
	var list []fleet.CustomerID
	for _, text := range v[field] {
		id, ok := ID(text)
		if !ok {
			r.wrong(field, "%q names no customer.", short(text))
		} else if !slices.Contains(list, fleet.CustomerID(id)) {
			list = append(list, fleet.CustomerID(id))
		}
	}
	return list
}

// InOrder joins what could not be read with what breaks a rule: of each field the first, in the order
// of the form. What is wrong with recordingStatus is wrong with its one control.
func InOrder(order []string, lists ...[]fleet.Field) []fleet.Field {
	var all []fleet.Field
	for _, f := range slices.Concat(lists...) {
		if f.Name == fieldRecordingStatus {
			f.Name = FieldRecording
		}
		if !slices.ContainsFunc(all, func(x fleet.Field) bool { return x.Name == f.Name }) {
			all = append(all, f)
		}
	}
	at := func(f fleet.Field) int {
		if i := slices.Index(order, f.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(all, func(a, b fleet.Field) int { return at(a) - at(b) })
	return all
}

// CustomerPrefix stands before the names of a new customer's fields: the form around it has a name
// of its own.
const CustomerPrefix = "customer."

// CustomerFields are the fields of a new customer, in the order of the form.
func CustomerFields() []string {
	return []string{CustomerPrefix + "company", CustomerPrefix + "firstName", CustomerPrefix + "lastName", CustomerPrefix + "email"}
}

// ReadCustomer decodes a new customer.
func ReadCustomer(v url.Values) fleet.Customer {
	text := func(name string) string { return strings.TrimSpace(v.Get(CustomerPrefix + name)) }
	return fleet.Customer{Company: text("company"), FirstName: text("firstName"), LastName: text("lastName"), Email: text("email")}
}
