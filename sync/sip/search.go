package sip

import (
	"strings"
	"time"

	"cordboard/sync/fleet"
)

// FleetRow is a trunk of some PBX as it was last listed and read.
type FleetRow struct {
	PBX      fleet.PBXID
	PBXName  string
	Row      Row
	Settings *Trunk // nil: only the list named it
	ListedAt time.Time
	ReadAt   time.Time // of Settings
	Matched  string    // the setting that made a search find it: "DID 4930100"; empty when its name or host did
}

// FleetFilter asks for trunks of all PBXs. Empty fields don't narrow.
type FleetFilter struct {
	Q      string // part of a name, host, user name, caller ID or DID
	Kind   Kind   // of all kinds when empty
	Health Health
	Page   fleet.PageRequest
}

// FleetLook is when a PBX was last asked for its trunks.
type FleetLook struct {
	AskedAt time.Time
	ReadAt  time.Time // the last time that it answered; zero = never
	Trouble string    // why it did not answer the last time
}

// Findable are the texts by which a search finds a trunk, with what they are.
func Findable(r Row, t *Trunk) []Found {
	all := []Found{{"", r.Name}, {"", r.HostPort}, {"User name", r.Username}, {"Caller ID", r.CID}}
	if t == nil {
		return all
	}
	all = append(all, Found{"Host", t.Hostname}, Found{"Domain", t.Domain}, Found{"Outbound proxy", t.ProxyServer}, Found{"Authentication name", t.AuthName},
		Found{"Carrier", t.ITSP}, Found{"Caller ID name", t.CIDName})
	for _, c := range t.CallerIDs {
		all = append(all, Found{"Caller ID", c.CID}, Found{"Caller ID name", c.Name})
	}
	for _, d := range t.DIDs {
		all = append(all, Found{"DID", d.Number}, Found{"DID name", d.Name})
	}
	return all
}

// Found is a text by which a trunk is found, and what it is.
type Found struct{ What, Text string }

// Match is what made a search find a trunk, for people; empty when its name or host did.
func Match(q string, r Row, t *Trunk) string {
	q = strings.ToLower(strings.TrimSpace(q))
	for _, f := range Findable(r, t) {
		if f.Text != "" && strings.Contains(strings.ToLower(f.Text), q) {
			if f.What == "" {
				return ""
			}
			return f.What + " " + f.Text
		}
	}
	return ""
}
