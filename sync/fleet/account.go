package fleet

import "time"

// Account is what a first look at a YCM account saw. YCM tells no name of it.
type Account struct {
	Regions     []string
	PBXs        int
	Trunks      int
	Numbers     int
	ClockOffset time.Duration // the vendor's clock minus ours; 0 below two seconds
	Asked       int           // PBXs that are on record and were asked for
	Ours        int           // of those, the ones that this account knows
}

// Foreign reports whether the account knows none of the PBXs that are on record.
func (a Account) Foreign() bool { return a.Asked > 0 && a.Ours == 0 }
