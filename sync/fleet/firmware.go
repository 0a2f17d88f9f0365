package fleet

import (
	"cmp"
	"strconv"
	"strings"
)

// Firmware is a PBX's firmware version as YCM writes it, such as "84.19.0.22".
type Firmware string

// The first firmwares that take part in what Cordboard does. Below them the vendor ignores the
// call or answers Success without doing it (contract §7.7), so the gate stands on our side.
const (
	// FirmwareDIDUpdate is the first that takes "Update the DID Bindings" (seed 000).
	FirmwareDIDUpdate Firmware = "84.19.0.22"
	// FirmwareSIPHeaders is the first on which customSipHeadersBindings takes effect (seed 000).
	FirmwareSIPHeaders Firmware = "84.22.0.134"
	// FirmwareIM is the first with internal chat (contract §3.4).
	FirmwareIM Firmware = "84.12.0.32"
	// FirmwareTranscription is the first that takes AI minutes beyond the plan's own (contract §3.4).
	FirmwareTranscription Firmware = "84.19.0.110"
	// FirmwareTrunkAccess is the first whose users may be let at trunks (contract §3.6).
	FirmwareTrunkAccess Firmware = "84.21.0.66"
)

// AtLeast reports whether v is least or newer, compared part by part as numbers. An empty or
// unreadable version is never at least anything: what we can't read we don't trust.
func (v Firmware) AtLeast(least Firmware) bool {
	have, ok := v.parts()
	want, wantOK := least.parts()
	if !ok || !wantOK {
		return false
	}
	for i := range max(len(have), len(want)) {
		if c := cmp.Compare(part(have, i), part(want, i)); c != 0 {
			return c > 0
		}
	}
	return true
}

func (v Firmware) parts() ([]int, bool) {
	fields := strings.Split(string(v), ".")
	parts := make([]int, len(fields))
	for i, field := range fields {
		n, err := strconv.Atoi(field)
		if err != nil || n < 0 {
			return nil, false
		}
		parts[i] = n
	}
	return parts, true
}

func part(parts []int, i int) int {
	if i < len(parts) {
		return parts[i]
	}
	return 0
}
