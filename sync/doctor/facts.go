package doctor

import (
	"time"

	"cordboard/sync/fleet"
)

// Place is where an installation runs, as its start says.
type Place struct {
	Listen   string // the address that is served
	Loopback bool   // only this machine can reach it
	Proxies  int    // trusted proxies, or networks of them
	KeyFile  bool   // the key lies in the data folder, beside what it opens
}

// Facts are what is known of an installation at one moment.
type Facts struct {
	Place
	Now      time.Time
	Plain    bool   // somebody uses the pages from elsewhere without https
	Sealed   string // why the stored connection can't be opened; empty when it can
	Trouble  string // why YCM can't be used; empty when it can
	Stopped  time.Time
	Refusal  string // what Yeastar said when it stopped
	Offset   time.Duration
	Region   string // the home region that is set, if the next start will use another than this one
	Restart  bool   // such a change waits for a start
	Path     fleet.PathVerdict
	Secrets  int // that the webhook's signature may be made with
	Reports  int
	Parked   int
	Dead     int
	Admins   int
	Drafts   int
	Unknown  int // plans whose fate nobody knows
	PBXs     int
	Unread   int // PBXs of which nothing can be told
	Stale    int
	Interval time.Duration
	Disk     Disk
	Backup   Backup
}

// Disk is the folder of the database.
type Disk struct {
	Free, Total uint64 // bytes; 0 and 0: this system does not tell
	Fault       string // why nothing can be written there; empty when it can
}

// Backup is what is known of copies.
type Backup struct {
	Every   time.Duration // 0: none is made by itself
	LastAt  time.Time     // zero: none was ever made
	Trouble string        // why the last attempts failed; empty when they did not
}
