package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"cordboard/db"
	"cordboard/sync/fleet"
	"cordboard/sync/phone"
)

// search tells about P4: what the database takes to find a number, without the page around it.
func (b bench) search() (err error) {
	dir, err := b.filled(sizes[1])
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "cordboard.db")
	reader := phone.NewReader("")
	d, err := db.Open(context.Background(), db.Config{Path: path, Keys: reader.Keys, KeysVersion: reader.Version()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)")
	if err != nil {
		return err
	}
	defer pool.Close()
	var number string
	if err := pool.QueryRow(`SELECT number FROM did WHERE id = ?`, sizes[1]/2).Scan(&number); err != nil {
		return err
	}
	find := func(text string) func() error {
		return func() error {
			page, err := d.FindNumbers(context.Background(), text, fleet.When{}, fleet.PageRequest{})
			if err == nil && len(page.Items) == 0 {
				return fmt.Errorf("%s was not found", text)
			}
			return err
		}
	}
	ways := []struct {
		name  string
		times int
		run   func() error
	}{
		{"the whole number", 300, find(number)},
		{"all but four digits", 300, find(number[:len(number)-4])},
		{"`+44`: everybody", 300, find("+44")},
		{"its last eight digits", 300, find(number[len(number)-8:])},
		{"a scan for eight digits", 5, func() error {
			var n int
			return pool.QueryRow(`SELECT count(*) FROM did WHERE keys LIKE '%' || ? || '%'`, number[len(number)-8:]).Scan(&n)
		}},
	}
	fmt.Fprintf(b.out, "\n## Search among %d numbers\n\n| looked for | p50 | × whole number |\n|---|---:|---:|\n", sizes[1])
	var whole time.Duration
	for i, way := range ways {
		took := make([]time.Duration, way.times)
		for t := range took {
			began := time.Now()
			if err := way.run(); err != nil {
				return err
			}
			took[t] = time.Since(began)
		}
		p50 := summarise(took, time.Second).p50
		if i == 0 {
			whole = p50
		}
		fmt.Fprintf(b.out, "| %s | %s | %.2f |\n", way.name, short(p50), ratio(p50, whole))
	}
	return nil
}

// What a snapshot of a PBX with a hundred numbers takes when one of them changed, in bytes, in the
// model that the goals were set with: intervals and a header.
const modelBytes = 316

// storage tells about P6.
func (b bench) storage() error {
	const snapshots = 2000
	dir, err := b.folder("storage")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "cordboard.db")
	in, err := openIntake(b.program, dir, 100)
	if err != nil {
		return err
	}
	if err := in.close(); err != nil {
		return err
	}
	history, evidence, err := kept(path)
	if err != nil {
		return err
	}
	if in, err = startIntake(b.program, dir, in.source); err != nil {
		return err
	}
	if err := errors.Join(in.take(snapshots), in.close()); err != nil {
		return err
	}
	grown, all, err := kept(path)
	if err != nil {
		return err
	}
	own := float64(grown-history) / snapshots
	whole := own + float64(all-evidence)/snapshots
	fmt.Fprintf(b.out, "\n## Storage of a snapshot, 100 numbers of which one changed\n\n| | bytes | × intervals |\n|---|---:|---:|\n")
	fmt.Fprintf(b.out, "| history | %.0f | %.2f |\n| history and the report itself | %.0f | %.2f |\n", own, own/modelBytes, whole, whole/modelBytes)
	return nil
}

func packBodies(path string) error {
	d, err := db.Open(context.Background(), db.Config{Path: path})
	if err != nil {
		return err
	}
	for taken := 1; taken > 0 && err == nil; {
		taken, err = d.Pack(context.Background(), 1000)
	}
	return errors.Join(err, d.Close())
}

