package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
)

// Level says how bad a finding is.
type Level string

// The levels.
const (
	Wrong Level = "wrong" // something does not work, or is about to be lost
	Look  Level = "look"  // it works, and somebody should look at it
	Fine  Level = "fine"
)

// Finding is one thing that was looked at. Path is the page on which it is mended; empty for none.
type Finding struct {
	Level Level  `json:"level"`
	Check string `json:"check"`
	What  string `json:"sentence"`
	Mend  string `json:"mend"`
	Path  string `json:"path"`
}

// Where things are mended.
const (
	pathConnection = "/settings/yeastar"
	pathWebhook    = "/settings/webhook"
	pathInbox      = "/webhooks"
	pathUsers      = "/settings/users"
	pathPlans      = "/plans"
	pathBackups    = "/settings/backup"
	pathUnknown    = "/pbx?state=unknown"
	pathStale      = "/pbx?state=stale"
	pathRegion     = "/settings/numbers"
	pathPasses     = "/settings/sync"
)

// Examine judges everything, the worst first. What is fine is told too.
func Examine(f Facts) []Finding {
	found := []Finding{f.connection(), f.clock(), f.webhook(), f.inbox(), f.disk(), f.backup(), f.key(), f.admins(), f.door(), f.proxies(), f.plans(), f.reading(), f.passes()}
	if f.Restart {
		found = append(found, Finding{Look, "Home region", "Another home region was set and is not in use yet.", "Start Cordboard again.", pathRegion})
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Level.rank(), b.Level.rank()) })
	return found
}

func (l Level) rank() int { return slices.Index([]Level{Wrong, Look, Fine}, l) }

// Worst is the level of the worst finding.
func Worst(found []Finding) Level {
	if len(found) == 0 {
		return Fine
	}
	return slices.MinFunc(found, func(a, b Finding) int { return cmp.Compare(a.Level.rank(), b.Level.rank()) }).Level
}

func (f Facts) connection() Finding {
	const check = "Connection to YCM"
	switch {
	case f.Sealed != "":
		return Finding{Wrong, check, "The stored client secret can't be opened.", f.Sealed, pathConnection}
	case !f.Stopped.IsZero():
		return Finding{Wrong, check, "Yeastar refuses our sign-in since " + f.Stopped.UTC().Format("2 Jan 2006, 15:04 UTC") + ": " + f.Refusal,
			"Correct the client id and secret, or the address filter in YCM under System > API, and try to sign in again.", pathConnection}
	case f.Trouble != "":
		return Finding{Wrong, check, f.Trouble, "Enter the client id and secret that stand in YCM under System > API.", pathConnection}
	}
	return Finding{Fine, check, "YCM accepts our client id and secret.", "", pathConnection}
}

// A clock that is off confuses people who compare times; one that is far off, YCM's own checks.
const (
	clockOff = 30 * time.Second
	clockBad = 5 * time.Minute
)

func (f Facts) clock() Finding {
	const check, mend = "Clock", "Let this machine take its time from the network (NTP)."
	what := fmt.Sprintf("This machine's clock differs from YCM's by %s.", fleet.Span(f.Offset.Abs().Round(time.Second)))
	switch {
	case f.Offset.Abs() >= clockBad:
		return Finding{Wrong, check, what, mend, ""}
	case f.Offset.Abs() >= clockOff:
		return Finding{Look, check, what, mend, ""}
	}
	return Finding{Fine, check, "This machine's clock and YCM's agree, as far as YCM told its own.", "", ""}
}

func (f Facts) webhook() Finding {
	const check = "Webhook"
	switch {
	case f.Secrets == 0:
		return Finding{Wrong, check, "The webhook has no secret: every report is refused.", "Set it up in YCM's portal, and enter its secret.", pathWebhook}
	case f.Path.State == fleet.PathBroken:
		return Finding{Wrong, check, f.Path.Sentence, firstOf(f.Path.Hints, "Check the webhook in YCM's portal."), pathWebhook}
	case f.Reports == 0:
		return Finding{Look, check, "No report has ever arrived.", "Enter the address in YCM's portal, then change a number of any PBX: the page turns green when the first report comes.", pathWebhook}
	case f.Path.State != fleet.PathHealthy:
		return Finding{Look, check, f.Path.Sentence, firstOf(f.Path.Hints, "See what came last."), pathWebhook}
	}
	return Finding{Fine, check, f.Path.Sentence, "", pathWebhook}
}

func firstOf(words []string, otherwise string) string {
	if len(words) == 0 {
		return otherwise
	}
	return words[0]
}

func (f Facts) inbox() Finding {
	const check = "Deliveries"
	switch {
	case f.Dead > 0:
		return Finding{Look, check, counted(f.Dead, "delivery", "deliveries") + " can't be understood.", "Look at why, and have them digested again once the cause is gone.", pathInbox + "?state=dead"}
	case f.Parked > 0:
		return Finding{Look, check, counted(f.Parked, "delivery waits", "deliveries wait") + " for a PBX that is not known.", "They are taken up when YCM lists the PBX; if it never does, the account can't see it.", pathInbox + "?state=parked"}
	}
	return Finding{Fine, check, "Every delivery was understood.", "", pathInbox}
}

// Room on the disk below which people should look, and below which the next writes may fail.
const (
	roomLow  = 1 << 30
	roomBad  = 100 << 20
	roomPart = 20 // of the whole disk: a twentieth
)

func (f Facts) disk() Finding {
	const check, mend = "Data folder", "Make room on the disk of the data folder, or move the folder to a larger one."
	d := f.Disk
	what := fmt.Sprintf("%s of %s are free where the database is.", size(d.Free), size(d.Total))
	switch {
	case d.Fault != "":
		return Finding{Wrong, check, "Nothing can be written into the data folder: " + d.Fault, "Give the user that runs Cordboard the right to write there, and mount it writable. Until then webhooks are answered 503, and YCM sends them again.", ""}
	case d.Total == 0:
		return Finding{Fine, check, "The data folder can be written.", "", ""}
	case d.Free < roomBad:
		return Finding{Wrong, check, what, mend, ""}
	case d.Free < roomLow && d.Free < d.Total/roomPart:
		return Finding{Look, check, what, mend, ""}
	}
	return Finding{Fine, check, what, "", ""}
}

// size is a number of bytes for people.
func size(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// backupOld is the age of a copy from which people should look, where none is made by a schedule.
const backupOld = 7 * 24 * time.Hour

func (f Facts) backup() Finding {
	const check, mend = "Backup", "Have one made by a schedule (--backup-every), and keep the copies and the key on another machine."
	b := f.Backup
	switch {
	case b.Trouble != "":
		return Finding{Wrong, check, b.Trouble, "Make room, or choose another folder (--backup-dir).", pathBackups}
	case b.LastAt.IsZero():
		return Finding{Look, check, "No backup was ever made here.", mend, pathBackups}
	case f.Now.Sub(b.LastAt) > max(backupOld, 2*b.Every):
		return Finding{Look, check, fmt.Sprintf("The last backup is %d days old.", f.Now.Sub(b.LastAt)/(24*time.Hour)), mend, pathBackups}
	}
	return Finding{Fine, check, "The last backup is of " + b.LastAt.UTC().Format("2 Jan 2006, 15:04 UTC") + ".", "", pathBackups}
}
