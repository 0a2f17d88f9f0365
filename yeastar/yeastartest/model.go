package yeastartest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The states of a PBX (vendor field pbxStatus).
const (
	StatusStopped      = "Stopped"
	StatusStarting     = "Starting"
	StatusRunning      = "Running"
	StatusUpgrading    = "Upgrading"
	StatusRestoring    = "Restoring"
	StatusProvisioning = "Provisioning"
)

// The firmware that a binding update and custom SIP headers need (seed 000).
const (
	FirmwareDIDUpdate  = "84.19.0.22"
	FirmwareSIPHeaders = "84.22.0.134"
)

// PBX is a Cloud PBX of the simulated YCM. Zero fields get defaults when it is
// added: an id, a serial number, a URL, Running, and a firmware that can do all.
type PBX struct {
	ID         int64  // cloudPbxId; 0 = the next free one
	Serial     string // sn, 16 characters; "" = made from the id
	Name       string
	Region     string // region name; "" = Asia Pacific(Singapore)
	URL        string // subDomain.domain
	Firmware   string // "" = FirmwareSIPHeaders
	Status     string // "" = StatusRunning
	Activation string // "" = Activated
	Plan       string // "" = Enterprise Plan
	Type       string // "" = Commercial

	Extensions       int64
	ConcurrentCalls  int64
	RecordingMinutes int64 // 0 = recording disabled
	Transcription    int64 // AI minutes beyond the plan's own

	Switches
	Customers []int64

	CreatedAt time.Time // zero = now
	ExpiresAt time.Time // zero = a year after CreatedAt
	Creator   Person
}

// Switches are the vendor's Enabled/Disabled settings of a PBX; "" becomes Enabled for
// the first two, which reads show, and Disabled for the rest, which they don't.
type Switches struct {
	UpgradeInPBX, PasswordlessLogin                string
	IM, SuperiorLogin                              string
	API, ViaTemplate, TrunkAccess, RunsAfterExpiry string
}

// Person is who created a PBX.
type Person struct{ FirstName, LastName, Email string }

// Trunk is a shared trunk.
type Trunk struct {
	ID       int64  // 0 = the next free one
	Name     string // with its suffix, as YCM shows it
	Type     string // register, did_based or port_based; "" = register
	Region   string // region name; "" = Asia Pacific(Singapore)
	Granted  bool   // granted by the provider: usable, but not among the own trunks
	Status   string // "" = E_REGISTER_SUCCESS_STATE
	Reason   string // statusFailedReason
	Hostname string
	Username string
	Password string // the SIP secret that YCM shows in trunk reads

	Headers       []HeaderDef // definitions of custom SIP headers
	NoHeaderField bool        // the read has no header field at all, as in older editions
}

// HeaderDef is the definition of a custom SIP header on a trunk.
type HeaderDef struct {
	ID   int64
	Name string
}

// DID is a number. Number is what a caller dials; ID is YCM's id of it.
type DID struct {
	ID     int64 // 0 = the next free one
	Number string
	Name   string  // "" = none
	Trunks []int64 // ids of the trunks it sits on
}

// Binding is one exact pair: a DID that reaches a PBX through a trunk.
type Binding struct {
	Trunk int64
	DID   int64
}

// HeaderBinding is the value of a custom SIP header for one PBX on one trunk.
type HeaderBinding struct {
	Trunk  int64
	Header int64
	Value  string
}

const defaultRegion = "Asia Pacific(Singapore)"

type pbxRec struct {
	PBX
	pairs     []Binding // in the order of the request that set them
	headers   []HeaderBinding
	lastEvent int64   // updateTime of the last report, epoch milliseconds
	unnamed   bool    // its serial number is not told yet
	template  int64   // that it is provisioned with when it starts for the first time; 0 = none
	sip       *sipRec // what it has of its own; nil until somebody asks
}

type trunkRec struct {
	Trunk
	dids []*didRec // by id
}

type didRec struct {
	DID
	pbx       int64 // 0 = unassigned
	withdrawn bool  // the provider took it back: it exists, and nobody is offered it
}

// model is the state, without locks: Server.mu guards it. Every ordered slice is
// an index, so that a page or a look-up never copies or scans the whole.
type model struct {
	pbxs      map[int64]*pbxRec
	bySerial  map[string]*pbxRec
	pbxByID   []*pbxRec
	pbxByTime []*pbxRec
	trunks    map[int64]*trunkRec
	trunkByID []*trunkRec
	dids      map[int64]*didRec
	didByID   []*didRec
	headerUse map[HeaderBinding]int64 // PBX id
	regions   map[string]int64        // by lower-case name
	offers    offers
	customers map[int64]*Customer
	providers map[string]SIPProvider // by host name

	nextPBX, nextTrunk, nextDID, nextCustomer int64
}

func newModel() *model {
	return &model{
		pbxs:      map[int64]*pbxRec{},
		bySerial:  map[string]*pbxRec{},
		trunks:    map[int64]*trunkRec{},
		dids:      map[int64]*didRec{},
		headerUse: map[HeaderBinding]int64{},
		// The sample of the vendor's region list.
		regions: map[string]int64{
			"china(guangdong)": 1, "china(shanghai)": 2,
			"india(mumbai)": 3, "asia pacific(singapore)": 4,
		},
		offers:    newOffers(),
		customers: map[int64]*Customer{},
		providers: map[string]SIPProvider{},
		nextPBX:   5001, nextTrunk: 7001, nextDID: 60001, nextCustomer: 50090001,
	}
}

