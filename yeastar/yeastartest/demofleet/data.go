package demofleet

import (
	"fmt"

	"cordboard/yeastar/yeastartest"
)

// The regions, spelled as YCM spells names: no space before the bracket (contract §4.1).
const (
	europe  = "Europe(Frankfurt)"
	usEast  = "US East(Virginia)"
	pacific = "Asia Pacific(Singapore)"
)

// workday is the first hour of a working day in a region, in UTC.
var workday = map[string]int{europe: 7, usEast: 13, pacific: 1}

// The trunks. Ids are YCM's; the suffix after the underscore is what YCM appends to every name.
const (
	rheintel  = 6412
	rheintelB = 6418 // the second line of rheintel: some numbers sit on both
	kanalnet  = 6433
	pennine   = 6437
	alpenfon  = 6452
	seine     = 6459
	altnetz   = 6461 // given up two months ago
	atlantic  = 6520
	baywire   = 6524
	peachtree = 6531
	straits   = 6681 // the trunk of the vendor's example (seed 000)
	southern  = 6690
	peer      = 6702 // short numbers between sites
)

// Custom SIP headers that trunks define.
const (
	headerCustomer = 11 // on kanalnet
	headerAccount  = 21 // on peachtree
	headerSite     = 22 // on peachtree
)

var trunks = []yeastartest.Trunk{
	{ID: rheintel, Name: "Rheintel-Frankfurt_7K2M9Q", Region: europe, Hostname: "sip.rheintel.example"},
	{ID: rheintelB, Name: "Rheintel-Frankfurt-B_3XW8PD", Region: europe, Hostname: "sip-b.rheintel.example"},
	{ID: kanalnet, Name: "Kanalnet-London_32YFS4", Region: europe, Hostname: "trunk.kanalnet.example",
		Headers: []yeastartest.HeaderDef{{ID: headerCustomer, Name: "X-Customer-Ref"}}},
	{ID: pennine, Name: "Pennine-Voice_9QHT2V", Region: europe, Hostname: "sip.pennine-voice.example"},
	{ID: alpenfon, Name: "Alpenfon-Muenchen_C41ZLE", Region: europe, Hostname: "sbc.alpenfon.example"},
	{ID: seine, Name: "Seine-Telecom-Paris_K8D0RM", Region: europe, Hostname: "sip.seine-telecom.example", Status: "E_REGISTER_ING_STATE"},
	{ID: altnetz, Name: "Altnetz-Kupfer_1AA2BC", Region: europe, Hostname: "sip.altnetz.example"},
	{ID: atlantic, Name: "Atlantic-Voice-NYC_HB62QX", Region: usEast, Hostname: "nyc.atlantic-voice.example"},
	{ID: baywire, Name: "Baywire-Boston_0TV5NK", Region: usEast, Hostname: "sip.baywire.example",
		Status: "E_REGISTER_FAILED_STATE", Reason: "REASON_TIMEOUT"},
	{ID: peachtree, Name: "Peachtree-SIP-Atlanta_W7JE3C", Region: usEast, Hostname: "atl.peachtree-sip.example",
		Headers: []yeastartest.HeaderDef{{ID: headerAccount, Name: "X-Account"}, {ID: headerSite, Name: "X-Site"}}},
	{ID: straits, Name: "Straits-Telecom-SG_5FOV41", Region: pacific, Hostname: "sip.straits-telecom.example"},
	{ID: southern, Name: "Southern-Cross-SYD_2NRA8U", Region: pacific, Hostname: "syd.southern-cross.example"},
	{ID: peer, Name: "Peer-shared_NT9H01", Region: pacific, Type: "did_based", Hostname: "peer.partner.example"},
}

// span is a run of numbers on a trunk: format is filled with first, first+1, …
type span struct {
	trunk   int64
	firstID int64
	format  string
	first   int
	count   int
}

var spans = []span{
	{rheintel, 48001, "+496990009%03d", 100, 200}, // Frankfurt
	{rheintel, 48201, "+493023125%03d", 400, 80},  // Berlin
	{kanalnet, 48301, "+442079460%03d", 0, 220},   // London
	{pennine, 48541, "+441134960%03d", 300, 60},   // Leeds
	{pennine, 48601, "+441614960%03d", 500, 60},   // Manchester
	{alpenfon, 48661, "+498999998%03d", 200, 100}, // Munich
	{seine, 48761, "+331990001%02d", 0, 60},       // Paris
	{altnetz, 48901, "+492214710%03d", 800, 16},   // Cologne
	{atlantic, 49001, "+1212555%04d", 100, 100},   // New York
	{baywire, 49101, "+1617555%04d", 100, 100},    // Boston
	{peachtree, 49201, "+1404555%04d", 100, 80},   // Atlanta
	{peachtree, 49301, "+1305555%04d", 100, 80},   // Miami
	{straits, 50001, "+6565550%03d", 101, 120},    // Singapore: 50036 and 50044 are the vendor's
	{southern, 50301, "+61255500%03d", 0, 120},    // Sydney
	{southern, 50451, "+61370100%03d", 200, 80},   // Melbourne
	{peer, 50601, "%d", 2101, 40},
}

