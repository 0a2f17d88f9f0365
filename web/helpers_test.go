package web_test

import (
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/web/webtest"
)

func sampleAct(target, reason string) audit.Entry {
	return audit.Entry{At: time.Now(), Actor: "ana", Action: audit.SignIn, Target: target, Reason: reason, Outcome: audit.Succeeded}
}

func now() time.Time { return time.Now() }

// yeastarPBX is the simulator's list as the catalogue takes it.
func yeastarPBX(h *webtest.House) []fleet.PBX {
	var list []fleet.PBX
	for _, p := range h.Sim.PBXs() {
		list = append(list, fleet.PBX{ID: fleet.PBXID(p.ID), Serial: p.Serial, Name: p.Name, URL: p.URL, Region: p.Region, Firmware: fleet.Firmware(p.Firmware), Status: fleet.PBXStatus(p.Status)})
	}
	return list
}
