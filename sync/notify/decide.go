package notify

import (
	"fmt"
	"time"
)

// remindAfter is how long people are left alone with something that they know of.
const remindAfter = 24 * time.Hour

// Step is one change of what is stored, and what people are told of it: nothing when Tell is empty.
type Step struct {
	Notice Notice // as it shall be; ID 0 is a new one
	Tell   Event
	Gone   bool // it is over because its PBX does not exist any more
}

// Decide compares what holds now with the open notices. It opens a notice for what is new, once,
// tells of it as soon as somebody can be told and wants to be, reminds once a day, and closes what
// no longer holds. Conditions that go on with other words change the stored notice silently, unless
// it became louder: a drifted PBX that lost its last number.
func Decide(held []Condition, open []Notice, wants func(Kind) bool, now time.Time) (steps []Step) {
	holds := make(map[string]bool, len(held))
	stored := make(map[string]Notice, len(open))
	for _, n := range open {
		stored[n.Key] = n
	}
	for _, c := range held {
		if holds[c.Key] {
			continue
		}
		holds[c.Key] = true
		n, known := stored[c.Key]
		was := n.Condition
		if !known {
			n.OpenedAt = now
		}
		switch {
		case c.Since.IsZero() && known:
			c.Since = n.Since
		case c.Since.IsZero():
			c.Since = now
		}
		n.Condition = c
		step := Step{Notice: n}
		switch {
		case !wants(c.Kind):
		case n.ToldAt.IsZero(), known && c.Kind.louder(was.Kind):
			step.Tell = Opened
		case now.Sub(n.ToldAt) >= remindAfter:
			step.Tell = Reminder
		}
		if step.Tell != "" {
			step.Notice.ToldAt = now
		}
		if !known || step.Tell != "" || !same(was, c) {
			steps = append(steps, step)
		}
	}
	for _, n := range open {
		if holds[n.Key] {
			continue
		}
		n.ClosedAt = now
		step := Step{Notice: n}
		if !n.ToldAt.IsZero() {
			step.Tell = Closed
		}
		steps = append(steps, step)
	}
	return steps
}

func same(a, b Condition) bool {
	a.Since, b.Since = a.Since.Truncate(time.Microsecond).UTC(), b.Since.Truncate(time.Microsecond).UTC()
	return a == b
}

// compose is the message that tells a step. base is how people reach Cordboard, or empty.
func (s Step) compose(id, base string, now time.Time) Message {
	n := s.Notice
	m := Message{ID: id, Event: s.Tell, Kind: n.Kind, Key: n.Key, PBX: n.PBX, Subject: n.Subject, Title: n.Title, Sentence: n.Sentence, Since: n.Since, At: now}
	if base != "" {
		m.URL = base + n.Path
	}
	switch s.Tell {
	case Reminder:
		m.Title, m.Sentence = "Still: "+n.Title, n.Sentence
	case Closed:
		if s.Gone && (n.Kind == Drift || n.Kind == EmptyPBX) {
			m.Title = "The drift of " + n.Subject + " ended with its deletion"
			m.Sentence = fmt.Sprintf("It is over because the PBX was deleted, not because it is as it was. It had been so for %s: %s", span(now.Sub(n.Since)), n.Sentence)
			break
		}
		m.Title, m.Sentence = over(n.Kind, n.Subject), fmt.Sprintf("It is settled. It had been so for %s: %s", span(now.Sub(n.Since)), n.Sentence)
	}
	return m
}

// over is the title of a recovery.
func over(k Kind, subject string) string {
	switch k {
	case DeletedPBX, ReportedPBX:
		return "The deletion of " + subject + " is settled"
	case EmptyPBX, Drift:
		return subject + " is no longer drifted"
	case Write:
		return "The plan on " + subject + " is settled"
	case WebhookPath:
		return "The webhook path works again"
	case SignIn:
		return "YCM accepts Cordboard's sign-in again"
	case Backup:
		return "A backup was made again"
	}
	return "Settled: " + subject
}

// span is a length of time in words, two units at most.
func span(d time.Duration) string {
	d = max(d, 0).Round(time.Minute)
	switch hours := int(d / time.Hour); {
	case d < time.Minute:
		return "less than a minute"
	case hours == 0:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	case hours < 48:
		return fmt.Sprintf("%d h %d min", hours, int(d%time.Hour/time.Minute))
	default:
		return fmt.Sprintf("%d days", hours/24)
	}
}

// retries are the pauses between the attempts to send one message: about a day in all.
var retries = []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 8 * time.Hour}

// after is how long to wait after so many attempts that failed; false: it is given up.
func after(attempts int) (time.Duration, bool) {
	if attempts < 1 || attempts > len(retries) {
		return 0, false
	}
	return retries[attempts-1], true
}
