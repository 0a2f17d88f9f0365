package demofleet

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cordboard/yeastar/yeastartest"
)

// carrier is who a region's customers buy mobile and outgoing calls from, over trunks of their PBXs' own.
type carrier struct{ name, host, next string }

// carriers by region. next is the host to which each moves its customers one day.
var carriers = map[string]carrier{
	europe:  {"Mobilring", "sip.mobilring.example", "edge.mobilring.example"},
	usEast:  {"Liberty-Mobile", "sip.liberty-mobile.example", "edge.liberty-mobile.example"},
	pacific: {"Merlion-Voice", "sip.merlion-voice.example", "edge.merlion-voice.example"},
}

// brokenLines are trunks that somebody should look at, and why.
const (
	wrongPassword = roundhay     // its carrier gave out a new password
	unreachable   = charlesRiver // its carrier's host was switched off
	silentDoor    = kestrel      // nobody registered at its account trunk
	switchedOff   = gasthof      // disabled for the winter
)

// staff are the people at the extensions, in turn.
var staff = []string{"Reception", "Office", "Alex Morgan", "Sam Fischer", "Jo Tanaka", "Robin Dubois", "Kim Larsen", "Chris Novak", "Pat Rivera", "Lee Chan"}

// lines gives a customer's PBX what it has of its own: trunks, extensions and groups.
func (f *Fleet) lines(b business) {
	c := carriers[regionOf(b.trunk)]
	account, password := fmt.Sprintf("%d7%03d", 3+b.id%6, b.id%1000), fmt.Sprintf("dq-%x-%d", b.id*7919, b.id)
	f.openAccount(c, account, password)
	line := yeastartest.SIPTrunk{Name: c.name, Hostname: c.host, Username: account, Password: password, Codecs: "alaw,ulaw,g729", CID: f.numberFor(b), CIDName: b.name}
	switch b.id {
	case wrongPassword:
		line.Password = "the-old-one"
	case unreachable:
		line.Hostname = "sip.colonial-line.example"
	case switchedOff:
		line.Disabled = true
	}
	f.vendor.AddSIPTrunk(b.id, line)
	if b.id%3 == 1 || b.id == silentDoor {
		door := yeastartest.SIPTrunk{Name: "Door-intercom", Type: "account", Username: fmt.Sprint(6700 + b.id%50), Password: password + "d", Codecs: "ulaw,alaw"}
		if b.id == silentDoor {
			door.Ends = yeastartest.SIPNoDevice
		}
		f.vendor.AddSIPTrunk(b.id, door)
	}
	if b.numbers > 30 {
		f.vendor.AddSIPTrunk(b.id, yeastartest.SIPTrunk{Name: "Second-site", Type: "peer_private", Hostname: fmt.Sprintf("10.%d.20.5", b.id%200), Transport: "tcp", Codecs: "g722,alaw"})
	}
	if strings.Contains(b.name, "Hotel") || strings.Contains(b.name, "Inn") {
		f.vendor.AddSIPTrunk(b.id, yeastartest.SIPTrunk{Name: "Guest-rooms", Type: "peer_did", Hostname: fmt.Sprintf("10.%d.30.9", b.id%200), DIDs: []yeastartest.SIPDID{{Number: "8000", Name: "Guest rooms"}}})
	}
	var people []yeastartest.Extension
	for i := range min(4+b.numbers/3, 24) {
		people = append(people, yeastartest.Extension{Number: fmt.Sprint(201 + i), Name: staff[i%len(staff)]})
	}
	ids := f.vendor.AddExtensions(b.id, people...)
	f.vendor.AddExtensionGroup(b.id, yeastartest.ExtensionGroup{Name: "Everyone"})
	f.vendor.AddExtensionGroup(b.id, yeastartest.ExtensionGroup{Name: "Front_desk", Members: ids[:2]})
}

// openAccount opens an account at a carrier, at the host of today and at the next one.
func (f *Fleet) openAccount(c carrier, account, password string) {
	if f.accounts[c.name] == nil {
		f.accounts[c.name] = map[string]string{}
	}
	f.accounts[c.name][account] = password
	// The simulator keeps the map that it is given: a copy each time, so that nobody writes to one in use.
	for _, host := range []string{c.host, c.next} {
		f.vendor.SetSIPProvider(host, yeastartest.SIPProvider{Accounts: maps.Clone(f.accounts[c.name])})
	}
	f.vendor.SetSIPProvider("sip.colonial-line.example", yeastartest.SIPProvider{Down: true})
}

// numberFor is what callees of a customer see: its first number.
func (f *Fleet) numberFor(b business) string {
	if i := slices.IndexFunc(f.blocks[b.id], func(p yeastartest.Binding) bool { return p.Trunk == b.trunk }); i >= 0 {
		return f.numbers[f.blocks[b.id][i].DID]
	}
	return ""
}

// passesOn says whether YCM passes calls on to a customer's PBX: two with old firmware have their API off.
func (b business) passesOn() string {
	if b.firmware == tooOld || b.firmware == wayOlder {
		return "Disabled"
	}
	return "Enabled"
}
