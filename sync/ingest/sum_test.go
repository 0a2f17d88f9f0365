package ingest

import (
	"testing"

	"cordboard/sync/fleet"
)

func TestTheStateOfADeliveryIsThatOfItsElements(t *testing.T) {
	const (
		digested  = fleet.DeliveryDigested
		duplicate = fleet.DeliveryDuplicate
		late      = fleet.DeliveryLate
		parked    = fleet.DeliveryParked
		dead      = fleet.DeliveryDead
	)
	tests := []struct {
		elements []fleet.DeliveryState
		want     fleet.DeliveryState
		note     string
	}{
		{nil, digested, "The report lists no PBX."},
		{[]fleet.DeliveryState{digested}, digested, ""},
		{[]fleet.DeliveryState{duplicate}, duplicate, ""},
		{[]fleet.DeliveryState{late}, late, ""},
		{[]fleet.DeliveryState{parked}, parked, "element 0 is parked"},
		{[]fleet.DeliveryState{dead}, dead, "element 0 is dead"},
		{[]fleet.DeliveryState{duplicate, duplicate}, duplicate, ""},
		{[]fleet.DeliveryState{late, late}, late, ""},
		{[]fleet.DeliveryState{late, duplicate}, digested, ""},
		{[]fleet.DeliveryState{duplicate, digested}, digested, ""},
		{[]fleet.DeliveryState{late, digested}, digested, ""},
		{[]fleet.DeliveryState{digested, parked}, parked, "element 1 is parked"},
		{[]fleet.DeliveryState{duplicate, parked, duplicate}, parked, "element 1 is parked"},
		{[]fleet.DeliveryState{digested, dead, digested}, dead, "element 1 is dead"},
		{[]fleet.DeliveryState{parked, dead}, dead, "element 1 is dead"},
		{[]fleet.DeliveryState{dead, parked}, dead, "element 0 is dead"},
		{[]fleet.DeliveryState{parked, parked}, parked, "element 0 is parked"},
	}
	for _, tt := range tests {
		elements := make([]fleet.Element, len(tt.elements))
		for i, state := range tt.elements {
			elements[i] = fleet.Element{State: state, Error: "element " + string('0'+byte(i)) + " is " + string(state)}
		}
		state, note := sum(elements)
		if state != tt.want || note != tt.note {
			t.Errorf("%v: got %s, %q, want %s, %q", tt.elements, state, note, tt.want, tt.note)
		}
	}
}

func TestAnIngesterNeedsAllItsParts(t *testing.T) {
	if _, err := New(Deps{}); err == nil {
		t.Error("an ingester without an inbox was made")
	}
}