// take returns id, or the next free one when it is 0, and moves next past it.
func take(id int64, next *int64) int64 {
	if id == 0 {
		id = *next
	}
	if id >= *next {
		*next = id + 1
	}
	return id
}

// addRegion makes a region known by its name.
func (m *model) addRegion(name string) {
	key := strings.ToLower(name)
	if _, ok := m.regions[key]; !ok {
		m.regions[key] = int64(len(m.regions)) + 1
		m.offers.regions = append(m.offers.regions, regionInfo{m.regions[key], name})
	}
}

// regionID is the id of a known region; the vendor's pages spell names in
// different cases.
func (m *model) regionID(name string) int64 { return m.regions[strings.ToLower(name)] }

func (m *model) addPBX(p PBX, now time.Time) (int64, error) {
	p.ID = take(p.ID, &m.nextPBX)
	p.Serial = or(p.Serial, fmt.Sprintf("3658B4%010d", p.ID))
	p.Name = or(p.Name, fmt.Sprintf("PBX %d", p.ID))
	p.Region = or(p.Region, defaultRegion)
	p.URL = or(p.URL, fmt.Sprintf("pbx-%d.pbx.example", p.ID))
	p.Firmware = or(p.Firmware, FirmwareSIPHeaders)
	p.Status = or(p.Status, StatusRunning)
	p.Activation = or(p.Activation, "Activated")
	p.Plan = or(p.Plan, "Enterprise Plan")
	p.Type = or(p.Type, "Commercial")
	p.Switches = p.Switches.withDefaults()
	if p.CreatedAt.IsZero() {
		p.CreatedAt = now
	}
	if p.ExpiresAt.IsZero() {
		p.ExpiresAt = p.CreatedAt.AddDate(1, 0, 0)
	}
	if m.pbxs[p.ID] != nil {
		return 0, fmt.Errorf("PBX id %d is taken", p.ID)
	}
	if m.bySerial[p.Serial] != nil {
		return 0, fmt.Errorf("PBX serial %s is taken", p.Serial)
	}
	m.addRegion(p.Region)
	rec := &pbxRec{PBX: p}
	m.pbxs[p.ID] = rec
	m.bySerial[p.Serial] = rec
	m.pbxByID = insert(m.pbxByID, rec, comparePBXID)
	m.pbxByTime = insert(m.pbxByTime, rec, comparePBXTime)
	return p.ID, nil
}

func (m *model) addTrunk(t Trunk) (int64, error) {
	t.ID = take(t.ID, &m.nextTrunk)
	t.Name = or(t.Name, fmt.Sprintf("trunk-%d", t.ID))
	t.Type = or(t.Type, "register")
	t.Region = or(t.Region, defaultRegion)
	t.Status = or(t.Status, "E_REGISTER_SUCCESS_STATE")
	t.Hostname = or(t.Hostname, "sip.provider.example")
	t.Headers = slices.Clone(t.Headers)
	if m.trunks[t.ID] != nil {
		return 0, fmt.Errorf("trunk id %d is taken", t.ID)
	}
	m.addRegion(t.Region)
	rec := &trunkRec{Trunk: t}
	m.trunks[t.ID] = rec
	m.trunkByID = insert(m.trunkByID, rec, func(a, b *trunkRec) int { return cmp.Compare(a.ID, b.ID) })
	return t.ID, nil
}

// addDID adds one DID. In ascending order of ids it costs no more than a map insert.
func (m *model) addDID(rec *didRec) error {
	rec.ID = take(rec.ID, &m.nextDID)
	if m.dids[rec.ID] != nil {
		return fmt.Errorf("DID id %d is taken", rec.ID)
	}
	for _, id := range rec.Trunks {
		if m.trunks[id] == nil {
			return fmt.Errorf("DID %d: no trunk %d", rec.ID, id)
		}
	}
	m.dids[rec.ID] = rec
	m.didByID = insert(m.didByID, rec, compareDID)
	for _, id := range rec.Trunks {
		t := m.trunks[id]
		t.dids = insert(t.dids, rec, compareDID)
	}
	return nil
}

// pbx returns the PBX with an id, or an error that says there is none.
func (m *model) pbx(id int64) (*pbxRec, error) {
	if p := m.pbxs[id]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no PBX %d", id)
}

func compareDID(a, b *didRec) int { return cmp.Compare(a.ID, b.ID) }

func comparePBXID(a, b *pbxRec) int { return cmp.Compare(a.ID, b.ID) }

func comparePBXTime(a, b *pbxRec) int {
	if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// insert puts v in its place in a sorted slice; the end is the fast case.
func insert[T any](list []T, v T, cmp func(a, b T) int) []T {
	if n := len(list); n == 0 || cmp(list[n-1], v) < 0 {
		return append(list, v)
	}
	i, _ := slices.BinarySearchFunc(list, v, cmp)
	return slices.Insert(list, i, v)
}

func or(s, fallback string) string {
	if s != "" {
		return s
	}
	return fallback
}
