package fleet

import (
	"errors"
	"fmt"
	"strings"
)

// Kind sorts errors by what the person in front of the screen can do about them.
type Kind string

// The kinds, one per row of the error table in the web package.
const (
	KindInternal    Kind = "internal"
	KindInvalid     Kind = "invalid"
	KindNotFound    Kind = "not_found"
	KindStale       Kind = "stale"
	KindConflict    Kind = "conflict" // already applied, or somebody else is applying
	KindDenied      Kind = "denied"
	KindRefused     Kind = "refused"     // Yeastar said no
	KindUnavailable Kind = "unavailable" // nothing was sent
	KindUnknown     Kind = "unknown"
	KindDiverged    Kind = "diverged"
	KindHeaders     Kind = "headers_unknown" // custom SIP headers may exist and are not stated
	KindGuard       Kind = "guard"           // a typed name or a reason is missing
)

// Field is one input that broke a rule.
type Field struct {
	Name string // as in the form or the JSON body
	Rule string // what would be right, for the person
}

// Error is the one error type that crosses packages: Msg is for the person, Err for the log.
type Error struct {
	Kind            Kind
	Op              string // "change.Confirm"
	Msg             string // a whole sentence, free of secrets
	Fields          []Field
	VendorCode      int    // 0 = the vendor gave none
	VendorRequestID string // empty = the vendor gave none
	ForAll          bool   // it holds for every call, whatever the subject: throttled, or not let in
	Err             error
}

// Error is the chain for the log.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s", e.Op, e.Kind, e.Msg)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s: %s]", f.Name, f.Rule)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the first *Error in err's chain, or KindInternal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindInternal
}

// Words is what a person is told of err: the message of the first *Error in its chain, or otherwise, for
// what nobody foresaw.
func Words(err error, otherwise string) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Msg != "" {
		return e.Msg
	}
	return otherwise
}

// ForAll reports whether err says that no other call would fare better now.
func ForAll(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.ForAll
}

// NotFound is the error for something that is not there.
func NotFound(op, what string) error {
	return &Error{Kind: KindNotFound, Op: op, Msg: what + " was not found."}
}

// Invalid is the error for input that breaks rules, field by field.
func Invalid(op, msg string, fields ...Field) error {
	return &Error{Kind: KindInvalid, Op: op, Msg: msg, Fields: fields}
}
