package fleet_test

import (
	"testing"

	"cordboard/sync/fleet"
)

func TestFirmwaresAreComparedPartByPartAsNumbers(t *testing.T) {
	tests := []struct {
		have, least fleet.Firmware
		want        bool
	}{
		{"84.19.0.22", fleet.FirmwareDIDUpdate, true},
		{"84.19.0.21", fleet.FirmwareDIDUpdate, false},
		{"84.19.0.100", fleet.FirmwareDIDUpdate, true},
		{"84.9.0.99", fleet.FirmwareDIDUpdate, false},
		{"84.100.0.0", fleet.FirmwareDIDUpdate, true},
		{"85.0.0.0", fleet.FirmwareDIDUpdate, true},
		{"83.99.99.999", fleet.FirmwareDIDUpdate, false},
		{"84.19", fleet.FirmwareDIDUpdate, false},
		{"84.20", fleet.FirmwareDIDUpdate, true},
		{"84.19.0.22.1", fleet.FirmwareDIDUpdate, true},
		{"84.19.0.22.0", fleet.FirmwareDIDUpdate, true},
		{"84.22.0.133", fleet.FirmwareSIPHeaders, false},
		{"84.22.0.134", fleet.FirmwareSIPHeaders, true},
		{"84.22.0.1340", fleet.FirmwareSIPHeaders, true},
		{"84.12.0.31", fleet.FirmwareIM, false},
		{"84.12.0.32", fleet.FirmwareIM, true},
		{"", fleet.FirmwareDIDUpdate, false},
		{"latest", fleet.FirmwareDIDUpdate, false},
		{"84.19.0.22-beta", fleet.FirmwareDIDUpdate, false},
		{"84..19.22", fleet.FirmwareDIDUpdate, false},
		{"84.-19.0.22", fleet.FirmwareDIDUpdate, false},
		{"84.19.0.99999999999999999999", fleet.FirmwareDIDUpdate, false},
		{"84.19.0.22", "", false},
	}
	for _, tt := range tests {
		if got := tt.have.AtLeast(tt.least); got != tt.want {
			t.Errorf("%q at least %q: got %v", tt.have, tt.least, got)
		}
	}
}
