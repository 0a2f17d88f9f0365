package yeastartest

import "time"

// Assumptions says how the simulator behaves where the vendor's pages are
// silent. The zero value is the default of every row; each switch picks the
// other possibility. The numbers are the rows of the open-question table in the
// contract notes.
type Assumptions struct {
	// Errors picks the fields of an error answer (row 1).
	Errors ErrorShape
	// AlwaysOK answers failures with HTTP 200 too (row 2). By default 401 is
	// answered for authentication, 429 for the rate, 404 for what is not found
	// and 400 for the rest.
	AlwaysOK bool
	// OAuthErrors answers failed token calls and refused tokens with the bare
	// {"error","error_description"} of OAuth instead of YCM's envelope.
	OAuthErrors bool
	// ExpiredCode is the vendor code for an expired token (row 3); 0 = 1000035.
	ExpiredCode int
	// StrictTokens kills older access tokens when a newer one is issued (row 4).
	// By default they live until they expire; only the refresh token rotates.
	StrictTokens bool
	// AccessSurvivesRevoke keeps access tokens alive when the refresh token is
	// revoked (row 5).
	AccessSurvivesRevoke bool
	// NoLockout turns off the block of token calls from an address after five
	// failed logins in a row.
	NoLockout bool
	// AllowNoUserAgent accepts requests without User-Agent; by default they are
	// refused with 400 and 1000004.
	AllowNoUserAgent bool

	// NoRateLimit turns the rate limit off (row 6).
	NoRateLimit bool
	// Rate is the token bucket of a client id (row 6); zero fields take 600,
	// 300 and 3 minutes.
	Rate Rate
	// RetryAfter adds a Retry-After header to throttled answers (row 6).
	RetryAfter bool

	// MergeBindings makes PUT did add to the bindings instead of replacing them
	// (row 7). An empty list still clears.
	MergeBindings bool
	// KeepOmittedHeaders keeps the custom SIP headers when PUT did does not
	// name them (row 8). By default they are cleared.
	KeepOmittedHeaders bool
	// SkipInvalid makes PUT did skip pairs and headers it would refuse (row 9),
	// and answer Success.
	SkipInvalid bool
	// AllowHeaderDuplicates accepts a header value that another PBX uses on the
	// same trunk and header (row 10).
	AllowHeaderDuplicates bool
	// AllowLongHeaders accepts header values over 255 characters (row 10).
	AllowLongHeaders bool
	// RefuseOldFirmware refuses with 1000004 what the firmware is too old for
	// (row 11). By default it is ignored, with Success.
	RefuseOldFirmware bool
	// HeadersField names the header definitions in a trunk (row 12);
	// "" = customSipHeaders.
	HeadersField string
	// TrunkWithoutData answers one trunk with its fields beside requestId
	// instead of under data, as the vendor's table shows them.
	TrunkWithoutData bool
	// GrantedStatusDenied refuses the status of a trunk that is not the account's
	// own with 1000042. By default it is shown.
	GrantedStatusDenied bool
	// SingleTrunkAsObject answers the list of own trunks with an object when
	// there is exactly one: the vendor's table types it Object.
	SingleTrunkAsObject bool
	// UsableIncludesOwn lists DIDs that the PBX already has as usable (row 13).
	UsableIncludesOwn bool
	// Unassigned picks the cloudPbxId of a DID without a PBX (row 14).
	Unassigned UnassignedForm
	// NoEventWhenEmpty sends no did_delete or trunk_delete for a PBX that is
	// left with no DID (row 22).
	NoEventWhenEmpty bool
	// EventOnLoss sends did_change for a restore and for numbers revoked
	// upstream (row 20). By default nobody is told.
	EventOnLoss bool
	// EventAlways sends did_change even when a PUT did changed nothing (row 21).
	EventAlways bool
	// OrphanDIDsStay keeps DIDs whose last trunk was deleted, without trunk. By
	// default they are deleted with it.
	OrphanDIDsStay bool
	// MaxDIDs is the largest number of DIDs in one PUT did (row 23); 0 = no limit.
	MaxDIDs int
	// SearchIgnored answers every search as if no keyword was given (row 25).
	// By default it is a substring, in either case.
	SearchIgnored bool
	// LateSerial gives a new PBX no serial number until GiveSerial (row 15). By
	// default it has one at once.
	LateSerial bool
	// CreatedStatus is the state of a new PBX (row 15); "" = Stopped.
	CreatedStatus string
	// StartDelay is how long a PBX is Starting, and Provisioning when it has a
	// template, and Stopped after a stop; 0 = 5 milliseconds.
	StartDelay time.Duration
	// StuckIn is a state, Starting or Provisioning, that a start does not leave.
	StuckIn string
	// StartAgain is the code of a start that finds the PBX running, or of a stop
	// that finds it stopped; 0 = Success.
	StartAgain int
	// DeleteOnlyStopped refuses to delete a PBX that is not Stopped (row 16). By
	// default any state will do.
	DeleteOnlyStopped bool
	// DeleteDelay passes between the 200 of a deletion and its effect.
	DeleteDelay time.Duration
	// MaxCustomers is the most customers of a PBX (row 23); 0 = no limit.
	MaxCustomers int
	// KeepRecording refuses a resize to fewer recording minutes, as one revision
	// of the page says.
	KeepRecording bool
	// CapacityCode is the code for more than the subscription has left, which is
	// not documented; 0 = 1000004.
	CapacityCode int
	// NoAvailable leaves available out of the subscription.
	NoAvailable bool

	// SIP are the assumptions about the PBXs' own API.
	SIP SIPAssumptions

	// ClampPageSize cuts a page size over 50 to 50 instead of refusing it.
	ClampPageSize bool
}

// Rate is a token bucket: Burst tokens at most, Tokens more each Interval.
type Rate struct {
	Burst    int           // requests; 0 = 600
	Tokens   int           // requests per Interval; 0 = 300
	Interval time.Duration // 0 = 3 minutes
}

func (r Rate) withDefaults() Rate {
	if r.Burst == 0 {
		r.Burst = 600
	}
	if r.Tokens == 0 {
		r.Tokens = 300
	}
	if r.Interval == 0 {
		r.Interval = 3 * time.Minute
	}
	return r
}

// ErrorShape is a form of the error answer. The vendor documents requestId,
// status and time only; the other fields are taken from its sibling products.
type ErrorShape int

// The forms of an error answer.
const (
	ErrorNumber ErrorShape = iota // errno as a number, errmsg
	ErrorString                   // errno as a string, errmsg
	ErrorDetail                   // errCode as a string, errMsg, detailMsg
	ErrorBare                     // requestId, status and time alone, as documented
)

// UnassignedForm is a form of cloudPbxId in a DID that no PBX has.
type UnassignedForm int

// The forms of cloudPbxId in an unassigned DID.
const (
	UnassignedRotates UnassignedForm = iota // null, "" and absent, by DID id modulo 3
	UnassignedNull                          // null
	UnassignedEmpty                         // ""
	UnassignedAbsent                        // no such field
	UnassignedZero                          // "0"
)

func (a Assumptions) expiredCode() int {
	if a.ExpiredCode != 0 {
		return a.ExpiredCode
	}
	return CodeTokenExpired
}

func (a Assumptions) headersField() string {
	if a.HeadersField != "" {
		return a.HeadersField
	}
	return "customSipHeaders"
}