func (s span) number(i int) string { return fmt.Sprintf(s.format, s.first+i) }

// The vendor's example (seed 000, example 1): DIDs 50036 and 50044 of trunk 6681 for PBX 4808.
const (
	ExamplePBX   int64 = 4808
	ExampleTrunk int64 = straits
	ExampleDIDA  int64 = 50036
	ExampleDIDB  int64 = 50044
)

// reserved numbers are never bound by the story or the colleague.
var reserved = map[int64]bool{ExampleDIDA: true, ExampleDIDB: true}

// Firmwares: the latest, some that take no custom SIP headers, and two that take no bindings.
const (
	latest   = "84.22.0.134"
	newer    = "84.23.0.58"
	between  = "84.21.0.66"
	older    = "84.19.0.110"
	tooOld   = "84.18.0.57"
	wayOlder = "84.12.0.32"
)

// business is one customer with one PBX.
type business struct {
	id       int64
	name     string
	slug     string
	trunk    int64
	numbers  int // about how many numbers it uses
	firmware string
	more     []int64 // further trunks that its numbers come by, or short numbers sit on
	joined   int     // days before now that it became a customer; 0 = long ago
}

// businesses are the customers, in the order in which they are shown nowhere.
var businesses = []business{
	{id: kestrel, name: "Kestrel Dental Practice", slug: "kestrel-dental", trunk: kanalnet, numbers: 14, firmware: latest},
	{id: aldgate, name: "Aldgate & Marsh Solicitors", slug: "aldgate-marsh", trunk: kanalnet, numbers: 42, firmware: newer},
	{id: 4711, name: "Brixton Bakehouse", slug: "brixton-bakehouse", trunk: kanalnet, numbers: 5, firmware: between},
	{id: thamesQuay, name: "Thames Quay Hotel", slug: "thames-quay", trunk: kanalnet, numbers: 60, firmware: latest},
	{id: camdenVets, name: "Camden Veterinary Clinic", slug: "camden-vets", trunk: pennine, numbers: 12, firmware: newer},
	{id: 4720, name: "Pennine Freight Logistics", slug: "pennine-freight", trunk: pennine, numbers: 34, firmware: latest},
	{id: roundhay, name: "Roundhay Family Dentists", slug: "roundhay-dentists", trunk: pennine, numbers: 8, firmware: between},
	{id: 4725, name: "Northern Quarter Design", slug: "nq-design", trunk: pennine, numbers: 6, firmware: latest, joined: 163},
	{id: deansgate, name: "Deansgate Accountants", slug: "deansgate", trunk: pennine, numbers: 18, firmware: older},
	{id: lindenhof, name: "Hotel Lindenhof", slug: "hotel-lindenhof", trunk: rheintel, numbers: 48, firmware: latest, more: []int64{rheintelB}},
	{id: 4733, name: "Zahnarztpraxis Dr. Weber", slug: "praxis-weber", trunk: rheintel, numbers: 6, firmware: latest},
	{id: 4736, name: "Bäckerei Sommer", slug: "baeckerei-sommer", trunk: rheintel, numbers: 4, firmware: between},
	{id: 4738, name: "Kanzlei Brandt & Partner", slug: "kanzlei-brandt", trunk: rheintel, numbers: 30, firmware: newer, more: []int64{rheintelB}},
	{id: spedition, name: "Spedition Maurer", slug: "spedition-maurer", trunk: rheintel, numbers: 44, firmware: latest},
	{id: 4744, name: "Physiotherapie am Römer", slug: "physio-roemer", trunk: rheintel, numbers: 7, firmware: older},
	{id: 4746, name: "Berliner Fahrradwerkstatt", slug: "berliner-rad", trunk: rheintel, numbers: 5, firmware: wayOlder},
	{id: 4749, name: "Isar Steuerberatung", slug: "isar-steuer", trunk: alpenfon, numbers: 24, firmware: latest},
	{id: gasthof, name: "Gasthof Alpenblick", slug: "gasthof-alpenblick", trunk: alpenfon, numbers: 16, firmware: between},
	{id: 4755, name: "Münchner Augenzentrum", slug: "augenzentrum", trunk: alpenfon, numbers: 22, firmware: newer},
	{id: 4757, name: "Cabinet Dentaire Bellecour", slug: "dentaire-bellecour", trunk: seine, numbers: 8, firmware: latest},
	{id: 4760, name: "Boulangerie Maison Petit", slug: "maison-petit", trunk: seine, numbers: 4, firmware: between},
	{id: 4762, name: "Transports Garonne", slug: "transports-garonne", trunk: seine, numbers: 18, firmware: latest, joined: 118},
	{id: antiquariat, name: "Antiquariat Rheingold", slug: "rheingold", trunk: rheintel, numbers: 5, firmware: older},
	{id: midtown, name: "Midtown Legal Group", slug: "midtown-legal", trunk: atlantic, numbers: 40, firmware: newer},
	{id: 4772, name: "Empire Bagels", slug: "empire-bagels", trunk: atlantic, numbers: 5, firmware: tooOld},
	{id: hudson, name: "Hudson Orthopedics", slug: "hudson-ortho", trunk: atlantic, numbers: 22, firmware: latest},
	{id: 4778, name: "Beacon Hill Dental", slug: "beacon-hill-dental", trunk: baywire, numbers: 12, firmware: latest},
	{id: 4780, name: "Harborview Inn", slug: "harborview-inn", trunk: baywire, numbers: 34, firmware: newer},
	{id: 4783, name: "Commonwealth Tax Advisors", slug: "commonwealth-tax", trunk: baywire, numbers: 16, firmware: between},
	{id: charlesRiver, name: "Charles River Movers", slug: "charles-river", trunk: baywire, numbers: 10, firmware: latest},
	{id: 4788, name: "Peachtree Pediatrics", slug: "peachtree-peds", trunk: peachtree, numbers: 30, firmware: latest},
	{id: 4791, name: "Magnolia Event Catering", slug: "magnolia-catering", trunk: peachtree, numbers: 12, firmware: between},
	{id: poolSupply, name: "Sunshine Pool Supply", slug: "sunshine-pools", trunk: peachtree, numbers: 16, firmware: latest},
	{id: boatRentals, name: "Biscayne Boat Rentals", slug: "biscayne-boats", trunk: peachtree, numbers: 26, firmware: latest, joined: 74},
	{id: ExamplePBX, name: "Harbourfront Dental Group", slug: "harbourfront-dental", trunk: straits, numbers: 14, firmware: latest},
	{id: orchardRoad, name: "Orchard Road Legal LLC", slug: "orchard-legal", trunk: straits, numbers: 24, firmware: newer},
	{id: 4815, name: "Changi Cargo Logistics", slug: "changi-cargo", trunk: straits, numbers: 48, firmware: latest, more: []int64{peer}},
	{id: 4819, name: "Katong Bakery", slug: "katong-bakery", trunk: straits, numbers: 4, firmware: between},
	{id: 4822, name: "Bondi Physio & Pilates", slug: "bondi-physio", trunk: southern, numbers: 6, firmware: latest},
	{id: parramatta, name: "Parramatta Freight Lines", slug: "parramatta-freight", trunk: southern, numbers: 34, firmware: newer},
	{id: 4828, name: "Yarra Valley Wines", slug: "yarra-valley", trunk: southern, numbers: 16, firmware: older},
	{id: collins, name: "Collins Street Chambers", slug: "collins-chambers", trunk: southern, numbers: 28, firmware: latest},
	{id: darling, name: "Darling Harbour Suites", slug: "darling-harbour", trunk: southern, numbers: 40, firmware: newer, joined: 33},
}

