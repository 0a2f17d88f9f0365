package fleet

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// PathState says in one word whether Yeastar's reports reach us.
type PathState string

// The states of the webhook path.
const (
	PathHealthy    PathState = "healthy"
	PathNever      PathState = "never"      // no report has ever come, and nothing says that one was due: not set up yet
	PathSilent     PathState = "silent"     // none for a long time, and nothing says that one was due
	PathSuspicious PathState = "suspicious" // something does not fit; the next report or the next read tells
	PathBroken     PathState = "broken"     // reports were due and did not come
)

// PathFacts is what is known of the way that reports take. All times are of one clock, the vendor's.
type PathFacts struct {
	Now       time.Time
	Secrets   int             // how many a signature may be made with; 0: every report is refused
	Received  int             // signed calls that were stored, ever
	CalledAt  time.Time       // the newest of them, whatever it said; zero = none
	LastAt    time.Time       // the newest that spoke of numbers; zero = none
	Refused   int             // calls with a signature that did not fit, since the start
	RefusedAt time.Time       // the newest of them
	DeadAt    time.Time       // the newest report that can't be understood; zero = none
	Unechoed  []UnechoedWrite // our writes that changed pairs and that no report repeated, newest first
	Found     []FoundRead     // changes that a read found after LastAt, newest first
	Quiet     []QuietPBX      // PBXs whose newest changes were all found by reads, whatever others report
}

// UnechoedWrite is a plan whose write no report repeated.
type UnechoedWrite struct {
	PBX  PBXID
	Name string
	Plan PlanID
	At   time.Time // when it was sent
}

// FoundRead is a change that a read found before any report told it.
type FoundRead struct {
	PBX  PBXID
	Name string
	// NotBefore is when a read, or a report, had seen the PBX unchanged.
	NotBefore time.Time
	At        time.Time // when the read found it
}

// QuietPBX is a PBX of which reads find what reports never say.
type QuietPBX struct {
	PBX         PBXID
	Name        string
	Times       int
	First, Last time.Time
}

// PathEvidence is one thing that was seen, in words, and what it was seen on.
type PathEvidence struct {
	Text string
	PBX  PBXID
	Plan PlanID // empty unless it is about a write of ours
	At   time.Time
}

// PathVerdict is what the facts mean.
type PathVerdict struct {
	State    PathState
	Sentence string
	Since    time.Time // since when it is broken, as far as anybody can tell; else zero
	LastAt   time.Time // the newest report; zero = none
	Evidence []PathEvidence
	Hints    []string // what to look at, the likeliest first
}

const (
	// keepsFinding is how many changes reads must find, on more than one occasion, before the path is
	// called broken: a provider that releases numbers tells nobody, and that alone is no fault of the path.
	keepsFinding = 3
	// silentAfter is how long no report may come before somebody should look. Nothing says how often
	// numbers change, so this is no alarm.
	silentAfter = 7 * 24 * time.Hour
	// freshDead is how long a report that can't be understood is news about the path.
	freshDead = 24 * time.Hour
	// shownEvidence bounds what a verdict names one by one.
	shownEvidence = 8
)