// kept is what history and what the reports take in the file, packed.
func kept(path string) (history, evidence int64, err error) {
	if err := packBodies(path); err != nil {
		return 0, 0, err
	}
	pool, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	const bytes = `SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name IN (%s))`
	err = pool.QueryRow(fmt.Sprintf(bytes, `'snapshot', 'holding'`)).Scan(&history)
	if err == nil {
		err = pool.QueryRow(fmt.Sprintf(bytes, `'delivery', 'body', 'packed_body', 'body_key'`)).Scan(&evidence)
	}
	return history, evidence, err
}

// start tells about P7.
func (b bench) start() error {
	dir, err := b.filled(sizes[1])
	if err != nil {
		return err
	}
	best, least := patience, 0
	for range 5 {
		p, err := startCordboard(b.program, dir)
		if err != nil {
			return err
		}
		best = min(best, p.ready)
		time.Sleep(time.Second)
		resident, err := p.kilobytes("VmRSS")
		if err := errors.Join(err, p.stop()); err != nil {
			return err
		}
		if least == 0 || resident < least {
			least = resident
		}
	}
	file, err := os.Stat(b.program)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\n## Start with %d numbers\n\nReady after %s; idle with %.1f MiB of memory; the binary has %.1f MB.\n", sizes[1], short(best), float64(least)/1024, float64(file.Size())/1e6)
	return nil
}

// browse tells about P8: four people who turn a page every quarter of a second while 16 clients
// send reports; then a backup instead of the people.
func (b bench) browse() error {
	dir, err := b.folder("browse")
	if err != nil {
		return err
	}
	in, err := openIntake(b.program, dir, 6)
	if err != nil {
		return err
	}
	people, err := newReaders(in.address, 4)
	var alone, watched, copied ingested
	if err == nil {
		alone, err = in.measure(16, 2*b.limit, 30_000)
	}
	if err == nil {
		watched, err = in.measureWith(b, people.read)
	}
	if err == nil {
		copied, err = in.measureWith(b, func(<-chan struct{}) error {
			out, err := exec.Command(b.program, "backup", filepath.Join(dir, "copy.db"), "--data", dir).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(out)))
			}
			return nil
		})
	}
	if err := errors.Join(err, in.close()); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\n## Ingest beside other work, 16 clients\n\n| beside | × rate | × p99 |\n|---|---:|---:|\n")
	fmt.Fprintf(b.out, "| four people browsing | %.2f | %.2f |\n", watched.perSecond/alone.perSecond, ratio(watched.p99, alone.p99))
	fmt.Fprintf(b.out, "| a backup | %.2f | %.2f |\n", copied.perSecond/alone.perSecond, ratio(copied.p99, alone.p99))
	return nil
}

// measureWith measures while something else runs.
func (in *intake) measureWith(b bench, other func(done <-chan struct{}) error) (ingested, error) {
	done, failed := make(chan struct{}), make(chan error, 1)
	go func() { failed <- other(done) }()
	r, err := in.measure(16, 2*b.limit, 30_000)
	close(done)
	return r, errors.Join(err, <-failed)
}

// readers are people who turn pages.
type readers []*visitor

func newReaders(address string, n int) (people readers, err error) {
	for range n {
		v, err := newVisitor(address, []string{"/", "/pbx", "/pbx/2/dids", "/pbx/2/history", "/webhooks", "/numbers?number=1"})
		if err != nil {
			return nil, err
		}
		people = append(people, v)
	}
	return people, nil
}

// read has everybody turn a page every quarter of a second.
func (people readers) read(done <-chan struct{}) error {
	failed := make(chan error, len(people))
	for _, v := range people {
		go func() { failed <- v.read(done) }()
	}
	var err error
	for range people {
		err = errors.Join(err, <-failed)
	}
	return err
}

func (v *visitor) read(done <-chan struct{}) error {
	for i := 0; ; i++ {
		select {
		case <-done:
			return nil
		case <-time.After(time.Second / 4):
		}
		if err := v.visit(i % len(v.paths)); err != nil {
			return err
		}
	}
}
