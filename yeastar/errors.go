package yeastar

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what an error means for the caller. The zero value is an error that
// nobody classified.
type Kind int

// The kinds of failure. What may be done about each is in its comment.
const (
	// KindRefused: the vendor understood and said no; the same call will fail again.
	KindRefused Kind = iota + 1
	// KindNotFound: the vendor itself says that the thing does not exist (code
	// 1000005, or its own envelope with HTTP 404). A bare or HTML 404 is
	// KindMalformed: absence is never believed from a gateway's page.
	KindNotFound
	// KindConflict: it exists already (1000007), or the vendor lost its own lock
	// (1000030): read back before anything else.
	KindConflict
	// KindInvalid: a parameter is wrong (1000004), or this package refused the
	// arguments before sending anything (then Sent is SentNo).
	KindInvalid
	// KindCredentials: client id, client secret or a fresh token were rejected.
	// Do not try again by yourself: five failed logins block an address.
	KindCredentials
	// KindDenied: the account may not do this (1000042, 1000043).
	KindDenied
	// KindThrottled: over the vendor's rate (1000040, HTTP 429), or our own rate
	// budget has no room before the caller's deadline.
	KindThrottled
	// KindUnavailable: not reachable, timed out, cancelled, HTTP 5xx, or the
	// vendor's own trouble (1000001, 1000012, 3000009).
	KindUnavailable
	// KindMalformed: an answer that is not in the documented shape: HTML,
	// truncated, too large, a redirect, wrong types.
	KindMalformed
	// KindStopped: nothing was sent, because two authentication failures in a row
	// stopped the client until a person lifts it.
	KindStopped
	// KindIncomplete: a listing could not be proved complete.
	KindIncomplete
	// KindPartial: the PBX did a part of what it was asked (its errcode 1): read back.
	KindPartial
	// KindProcessing: the PBX accepted it and is not done (its errcode 2): read back later.
	KindProcessing
)

// String gives the kind as one or two words.
func (k Kind) String() string {
	switch k {
	case KindRefused:
		return "refused"
	case KindNotFound:
		return "not found"
	case KindConflict:
		return "conflict"
	case KindInvalid:
		return "invalid"
	case KindCredentials:
		return "credentials"
	case KindDenied:
		return "denied"
	case KindThrottled:
		return "throttled"
	case KindUnavailable:
		return "unavailable"
	case KindMalformed:
		return "malformed"
	case KindStopped:
		return "stopped"
	case KindIncomplete:
		return "incomplete"
	case KindPartial:
		return "partial"
	case KindProcessing:
		return "processing"
	default:
		return "unclassified"
	}
}

// Sent says what is known about the fate of the request. For a write it decides
// what may be done next. The zero value is the careful one.
type Sent int

// What is known of a request that failed.
const (
	// SentUnknown: bytes went out and the fate is open (timeout, connection
	// closed, malformed answer, 5xx or 1000001 to a write). Never send it again:
	// read back and classify.
	SentUnknown Sent = iota
	// SentNo: certainly not applied: the vendor did not get the request (no
	// connection, no token, cancelled while waiting for our own rate budget).
	SentNo
	// SentAnswered: the vendor answered with a definite no; nothing was applied.
	SentAnswered
)

// String gives the fate as one word.
func (s Sent) String() string {
	switch s {
	case SentNo:
		return "no"
	case SentAnswered:
		return "answered"
	default:
		return "unknown"
	}
}

// Error is the one error type of the packages below yeastar. Every text in it
// was cleaned of secrets before it was put here.
type Error struct {
	// Op is the operation and its subject, such as "update DID bindings of PBX 4808".
	Op string
	// Kind is what the failure means.
	Kind Kind
	// Sent is the fate of the request; it matters for writes.
	Sent Sent
	// HTTPStatus is the status of the answer, 0 when there was none.
	HTTPStatus int
	// Code is the vendor's error code, 0 when there was none.
	Code int
	// Symbol is the vendor's documented name of Code, "" when it has none.
	Symbol string
	// Msg is the vendor's short message, or ours when there was no answer.
	Msg string
	// Detail is the vendor's longer message, or the beginning of an answer that
	// could not be understood.
	Detail string
	// RequestID is the vendor's id of the request, "" when it gave none.
	RequestID string
	// ByPBX says that the PBX itself answered, directly or through YCM; Code is then one of its own
	// errcodes. False when YCM answered, or nobody did.
	ByPBX bool
	// Params are the parameters that the PBX found wrong, Duplicates what already has a value of ours.
	Params     []ParamFault
	Duplicates []Duplicate
	// RetryAfter is how long the vendor asked to wait, 0 when it did not.
	RetryAfter time.Duration
	// Err is the cause, nil when the vendor's answer is the whole story.
	Err error
}

// ParamFault is one entry of a PBX's invalid_param_list.
type ParamFault struct {
	Field string
	// Rule is the vendor's validation_type, such as "required"; "" when it told none.
	Rule string
	// Value is what the PBX says of the value, "" when it said nothing.
	Value string
}

// Duplicate is one entry of a PBX's duplicate_field_list.
type Duplicate struct {
	Field, Value string
	// Source and SourceName say what has the value already.
	Source, SourceName string
}

// Error gives one line: operation, kind, what the vendor said, fate, request id.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	b.WriteString(e.Kind.String())
	if e.Symbol != "" {
		b.WriteString(": " + e.Symbol)
	}
	if e.Code != 0 {
		fmt.Fprintf(&b, " (%d)", e.Code)
	}
	for _, part := range []string{e.Msg, e.Detail} {
		if part != "" && part != e.Symbol {
			b.WriteString(": " + part)
		}
	}
	for _, p := range e.Params {
		b.WriteString(": invalid " + strings.TrimSpace(p.Field+" "+p.Rule+" "+p.Value))
	}
	for _, d := range e.Duplicates {
		b.WriteString(": duplicate " + strings.TrimSpace(d.Field+" "+d.Value+" "+d.Source+" "+d.SourceName))
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	fmt.Fprintf(&b, " [sent: %s", e.Sent)
	if e.HTTPStatus != 0 {
		fmt.Fprintf(&b, ", HTTP %d", e.HTTPStatus)
	}
	if e.RequestID != "" {
		b.WriteString(", request " + e.RequestID)
	}
	b.WriteString("]")
	return b.String()
}

// Unwrap gives the cause, so that errors.Is(err, context.Canceled) works.
func (e *Error) Unwrap() error { return e.Err }

// KindOf gives the kind of the first *Error in err's chain, 0 when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}

// SentOf gives the fate told by the first *Error in err's chain. An error of
// another type says nothing about the fate: SentUnknown.
func SentOf(err error) Sent {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Sent
	}
	return SentUnknown
}
