package ui

import (
	"fmt"
	"strconv"
)

// Columns is a small picture of a count per day or hour, the oldest first. Text says the same in words.
type Columns struct {
	List []Column
	Text string // "312 reports in 30 days"
	From string // words under the left end: "23 Oct"; empty leaves the ends out
	To   string // words under the right end: "today"
}

// Column is one day or hour.
type Column struct {
	Good int
	Bad  int
	Text string // "21 Nov: 12 reports, 1 dead"
}

// Ten units a column, eight of them drawn.
const (
	columnStep   = 10
	columnHeight = 40
)

type columnRect struct {
	class  string
	x, y   string
	height string
	text   string
}

func (c Columns) viewBox() string {
	return fmt.Sprintf("0 0 %d %d", len(c.List)*columnStep-2, columnHeight)
}

// rects stacks the bad on top of the good. A column without any leaves a hairline, so that silence is seen.
func (c Columns) rects() []columnRect {
	top := 1
	for _, b := range c.List {
		top = max(top, b.Good+b.Bad)
	}
	var rects []columnRect
	for i, b := range c.List {
		good, bad := b.Good*columnHeight/top, b.Bad*columnHeight/top
		if b.Good > 0 {
			good = max(good, 2)
		}
		if b.Bad > 0 {
			bad = max(bad, 3)
		}
		good = min(good, columnHeight-bad)
		x := strconv.Itoa(i * columnStep)
		if good+bad == 0 {
			rects = append(rects, columnRect{"none", x, strconv.Itoa(columnHeight - 1), "1", b.Text})
		}
		if good > 0 {
			rects = append(rects, columnRect{"good", x, strconv.Itoa(columnHeight - good), strconv.Itoa(good), b.Text})
		}
		if bad > 0 {
			rects = append(rects, columnRect{"bad", x, strconv.Itoa(columnHeight - good - bad), strconv.Itoa(bad), b.Text})
		}
	}
	return rects
}
