package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// bench is one run.
type bench struct {
	program string
	dir     string
	out     io.Writer
	limit   time.Duration
	alone   bool // without PocketBase
}

func (b bench) folder(name string) (string, error) {
	dir := filepath.Join(b.dir, name)
	return dir, os.MkdirAll(dir, 0o700)
}

// repeats is how often each load runs, in turns with the others; the best turn counts, so that
// what else the machine does meanwhile spoils as little as it can.
const repeats = 3

// contest is what one number of clients gave.
type contest struct {
	clients                    int
	disk, parsed, normal, full float64 // a second
	own                        ingested
}

// ingest tells about P1 and P2.
func (b bench) ingest() error {
	for _, size := range []struct{ numbers, ceiling int }{{6, 25_000}, {1000, 1_500}} {
		results, err := b.contests(size.numbers, size.ceiling)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "\n## Durable ingest, %d numbers a report\n\n", size.numbers)
		fmt.Fprintln(b.out, "| clients | reports/s | p50 | p99 | × fdatasync/s | × PocketBase | × PocketBase FULL | × parser alone | digested/s meanwhile | rest digested in |")
		fmt.Fprintln(b.out, "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
		for _, c := range results {
			fmt.Fprintf(b.out, "| %d | %.0f | %s | %s | %.2f | %s | %s | %.2f | %.0f | %s |\n", c.clients, c.own.perSecond, short(c.own.p50), short(c.own.p99),
				c.own.perSecond/c.disk, times(c.own.perSecond, c.normal), times(c.own.perSecond, c.full), c.own.perSecond/c.parsed, c.own.digest, short(c.own.drain))
		}
	}
	return nil
}

// contests measures the bare disk, Cordboard and PocketBase in turns.
func (b bench) contests(numbers, ceiling int) (results []contest, err error) {
	dir, err := b.folder(fmt.Sprint("own", numbers))
	if err != nil {
		return nil, err
	}
	own, err := openIntake(b.program, dir, numbers)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, own.close()) }()
	normal, err := b.peer("NORMAL", numbers)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, normal.close()) }()
	full, err := b.peer("FULL", numbers)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, full.close()) }()
	for _, clients := range []int{1, 16, 64} {
		c := contest{clients: clients}
		for range repeats {
			disk, err := appends(b.dir, 4096, b.limit/2)
			if err != nil {
				return nil, err
			}
			parsed, err := newReports(1, numbers).parseOnly(b.limit / 5)
			if err != nil {
				return nil, err
			}
			c.disk, c.parsed = max(c.disk, disk), max(c.parsed, parsed)
			r, err := own.measure(clients, b.limit, ceiling)
			if err != nil {
				return nil, err
			}
			if r.perSecond > c.own.perSecond {
				c.own = r
			}
			if err := errors.Join(normal.measure(&c.normal, clients, b.limit, ceiling), full.measure(&c.full, clients, b.limit, ceiling)); err != nil {
				return nil, err
			}
		}
		results = append(results, c)
	}
	return results, nil
}

// sizes are how many numbers the lists are measured with.
var sizes = []int{10_000, 1_000_000}

func (b bench) filled(numbers int) (string, error) {
	dir, err := b.folder(fmt.Sprint("numbers", numbers))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "cordboard.db")); err == nil {
		return dir, nil
	}
	return dir, fill(filepath.Join(dir, "cordboard.db"), numbers)
}

// pages tells about P3: both databases are visited in turns.
func (b bench) pages() (err error) {
	var dirs []string
	for _, n := range sizes {
		dir, err := b.filled(n)
		if err != nil {
			return err
		}
		dirs = append(dirs, dir)
	}
	var visits []*visitor
	for _, dir := range dirs {
		p, err := startCordboard(b.program, dir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.stop()) }()
		v, err := newVisitor(p.address, lists)
		if err != nil {
			return err
		}
		visits = append(visits, v)
	}
	for range 200 {
		for i := range lists {
			for _, v := range visits {
				if err := v.visit(i); err != nil {
					return err
				}
			}
		}
	}
	fmt.Fprintf(b.out, "\n## Lists, at %d numbers and at %d times as many\n\n", sizes[0], sizes[1]/sizes[0])
	fmt.Fprintln(b.out, "| list | p50 | p50 × | p99 × | bytes | gzip |\n|---|---:|---:|---:|---:|---:|")
	for i, path := range lists {
		small, large := visits[0].summary(i), visits[1].summary(i)
		fmt.Fprintf(b.out, "| %s | %s | %.2f | %.2f | %d | %d |\n", path, short(large.p50), ratio(large.p50, small.p50), ratio(large.p99, small.p99),
			visits[1].plain[i], visits[1].packed[i])
	}
	return b.peerList(visits[1])
}

// peerList measures PocketBase's list of as many numbers beside ours.
func (b bench) peerList(own *visitor) (err error) {
	p, err := b.peer("NORMAL", 0)
	if err != nil || p == nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	c, err := dial(p.address)
	if err != nil {
		return err
	}
	if err := c.exchange(post("/fill", "", nil)); err != nil {
		return err
	}
	paths := []string{"/api/collections/numbers/records?perPage=50&sort=number", "/api/collections/numbers/records?perPage=50&sort=number&skipTotal=1"}
	v := &visitor{client: c, paths: paths, took: make([][]time.Duration, len(paths)), requests: [][]byte{get(paths[0], ""), get(paths[1], "")}}
	for range 30 {
		for i := range paths {
			if err := v.visit(i); err != nil {
				return err
			}
		}
	}
	ours := own.summary(slices.Index(lists, peerOf)).p50
	fmt.Fprintf(b.out, "\nPocketBase's list of %d numbers takes %.2f × the time of `%s`; without its total %.2f ×.\n", sizes[1], ratio(v.summary(0).p50, ours), peerOf, ratio(v.summary(1).p50, ours))
	return nil
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// times is a ratio, or a dash for what was not measured.
func times(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}

// short is a time fit for a table.
func short(d time.Duration) string {
	units := []time.Duration{time.Microsecond, 10 * time.Microsecond, 100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond}
	i := slices.IndexFunc(units, func(u time.Duration) bool { return d < 1000*u })
	if i < 0 {
		i = len(units) - 1
	}
	return d.Round(units[max(0, i-1)]).String()
}