// JudgePath tells whether reports reach us. A report that comes takes back everything that was
// held against the path before it. grace is how long the echo of a write, or the report of a
// change that a read found, may take.
func JudgePath(f PathFacts, grace time.Duration) PathVerdict {
	v := PathVerdict{LastAt: f.LastAt}
	if f.Secrets == 0 {
		v.State, v.Sentence = PathNever, "No webhook secret is set, so every report is refused. Changes made outside are found by reads alone."
		v.Hints = []string{hintSetUp, hintSecret}
		return v
	}
	missing := f.missingEchoes(grace)
	found := f.unexplained(grace)
	f.Quiet = slices.DeleteFunc(slices.Clone(f.Quiet), func(q QuietPBX) bool { return q.Last.Sub(q.First) <= grace })
	keeps := len(found) >= keepsFinding && severalOccasions(found)
	switch {
	case len(missing) > 0:
		v.State, v.Since = PathBroken, missing[len(missing)-1].At
		v.Sentence = "The webhook path looks broken: Yeastar did not report " + times(len(missing), "a change", "changes") + " that Cordboard made itself."
	case keeps:
		v.State, v.Since = PathBroken, found[len(found)-1].At
		v.Sentence = "The webhook path looks broken: reads found " + times(len(found), "a change", "changes") + " that no report told."
	case len(f.Quiet) > 0:
		v.State, v.Since = PathBroken, f.Quiet[0].First
		v.Sentence = "The webhook path looks broken for " + f.Quiet[0].Name
		if more := len(f.Quiet) - 1; more > 0 {
			v.Sentence += " and " + times(more, "one more PBX", "more PBXs")
		}
		v.Sentence += ": reads keep finding what no report tells."
	case f.CalledAt.IsZero() && f.Refused > 0:
		v.State, v.Since = PathBroken, f.RefusedAt
		v.Sentence = "The webhook path looks broken: reports come, but none is signed with a secret that Cordboard was started with."
	case f.CalledAt.IsZero():
		v.State, v.Sentence, v.Hints = PathNever, "No report has ever arrived.", []string{hintSetUp}
		return v
	case !f.DeadAt.IsZero() && f.Now.Sub(f.DeadAt) < freshDead:
		v.State, v.Sentence = PathSuspicious, "Reports arrive, and one that came lately can't be understood."
		v.Hints = []string{"Read the reason in the inbox. After an upgrade of Cordboard dead reports are tried again by themselves."}
		return v
	case f.RefusedAt.After(f.CalledAt):
		v.State = PathSuspicious
		v.Sentence = "Since the last report, calls came whose signature does not fit."
	case len(found) > 0:
		v.State = PathSuspicious
		v.Sentence = "A read found a change that no report has told yet."
	case f.LastAt.IsZero():
		v.State, v.Sentence = PathNever, "Signed calls arrive; none has spoken of numbers yet."
		v.Hints = []string{hintEvents}
		return v
	case f.Now.Sub(f.LastAt) > silentAfter:
		v.State, v.Sentence = PathSilent, "No report has come for more than a week. That may be right: nothing says that one was due."
	default:
		v.State, v.Sentence = PathHealthy, "Reports arrive and are understood."
		return v
	}
	v.Evidence = evidence(missing, found, f.Quiet)
	v.Hints = f.hints()
	return v
}

// missingEchoes are the writes whose report is overdue, newest first. Any report that came after a
// write was sent shows that the path works.
func (f PathFacts) missingEchoes(grace time.Duration) (missing []UnechoedWrite) {
	for _, w := range f.Unechoed {
		if w.At.After(f.LastAt) && f.Now.Sub(w.At) > grace {
			missing = append(missing, w)
		}
	}
	return missing
}

func (f PathFacts) unexplained(grace time.Duration) (found []FoundRead) {
	for _, r := range f.Found {
		if r.At.After(f.LastAt) && f.Now.Sub(r.At) > grace {
			found = append(found, r)
		}
	}
	return found
}

// severalOccasions reports whether some of the changes certainly happened after others had been found.
// What one pass finds, however long it takes, may all have happened while nobody listened.
func severalOccasions(found []FoundRead) bool {
	first := found[len(found)-1].At
	return slices.ContainsFunc(found, func(r FoundRead) bool { return !r.NotBefore.Before(first) })
}

const (
	hintSetUp  = "In YCM, System > API > Webhook Event Push must have an entry with this server's address and /hooks/ycm, by the method POST."
	hintSecret = "The secret of that entry must be the one that Cordboard was started with."
	hintEvents = "The event of DID changes must be chosen in that entry."
	hintReach  = "YCM must reach this server: look at the proxy, the firewall, the certificate and the name."
)

func (f PathFacts) hints() []string {
	hints := []string{hintSetUp, hintEvents, hintReach}
	if f.Refused > 0 {
		return append([]string{fmt.Sprintf("%s: %s since the start had a signature that does not fit.", hintSecret[:len(hintSecret)-1], times(f.Refused, "one call", "calls"))}, hints...)
	}
	if len(f.Quiet) > 0 && f.Now.Sub(f.LastAt) < silentAfter {
		hints = append([]string{"Reports of other PBXs arrive: see whether these belong to the same YCM account."}, hints...)
	}
	return append(hints, hintSecret)
}

func evidence(missing []UnechoedWrite, found []FoundRead, quiet []QuietPBX) (seen []PathEvidence) {
	for _, w := range missing {
		seen = append(seen, PathEvidence{"Cordboard changed " + w.Name + " and no report followed.", w.PBX, w.Plan, w.At})
	}
	for _, q := range quiet {
		seen = append(seen, PathEvidence{fmt.Sprintf("The last %d changes of %s were found by reads.", q.Times, q.Name), q.PBX, "", q.Last})
	}
	for _, r := range found {
		seen = append(seen, PathEvidence{"A read found a change on " + r.Name + ".", r.PBX, "", r.At})
	}
	return seen[:min(len(seen), shownEvidence)]
}

// times counts: one, or the number and many.
func times(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return strconv.Itoa(n) + " " + many
}
