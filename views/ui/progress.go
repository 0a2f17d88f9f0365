package ui

import "strconv"

// Progress is how far a long piece of work is.
type Progress struct {
	Label string // what is done: "PBXs looked at"
	Done  int
	Total int    // 0 = nobody knows yet
	Text  string // "Looks at the PBXs: 120 of 480"
}

func (p Progress) total() string { return strconv.Itoa(p.Total) }

func (p Progress) done() string { return strconv.Itoa(min(p.Done, p.Total)) }

// Share is how much of it is done, in per cent; empty while nobody knows.
func (p Progress) Share() string {
	if p.Total == 0 {
		return ""
	}
	return strconv.Itoa(100*min(p.Done, p.Total)/p.Total) + " %"
}
