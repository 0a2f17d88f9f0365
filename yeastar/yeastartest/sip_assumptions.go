package yeastartest

import "time"

// SIPAssumptions says how the PBXs' own API behaves where the vendor's pages are silent (pseries
// contract §10). The zero value is the default of every row.
type SIPAssumptions struct {
	// HTTPErrors answers failures with HTTP 400 (row 1). By default they come with 200.
	HTTPErrors bool
	// MergeArrays adds sent lists to what is there (row 2). By default they replace it.
	MergeArrays bool
	// MaskPasswords shows asterisks in place of passwords (row 3).
	MaskPasswords bool
	// StrongPasswords refuses passwords under ten characters (row 4).
	StrongPasswords bool
	// Shared is what becomes of the other fields of a shared trunk (row 5).
	Shared SharedRule
	// PlainPeer calls all peer types peer in trunk/get (row 7).
	PlainPeer bool
	// GetAsArray answers trunk/get with a list of one (row 8).
	GetAsArray bool
	// RefusePageSize refuses a page size over MaxPage (row 9). By default it is cut.
	RefusePageSize bool
	// MaxPage is the largest page; 0 = 100.
	MaxPage int
	// RefreshKeepsOld keeps the old access token alive, and its slot taken, after a refresh (row 10).
	RefreshKeepsOld bool
	// BadRefreshFails answers a bad refresh token with -1 (row 11). By default it is 10004.
	BadRefreshFails bool
	// SecretKeepsTokens keeps tokens alive when the client secret changes (row 13).
	SecretKeepsTokens bool
	// NewerEverywhere gives peer and account trunks the newer fields too (row 18).
	NewerEverywhere bool
	// Settle is how long a register trunk is registering after it was saved (row 23); 0 = 2 seconds.
	Settle time.Duration
}

// SharedRule is what a PBX does with fields of a shared trunk that are not its own.
type SharedRule int

// The rules for shared trunks.
const (
	SharedInvalid SharedRule = iota // 40002 with the fields
	SharedIgnored                   // success, and nothing happens to them
	SharedDenied                    // 10009
)

func (a SIPAssumptions) maxPage() int {
	if a.MaxPage == 0 {
		return 100
	}
	return a.MaxPage
}

func (a SIPAssumptions) settle() time.Duration {
	if a.Settle == 0 {
		return 2 * time.Second
	}
	return a.Settle
}
