package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"cordboard/db"
	"cordboard/sync/fleet"
)

// fleetSize is how many PBXs report; each has reported before the measuring begins.
const fleetSize = 100

// ingested is what one load on the webhook gave.
type ingested struct {
	measure
	digest float64       // digested a second during the load
	drain  time.Duration // from the end of the load until nothing waited to be digested
}

// intake is a Cordboard that knows the fleet, and its inbox.
type intake struct {
	*process
	box    *sql.DB
	source *reports
}

// openIntake makes a database, starts a Cordboard on it and tells it every PBX's numbers.
func openIntake(program, dir string, numbers int) (*intake, error) {
	if err := knowPBXs(filepath.Join(dir, "cordboard.db")); err != nil {
		return nil, err
	}
	in, err := startIntake(program, dir, newReports(fleetSize, numbers))
	if err != nil {
		return nil, err
	}
	if err := in.take(rounds * fleetSize); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

func startIntake(program, dir string, source *reports) (*intake, error) {
	p, err := startCordboard(program, dir)
	if err != nil {
		return nil, err
	}
	box, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "cordboard.db")+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return &intake{process: p, box: box, source: source}, nil
}

// take sends so many reports, one after the other, and waits until they are digested.
func (in *intake) take(n int) error {
	requests, err := in.source.deliveries(n)
	if err == nil {
		_, err = load(in.address, 1, 2*time.Minute, requests)
	}
	if err == nil {
		_, err = in.drained()
	}
	return err
}

func (in *intake) close() error { return errors.Join(in.box.Close(), in.stop()) }

// measure loads the webhook: signature, durable storage, answer, with digestion running.
func (in *intake) measure(clients int, limit time.Duration, ceiling int) (r ingested, err error) {
	requests, err := in.source.deliveries(ceiling)
	if err != nil {
		return r, err
	}
	before, err := in.count(`state <> 'stored'`)
	if err != nil {
		return r, err
	}
	began := time.Now()
	if r.measure, err = load(in.address, clients, limit, requests); err != nil {
		return r, err
	}
	took := time.Since(began)
	after, err := in.count(`state <> 'stored'`)
	if err != nil {
		return r, err
	}
	r.digest = float64(after-before) / took.Seconds()
	r.drain, err = in.drained()
	return r, err
}

// count is how many deliveries are in such a state.
func (in *intake) count(state string) (n int, err error) {
	err = in.box.QueryRow(`SELECT coalesce(sum(n), 0) FROM delivery_tally WHERE ` + state).Scan(&n)
	return n, err
}

// drained waits until every stored delivery is digested.
func (in *intake) drained() (time.Duration, error) {
	for began := time.Now(); time.Since(began) < 2*time.Minute; time.Sleep(5 * time.Millisecond) {
		n, err := in.count(`state = 'stored'`)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return time.Since(began), nil
		}
	}
	return 0, errors.New("the inbox was not digested within two minutes")
}

// knowPBXs makes the database and the PBXs that will report.
func knowPBXs(path string) error {
	d, err := db.Open(context.Background(), db.Config{Path: path})
	if err != nil {
		return err
	}
	var list []fleet.PBX
	for i := range fleetSize {
		list = append(list, fleet.PBX{ID: fleet.PBXID(i + 1), Serial: serial(i), Name: fmt.Sprintf("Customer %d", i), Status: fleet.StatusRunning})
	}
	_, err = d.KeepPBXs(context.Background(), list, time.Now())
	return errors.Join(err, d.Close())
}
