package fleet

import "time"

// Former is what an id once meant: the number of a DID id that YCM gave to another number, or a
// trunk's name before it was changed. Until is the moment from which on it means something else.
type Former struct {
	Name  string
	Until time.Time
}

// nameAt is what an id meant at a moment, by its former names, oldest first. The zero time is now.
func nameAt(formers []Former, name string, at time.Time) string {
	if at.IsZero() {
		return name
	}
	for _, f := range formers {
		if at.Before(f.Until) {
			return f.Name
		}
	}
	return name
}

// NumberAt is the number that the id meant at a moment; the zero time is now. An id is not a number:
// YCM gives the id of a deleted number to another one.
func (n NumberRow) NumberAt(at time.Time) string { return nameAt(n.Formers, n.Number, at) }

// NameAt is what the trunk was called at a moment; the zero time is now.
func (t Trunk) NameAt(at time.Time) string { return nameAt(t.Formers, t.Name, at) }

// When is the time that a question asks about: now (the zero value), one moment, or a stretch of
// time with both its ends.
type When struct{ From, To time.Time }

// At asks about one moment; the zero time is now.
func At(t time.Time) When { return When{t, t} }

// Now reports whether the question is about the present.
func (w When) Now() bool { return w.From.IsZero() && w.To.IsZero() }

// Holding says that a PBX had a number on a trunk for a while, as far as that is known.
type Holding struct {
	Binding
	PBX       PBXID
	PBXName   string
	Number    string // that the id meant then
	TrunkName string
	// From is the moment from which on it surely was so. FromExact: somebody told that moment; else a
	// read found it, and it began between FromEarliest and From.
	From      time.Time
	FromExact bool
	// FromEarliest is From when that is exact. Zero: the record of the PBX begins with From, nothing is
	// known from before.
	FromEarliest time.Time
	To           time.Time // it was no longer so; zero = still
	ToEarliest   time.Time // it surely was so until here; To when that is exact
	// Sure: it was so at the moment that was asked about, or at some moment of the stretch. Otherwise
	// it may have been.
	Sure bool
}

// ToExact reports whether the end is known exactly, or there is none.
func (h Holding) ToExact() bool { return h.ToEarliest.Equal(h.To) }

// Whereabouts is the answer to one line of a list of numbers.
type Whereabouts struct {
	Asked    string
	Readable bool // there are digits in it
	Held     []Holding
	Unheld   []Unheld
	More     bool // it could mean more numbers than these
}

// Unheld is a number that the record has and nobody held at the time asked about.
type Unheld struct {
	NumberRow          // as it is now
	Then      string   // the number that was found: the id may mean another one now
	Before    *Holding // who had it last before that time; nil: nobody known
	After     *Holding // who had it first behind that time
}
