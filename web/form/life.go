package form

import (
	"net/url"
	"strings"

	"cordboard/sync/fleet"
)

// The fields of the forms by which a PBX's life is run, beside those of a new PBX.
const (
	FieldBase   = "base"   // what was seen
	FieldBound  = "bound"  // the numbers that were seen
	FieldLower  = "lower"  // fewer recording minutes are meant
	FieldAdd    = "add"    // customers
	FieldRemove = "remove" // customers
)

// FeatureFields are the name and the switches, in the order of the form; the first five the vendor
// wants every time.
func FeatureFields() []string {
	return []string{FieldPBXName, FieldUpgrade, FieldIM, FieldPasswordless, FieldSuperior, FieldAPI, FieldViaTemplate, FieldTrunkAccess}
}

// CapacityFields are those of a resize, in the order of the form.
func CapacityFields() []string {
	return []string{FieldExtensions, FieldCalls, FieldRecording, FieldTranscription}
}

// ReadFeatures decodes an edit of name and switches.
func ReadFeatures(v url.Values) fleet.PBXFeatures {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	on := func(name string) fleet.Switch { return fleet.Switch(text(name)) }
	return fleet.PBXFeatures{
		Name: text(FieldPBXName), UpgradeInPBX: on(FieldUpgrade), IM: on(FieldIM), PasswordlessLogin: on(FieldPasswordless), SuperiorLogin: on(FieldSuperior),
		API: on(FieldAPI), ViaTemplate: on(FieldViaTemplate), TrunkAccess: on(FieldTrunkAccess),
	}
}

// ReadCapacity decodes a resize. said is false where no word was lost on extra AI minutes: those that
// are there stay.
func ReadCapacity(v url.Values) (c fleet.PBXCapacity, said bool, wrong []fleet.Field) {
	var r reader
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	c = r.capacity(text)
	return c, text(FieldTranscription) != "", r.fields
}

// ReadCustomers decodes a list of customers.
func ReadCustomers(v url.Values, field string) ([]fleet.CustomerID, []fleet.Field) {
	var r reader
	return r.customers(v, field), r.fields
}
