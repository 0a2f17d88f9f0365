package web

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views/ui"
)

// phoneBook keeps numbers in the form in which people read them. Formatting costs some sixteen
// microseconds, a page may show a thousand numbers, and the same ones come again. The zero value
// is ready.
type phoneBook struct {
	mu    sync.Mutex
	known map[string]string
}

// phoneBookSize bounds what is kept: about two megabytes.
const phoneBookSize = 20_000

// phone is the number in international form, "+44 20 7946 0000", when it is one; else the number
// as Yeastar has it ("2113", "83"). No digit of a number with a plus ever changes.
func (s *Server) phone(raw string) string {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	if text, ok := s.book.known[raw]; ok {
		return text
	}
	if s.book.known == nil || len(s.book.known) >= phoneBookSize {
		s.book.known = map[string]string{}
	}
	text := s.Phone.Pretty(raw)
	if strings.HasPrefix(raw, "+") && digits(text) != raw[1:] {
		text = raw
	}
	s.book.known[raw] = text
	return text
}

// digits are the ASCII digits of text.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// thousands is n with a comma every three digits.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// count is "1 number", "1,204 numbers".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + plural(noun)
}

// plural is the plural of the regular nouns that pages use.
func plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(stem, "a") {
		return stem + "ies"
	}
	if strings.HasSuffix(noun, "s") {
		return noun + "es"
	}
	return noun + "s"
}

// bytesText is a size in bytes for people.
func bytesText(n int) string {
	if n < 1000 {
		return strconv.Itoa(n) + " B"
	}
	return strconv.FormatFloat(float64(n)/1000, 'f', 1, 64) + " kB"
}

// absolute is a time that stands at the end of a sentence: "21 Nov 2026, 14:02 UTC".
func absolute(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// between is a span of time of which only the ends are known.
func between(from, to time.Time) string {
	from, to = from.UTC(), to.UTC()
	switch {
	case from.IsZero():
		return "at some moment before " + absolute(to)
	case from.Format(time.DateOnly) == to.Format(time.DateOnly):
		return "between " + from.Format("15:04") + " and " + to.Format("15:04 UTC")
	}
	return "between " + from.Format("2 Jan, 15:04") + " and " + to.Format("2 Jan, 15:04 UTC")
}

func syncBadge(state fleet.SyncState) ui.Badge {
	switch state {
	case fleet.InSync:
		return ui.Badge{Tone: ui.Ok, Label: "In sync"}
	case fleet.Drifted:
		return ui.Badge{Tone: ui.Bad, Label: "Drifted"}
	case fleet.Stale:
		return ui.Badge{Tone: ui.Warn, Label: "Stale"}
	case fleet.Gone:
		return ui.Badge{Tone: ui.Mute, Label: "Gone"}
	}
	return ui.Badge{Tone: ui.Ask, Label: "Unknown"}
}

// syncStates are the states in the order in which the fleet's bar shows them.
func syncStates() []fleet.SyncState {
	return []fleet.SyncState{fleet.InSync, fleet.Drifted, fleet.Stale, fleet.Unknown, fleet.Gone}
}

// statusBadge is whether the PBX runs, which is not whether we know its bindings.
func statusBadge(row fleet.PBXRow) ui.Badge {
	if !row.Standing.GoneAt.IsZero() {
		return ui.Badge{Tone: ui.Mute, Label: "Deleted"}
	}
	label := string(row.Status)
	switch row.Status {
	case fleet.StatusRunning:
		return ui.Badge{Tone: ui.Ok, Label: label}
	case fleet.StatusStopped:
		return ui.Badge{Tone: ui.Mute, Label: label}
	case fleet.StatusStarting, fleet.StatusUpgrading, fleet.StatusRestoring, fleet.StatusProvisioning:
		return ui.Badge{Tone: ui.Busy, Label: label}
	case "":
		return ui.Badge{Tone: ui.Ask, Label: "No status yet"}
	}
	return ui.Badge{Tone: ui.Warn, Label: label}
}

func planBadge(status plan.Status) ui.Badge {
	switch status {
	case plan.Draft:
		return ui.Badge{Tone: ui.Busy, Label: "Draft"}
	case plan.Applying:
		return ui.Badge{Tone: ui.Busy, Label: "Applying"}
	case plan.Applied:
		return ui.Badge{Tone: ui.Ok, Label: "Verified"}
	case plan.Diverged:
		return ui.Badge{Tone: ui.Bad, Label: "Diverged"}
	case plan.Failed:
		return ui.Badge{Tone: ui.Bad, Label: "Failed"}
	case plan.Stale:
		return ui.Badge{Tone: ui.Warn, Label: "Stale"}
	case plan.Void:
		return ui.Badge{Tone: ui.Mute, Label: "Void"}
	case plan.Expired:
		return ui.Badge{Tone: ui.Mute, Label: "Expired"}
	}
	return ui.Badge{Tone: ui.Ask, Label: "Unknown"}
}

func deliveryBadge(state fleet.DeliveryState) ui.Badge {
	switch state {
	case fleet.DeliveryStored:
		return ui.Badge{Tone: ui.Busy, Label: "Stored"}
	case fleet.DeliveryDigested:
		return ui.Badge{Tone: ui.Ok, Label: "Digested"}
	case fleet.DeliveryDuplicate:
		return ui.Badge{Tone: ui.Mute, Label: "Duplicate"}
	case fleet.DeliveryLate:
		return ui.Badge{Tone: ui.Warn, Label: "Late"}
	case fleet.DeliveryParked:
		return ui.Badge{Tone: ui.Warn, Label: "Parked"}
	}
	return ui.Badge{Tone: ui.Bad, Label: "Dead"}
}

// deliveryStates are the states in the order in which the inbox offers them.
func deliveryStates() []fleet.DeliveryState {
	return []fleet.DeliveryState{fleet.DeliveryStored, fleet.DeliveryDigested, fleet.DeliveryDuplicate, fleet.DeliveryLate, fleet.DeliveryParked, fleet.DeliveryDead}
}

// sourceWord says who told us about a snapshot.
func sourceWord(source fleet.Source) string {
	switch source {
	case fleet.FromWebhook:
		return "Webhook"
	case fleet.FromWrite:
		return "Cordboard"
	}
	return "Sweep"
}

// joinOr is "A", "A or B", "A, B or C".
func joinOr(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// didsOf are the DIDs of pairs, each once.
func didsOf(pairs ...[]fleet.Binding) []fleet.DIDID {
	var ids []fleet.DIDID
	for _, list := range pairs {
		for _, b := range list {
			ids = append(ids, b.DID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// short keeps hostile or endless input from filling a page: at most n runes of text.
func short(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return text
}