// PBXs that have a part of their own in the story.
const (
	kestrel      = 4703
	aldgate      = 4706
	thamesQuay   = 4714
	camdenVets   = 4717
	roundhay     = 4722
	deansgate    = 4729
	lindenhof    = 4731
	spedition    = 4741
	gasthof      = 4752
	antiquariat  = 4765
	midtown      = 4770
	hudson       = 4775
	charlesRiver = 4786
	poolSupply   = 4794
	boatRentals  = 4797
	orchardRoad  = 4811
	parramatta   = 4825
	collins      = 4831
	darling      = 4834
	notariat     = 4839 // became a customer this morning
	lighthouse   = 4841 // is being set up now
)

// domains are where the PBXs of a region have their names.
var domains = map[string]string{europe: "fra.cloudpbx.example", usEast: "iad.cloudpbx.example", pacific: "sin.cloudpbx.example"}

// Person is somebody of the reseller's team.
type Person struct {
	Name string
	Role string // viewer, operator or admin
	IP   string // where they sit
}

// People is the team.
var People = []Person{
	{Name: "ana", Role: "admin", IP: "192.0.2.14"},
	{Name: "tom", Role: "operator", IP: "192.0.2.27"},
	{Name: "mira", Role: "operator", IP: "198.51.100.8"},
	{Name: "jonas", Role: "viewer", IP: "192.0.2.31"},
}

func person(name string) Person {
	for _, p := range People {
		if p.Name == name {
			return p
		}
	}
	return Person{Name: name}
}
