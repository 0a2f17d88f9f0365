package fleet

// DID is one phone number that YCM can bind to a PBX (contract §5.1).
type DID struct {
	ID     DIDID
	Number string // what a caller dials, as YCM keeps it: "+442079460000", but also "2113" or "83"
	Name   string
	Trunks []TrunkID // the trunks the number sits on; a DID can sit on several
	Owner  PBXID     // the PBX it is bound to; 0 = none
}

// Trunk is one shared SIP trunk.
type Trunk struct {
	ID      TrunkID
	Name    string
	Kind    string // register, did_based, port_based
	Region  string // empty when YCM does not say
	Headers HeaderDefs
	Deleted bool     // YCM lists it no more; history still names it
	Formers []Former // what it was called before, oldest first
}

// HeaderDefs is what a trunk's read says about the custom SIP headers it defines. The field's
// name is not documented (contract §5.1), so "the read shows none" and "the read shows no such
// field" are two things: only the first proves that no header value can be lost.
type HeaderDefs struct {
	Known bool
	List  []HeaderDef
}

// HeaderDef is one custom SIP header of a trunk.
type HeaderDef struct {
	ID   HeaderID
	Name string
}

// MayHold reports whether a PBX on this trunk may have header values that a write would lose.
func (d HeaderDefs) MayHold() bool { return !d.Known || len(d.List) > 0 }
