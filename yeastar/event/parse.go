package event

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// MaxBody is the largest body that Parse reads, in bytes.
	MaxBody = 8 << 20
	// maxElements bounds what a body of tiny elements can cost in memory.
	maxElements = 10_000
	// maxSerial bounds a serial number; the vendor's have 16 characters.
	maxSerial = 128
	// future is how far ahead of our clock an event may be.
	future = 24 * time.Hour
	// millisFrom is the value from which a time counts as milliseconds (contract
	// §7.10).
	millisFrom = 100_000_000_000
)

// What can be wrong with a body, and with one element.
var (
	ErrTooLarge     = errors.New("the body is larger than 8 MiB")
	ErrTooMany      = errors.New("the body has more than 10,000 elements")
	ErrNotArray     = errors.New("the body is not a list")
	ErrNotObject    = errors.New("not an object")
	ErrUnknownShape = errors.New("neither a DID-change report nor a capacity report")
	ErrUnknownEvent = errors.New("an event of unknown name")
	ErrSerial       = errors.New("sn is missing or is no serial number")
	ErrList         = errors.New("trunkDidInfoList is missing; that is not an empty list")
	ErrBinding      = errors.New("a DID in the list cannot be read")
	ErrTime         = errors.New("updateTime is missing or is no time")
	ErrFuture       = errors.New("updateTime is more than 24 hours ahead of our clock")
	ErrTwice        = errors.New("a field stands twice")
)

