package ycm

import (
	"context"

	"cordboard/yeastar/internal/transport"
)

// relayPath is where YCM passes calls on to a PBX, by its serial number (contract §3.12).
const relayPath = "/dm/open_api/v1/cloud_pbx/"

// Relay passes a call on to the API of the PBX with a serial number, within pace (vendor pages: Call
// Cloud PBX's GET / POST API). call.Path is what stands below the PBX's own address. An error with
// ByPBX came from the PBX; any other is YCM's, which relays only to a PBX that runs and has its API
// enabled. It is for package pseries, which knows the calls.
func (c *Client) Relay(ctx context.Context, pace transport.Pace, serial string, call transport.Call) (transport.Answer, error) {
	if !serialNumber(serial) {
		return transport.Answer{}, invalid(call.Op, "a serial number is letters and digits")
	}
	call.Path = relayPath + serial + call.Path
	call.PBX = true
	return pace.Do(ctx, c.t, call)
}

// serialNumber reports whether s can be a serial number: it becomes a part of a path.
func serialNumber(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}
