package ui

import (
	"fmt"
	"strconv"
	"strings"
)

// Segment is one share of a Bar: its count, and where a click on it leads.
type Segment struct {
	Tone  Tone
	Label string // "In sync"
	Count int
	Href  string
	// Current marks the share that the page is filtered by.
	Current bool
}

// Bar is a stacked bar with a legend of links, for example the states of the fleet.
type Bar struct {
	Label    string // what is counted: "State of the fleet"
	Segments []Segment
}

// Gauge shows what one more would take from a supply: what is used, what is asked for, what stays.
type Gauge struct {
	Label string // "Extensions"
	Used  int64
	Ask   int64
	Left  int64  // before Ask is taken
	Text  string // "20 of 7,980 left"; the same in words
	Short bool   // more is asked for than is left
	Blind bool   // nobody told the supply: words without a picture
}

// rects are the shares of what is used and of what is asked for; what stays is the ground. Asked for
// is never too thin to be seen.
func (g Gauge) rects() []rect {
	total := float64(g.Used + max(g.Left, g.Ask))
	if g.Blind || total <= 0 {
		return nil
	}
	share := func(n int64) float64 { return float64(max(n, 0)) / total * barWidth }
	used, ask := share(g.Used), share(g.Ask)
	if g.Ask > 0 {
		ask = max(ask, 12)
		used = min(used, barWidth-ask)
	}
	tone := Busy
	if g.Short {
		tone = Bad
	}
	return []rect{{tone: Mute, x: "0", width: tenth(used)}, {tone: tone, x: tenth(used), width: tenth(ask)}}
}

const barWidth = 1000 // units of the view box, whatever the width on screen

type rect struct {
	tone     Tone
	x, width string
}

// rects places the segments side by side. A share that is not empty is at least six units wide: one lost PBX among a
// thousand must be seen.
func (b Bar) rects() []rect {
	const least, gap = 6, 3
	total, shown := 0, 0
	for _, s := range b.Segments {
		total += s.Count
		if s.Count > 0 {
			shown++
		}
	}
	if total == 0 {
		return nil
	}
	room := barWidth - gap*(shown-1) - least*shown
	rects := make([]rect, 0, shown)
	x := 0.0
	for _, s := range b.Segments {
		if s.Count == 0 {
			continue
		}
		width := least + float64(room)*float64(s.Count)/float64(total)
		rects = append(rects, rect{tone: s.Tone, x: tenth(x), width: tenth(width)})
		x += width + gap
	}
	return rects
}

// Text says in words what the bar shows.
func (b Bar) Text() string {
	parts := make([]string, 0, len(b.Segments))
	for _, s := range b.Segments {
		parts = append(parts, strconv.Itoa(s.Count)+" "+s.Label)
	}
	return b.Label + ": " + strings.Join(parts, ", ")
}

// Point is one value of a Spark at its share of the width, 0 to 1.
type Point struct {
	At    float64
	Value int
	Tone  Tone // not None: marked with a stroke, for example a loss
}

// Spark is a small step line of a count over time. Text says the same in words.
type Spark struct {
	Points []Point // in order of time
	From   string  // words under the left end: "12 Mar"
	To     string  // words under the right end: "now"
	Text   string  // "From 4 numbers in March to 12 now; lowest 0 on 3 May."
	marks  []float64
}

// Marked is the same picture with a line at a share of its width, 0 to 1.
func (s Spark) Marked(at float64) Spark {
	s.marks = []float64{at}
	return s
}

const (
	sparkWidth  = 600
	sparkHeight = 56
	sparkInset  = 6
)

func (s Spark) viewBox() string {
	return fmt.Sprintf("0 0 %d %d", sparkWidth, sparkHeight)
}

func (s Spark) top() int {
	top := 1
	for _, p := range s.Points {
		top = max(top, p.Value)
	}
	return top
}

func (s Spark) place(p Point) (x, y float64) {
	x = sparkInset + p.At*(sparkWidth-2*sparkInset)
	y = sparkHeight - sparkInset - float64(p.Value)/float64(s.top())*(sparkHeight-2*sparkInset)
	return x, y
}

// line is a step path: a count holds until the next change.
func (s Spark) line() string {
	var path strings.Builder
	for i, p := range s.Points {
		x, y := s.place(p)
		if i == 0 {
			fmt.Fprintf(&path, "M%s %s", tenth(x), tenth(y))
			continue
		}
		fmt.Fprintf(&path, "H%sV%s", tenth(x), tenth(y))
	}
	if len(s.Points) > 0 {
		fmt.Fprintf(&path, "H%d", sparkWidth-sparkInset)
	}
	return path.String()
}

// area is the same path closed along the bottom.
func (s Spark) area() string {
	if len(s.Points) == 0 {
		return ""
	}
	x, _ := s.place(s.Points[0])
	return s.line() + fmt.Sprintf("V%dH%sZ", sparkHeight-sparkInset, tenth(x))
}

// ticks are the marked moments as short strokes along the bottom: they keep their width when the picture is stretched.
type tick struct {
	tone Tone
	path string
}

func (s Spark) ticks() []tick {
	var ticks []tick
	for _, p := range s.Points {
		if p.Tone == None {
			continue
		}
		x, y := s.place(p)
		ticks = append(ticks, tick{tone: p.Tone, path: fmt.Sprintf("M%s %sV%d", tenth(x), tenth(y), sparkHeight)})
	}
	return ticks
}

// markLines are the marked moments as lines from top to bottom.
func (s Spark) markLines() []string {
	lines := make([]string, len(s.marks))
	for i, at := range s.marks {
		x, _ := s.place(Point{At: at})
		lines[i] = fmt.Sprintf("M%s 0V%d", tenth(x), sparkHeight)
	}
	return lines
}

func tenth(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}
