package db

// span is how long something held, as far as it is known: it began somewhere from fromLo to from, and
// ended somewhere from toLo to to. Between from and toLo it surely held, outside fromLo and to it
// surely did not. When toLo is before from, there is no moment at which it surely held.
type span struct{ fromLo, from, toLo, to int64 }

// stretch is the time that a question asks about, both ends included.
type stretch struct{ from, to int64 }

// touches reports whether s may have held at some moment of the stretch, and whether it surely did.
func (s span) touches(q stretch) (maybe, sure bool) {
	first, last := max(q.from, s.from), min(q.to, s.toLo)
	sure = first < last || first == last && last < s.to
	return (s.fromLo < q.to || s.from <= q.to) && s.to > q.from, sure
}

// change is when an id came to mean another number, as far as it is known: after lo, and at hi at the
// latest. An id is given away only after its number was deleted, which takes it from its PBX: when
// nobody held it at some moment between, the change was then.
type change struct {
	lo, hi   int64
	gap      bool
	gapFrom  int64 // from then on nobody held it
	gapUntil int64 // until then
}

// over is the moment of the change as far as holdings are concerned.
func (c change) over() int64 {
	if c.gap {
		return c.gapFrom
	}
	return c.hi
}

// findGap looks for moments between lo and hi at which none of the spans held. They are in order of
// their ends.
func (c change) findGap(spans []span) change {
	covered := c.lo
	for _, s := range spans {
		if s.to <= c.lo || s.from > c.hi {
			continue
		}
		if s.from > covered {
			c = c.withGap(covered, s.from)
		}
		covered = max(covered, s.to)
	}
	if covered < c.hi {
		c = c.withGap(covered, c.hi)
	}
	return c
}

func (c change) withGap(from, until int64) change {
	if !c.gap {
		c.gap, c.gapFrom = true, from
	}
	c.gapUntil = until
	return c
}

// piece is the part of a span in which the id meant the number of one run.
type piece struct {
	run int
	span
}

// split cuts a span where the id came to mean another number. changes lie between the runs, in order.
func (s span) split(changes []change) []piece {
	var pieces []piece
	rest := s
	for i, c := range changes {
		switch {
		case s.from >= c.hi || c.gap && s.from >= c.gapUntil:
			continue // it began after the change
		case s.to <= c.lo || c.gap && s.to <= c.gapFrom:
			return append(pieces, piece{i, rest}) // it ended before
		}
		before := rest
		before.to = min(rest.to, c.hi)
		before.toLo = min(rest.toLo, c.lo)
		before.from = min(before.from, before.to)
		pieces = append(pieces, piece{i, before})
		if rest.fromLo == rest.from {
			rest.fromLo-- // the change may have been before that very moment
		}
		rest.fromLo = max(rest.fromLo, c.lo)
		rest.from = min(max(rest.from, c.hi), rest.to)
		if rest.fromLo >= rest.to {
			return pieces
		}
	}
	return append(pieces, piece{len(changes), rest})
}