// Parse reads the body of a webhook. The error is about the body as a whole: it
// is not a JSON list, or a bomb; then there are no elements. Otherwise every
// element is returned in its order, the unusable ones with their own Err. An empty
// list gives no elements and no error. now is our clock, corrected by the
// vendor's offset if there is one; only ErrFuture depends on it. The texts of the
// elements share the memory of one copy of body.
func Parse(body []byte, now time.Time) ([]Element, error) {
	if len(body) > MaxBody {
		return nil, ErrTooLarge
	}
	p := parser{scanner: scanner{body: string(body)}, latest: now.Add(future)}
	elements := []Element{}
	if p.peek() != '[' {
		// Not a list; say whether it is at least JSON.
		if err := p.skip(); err != nil {
			return nil, err
		}
		return nil, ErrNotArray
	}
	err := p.array(func() error {
		if len(elements) == maxElements {
			return ErrTooMany
		}
		e, err := p.element(len(elements))
		elements = append(elements, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.peek() != 0 || p.pos < len(p.body) {
		return nil, p.syntax("something after the list")
	}
	return elements, nil
}

// parser reads elements. Its methods' errors are about syntax and end the walk;
// what is wrong with one element goes into that element.
type parser struct {
	scanner
	latest time.Time
	// bindings is how many the last list had: the next one may be as long.
	bindings int
}

// Fields of an element, for finding one that stands twice.
const (
	sawEvent = 1 << iota
	sawSerial
	sawList
	sawTime
	sawRepository
)

// draft is an element while its fields come in.
type draft struct {
	saw      int
	event    string
	serial   string
	bindings []Binding
	update   time.Time
	err      error
}

// fail keeps the first thing that is wrong.
func (d *draft) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// once notes a field; the second one is an error, since nobody knows which counts.
func (d *draft) once(field int, name string) {
	if d.saw&field != 0 {
		d.fail(fmt.Errorf("%w: %s", ErrTwice, name))
	}
	d.saw |= field
}

// element reads one element of the body, whatever it is.
func (p *parser) element(index int) (Element, error) {
	if p.peek() != '{' {
		return Element{Index: index, Err: ErrNotObject}, p.skip()
	}
	var d draft
	err := p.object(func(name string) error {
		switch name {
		case "event":
			d.once(sawEvent, "event")
			return p.shortText(&d.event)
		case "sn":
			d.once(sawSerial, "sn")
			return p.shortText(&d.serial)
		case "trunkDidInfoList":
			d.once(sawList, "trunkDidInfoList")
			return p.list(&d)
		case "updateTime":
			d.once(sawTime, "updateTime")
			return p.updateTime(&d)
		case "repository":
			d.saw |= sawRepository
			return p.skip()
		default:
			return p.skip()
		}
	})
	return p.finish(index, &d), err
}

// finish decides what the fields of an element amount to.
func (p *parser) finish(index int, d *draft) Element {
	e := Element{Index: index, Serial: strings.ToValidUTF8(d.serial, "\uFFFD"), Event: d.event}
	switch {
	case d.saw&sawEvent == 0 && d.saw&sawRepository != 0:
		e.Kind = KindCapacity
		return e
	case d.saw&(sawEvent|sawList) == 0:
		e.Err = ErrUnknownShape
		return e
	case d.event != DIDChange && d.event != DIDDelete && d.event != TrunkDelete && d.event != PCEDelete:
		e.Err = ErrUnknownEvent
		return e
	}
	e.Kind = KindDIDChange
	switch {
	case d.err != nil:
		e.Err = d.err
	case d.serial == "", !utf8.ValidString(d.serial):
		e.Err = ErrSerial // no listing will ever show it
	case d.bindings == nil && d.event != PCEDelete:
		e.Err = ErrList
	case d.update.IsZero():
		e.Err = ErrTime
	case d.update.After(p.latest):
		e.Err = ErrFuture
	default:
		if d.bindings == nil {
			d.bindings = []Binding{}
		}
		e.Report = &Report{Event: d.event, Serial: d.serial, Bindings: d.bindings, UpdateTime: d.update}
	}
	return e
}

// shortText reads sn or event: a string of a sensible length. Anything else
// leaves "", which finish refuses.
func (p *parser) shortText(out *string) error {
	*out = ""
	if c := p.peek(); c != '"' {
		return p.skip()
	}
	text, err := p.text()
	if err == nil && len(text) <= maxSerial {
		*out = strings.TrimSpace(text)
	}
	return err
}

// updateTime reads the time of a report, a number or a decimal string.
func (p *parser) updateTime(d *draft) error {
	if c := p.peek(); c == '{' || c == '[' {
		return p.skip()
	}
	_, text, err := p.scalar()
	if err != nil {
		return err
	}
	n, ok := wholeNumber(text)
	switch {
	case !ok || n <= 0:
		d.fail(ErrTime)
	case n >= millisFrom:
		d.update = time.UnixMilli(n).UTC()
	default:
		d.update = time.Unix(n, 0).UTC()
	}
	return nil
}

// list reads the DIDs of a report. One that cannot be read spoils its element: a
// list with a gap must never pass for the whole list. null leaves the list
// missing.
func (p *parser) list(d *draft) error {
	if c := p.peek(); c != '[' {
		if c != 'n' {
			d.fail(ErrList)
		}
		return p.skip()
	}
	bindings := make([]Binding, 0, p.bindings)
	bad := -1
	place := 0
	err := p.array(func() error {
		b, ok, err := p.binding()
		switch {
		case !ok && bad < 0:
			bad = place
		case bad < 0:
			bindings = append(bindings, b)
		}
		place++
		return err
	})
	if bad >= 0 {
		d.fail(fmt.Errorf("%w: number %d of the list", ErrBinding, bad+1))
	}
	p.bindings = len(bindings)
	d.bindings = bindings
	return err
}

// binding reads one DID_info. ok is false when it is no object, or one of did,
// didId and trunkId is missing or unusable.
func (p *parser) binding() (b Binding, ok bool, err error) {
	if p.peek() != '{' {
		return Binding{}, false, p.skip()
	}
	clean := true
	err = p.object(func(name string) error {
		c := p.peek()
		if c == '{' || c == '[' {
			return p.skip()
		}
		kind, text, err := p.scalar()
		if err != nil {
			return err
		}
		given := kind == '"' || kind == '-' || kind-'0' <= 9
		switch name {
		case "did":
			clean = clean && given && b.Number == ""
			b.Number = text
		case "didId":
			clean = clean && given && b.DIDID == 0
			b.DIDID, _ = wholeNumber(text)
		case "trunkId":
			clean = clean && given && b.TrunkID == 0
			b.TrunkID, _ = wholeNumber(text)
		case "trunkName":
			if given {
				b.TrunkName = text
			}
		}
		return nil
	})
	return b, clean && b.Number != "" && b.DIDID > 0 && b.TrunkID > 0, err
}

// wholeNumber reads decimal digits, with a minus sign at most. What is no such
// number, or more than 63 bits hold, gives 0.
func wholeNumber(text string) (int64, bool) {
	if len(text) == 0 || len(text) > 20 || text[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, false
	}
	return n, true
}
