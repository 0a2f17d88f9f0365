package demofleet

import (
	"cordboard/yeastar/yeastartest"
)

// contacts sign for the businesses, in turn.
var contacts = [][2]string{
	{"Hanna", "Weber"}, {"Oliver", "Marsh"}, {"Mei Ling", "Tan"}, {"Camille", "Roux"}, {"Daniel", "Okafor"}, {"Priya", "Nair"}, {"Jonas", "Keller"},
	{"Grace", "Whitfield"}, {"Mateo", "Alvarez"}, {"Aisha", "Rahman"}, {"Lukas", "Brandt"},
}

// customer is the id of a business's contact.
func customer(pbx int64) int64 { return 50_080_000 + pbx }

// account adds what the account has beside PBXs and numbers: customers, and what there is to choose
// for a new PBX.
func (f *Fleet) account() {
	for i, b := range businesses {
		who := contacts[i%len(contacts)]
		f.vendor.AddCustomer(yeastartest.Customer{ID: customer(b.id), FirstName: who[0], LastName: who[1], Company: b.name, Email: "office@" + b.slug + ".example"})
	}
	for i, region := range []string{europe, usEast, pacific} {
		f.vendor.AddDomain(yeastartest.Domain{ID: 41 + int64(i), Region: f.vendor.RegionID(region), Name: domains[region]})
	}
	for i, version := range []string{newer, between, older} {
		f.vendor.AddFirmware(yeastartest.Firmware{ID: 770 + int64(i), Version: version})
	}
	f.vendor.AddTemplate(yeastartest.Template{ID: 31, Name: "Medical practice", Created: f.start(), Modified: f.start()})
	f.vendor.AddTemplate(yeastartest.Template{ID: 32, Name: "Shop with one counter", Created: f.start(), Modified: f.start()})
	f.vendor.SetSubscription(yeastartest.Subscription{Extensions: 2400, ConcurrentCalls: 900, Recording: 20_000, Transcription: 6000, Ultimate: 400, Expires: f.end.AddDate(0, 9, 0)})
}
