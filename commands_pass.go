package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"cordboard/db"
	"cordboard/sync/fleet"
	"cordboard/sync/reconcile"
	"cordboard/sync/station"
	"cordboard/web"
)

// exitCode is how a command ends that worked and has something to say by its exit code.
type exitCode int

// Error names the code.
func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// driftFound is the exit code of a pass that worked and found changes made outside.
const driftFound exitCode = 2

type reconcileCommand struct {
	JSON bool
}

// Run does one pass, beside a running server too, and prints its report.
func (r reconcileCommand) Run(ctx context.Context, c config, s streams) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	log := newLog(c, s.err)
	if _, err := open(c, log); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	st, err := assemble(ctx, c, &web.Hub{}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	report, err := st.Worker.RunOnce(ctx)
	if err != nil {
		return errors.Join(err, r.tell(ctx, c, st, report, s.out))
	}
	return r.tell(ctx, c, st, report, s.out)
}

func (r reconcileCommand) tell(ctx context.Context, c config, st *station.Station, report reconcile.Report, out io.Writer) error {
	tally, err := st.DB.Tally(ctx, time.Now(), c.staleAfter())
	if err != nil {
		return err
	}
	drifted := tally.States[fleet.Drifted]
	if r.JSON {
		err = json.NewEncoder(out).Encode(map[string]any{
			"id": report.ID, "started_at": report.StartedAt.UTC(), "finished_at": report.FinishedAt.UTC(), "complete": report.Complete,
			"stopped_by": orNull(report.StoppedBy), "pbxs": report.PBXs, "verified": report.Verified, "drifted": drifted, "unknown": report.Failed,
			"snapshots": report.Snapshots,
		})
	} else {
		_, err = fmt.Fprintf(out, "%d PBXs: %d verified, %d drifted, %d could not be read.\n", report.PBXs, report.Verified, drifted, report.Failed)
	}
	if err == nil && report.Complete && drifted > 0 {
		return driftFound
	}
	return err
}

// mustExist refuses a data folder without a database, where opening would make an empty one: a
// mistyped folder must not pass for a whole record or a good backup.
func (c config) mustExist() error {
	if err := setting("data", checkData(c.Data)); err != nil {
		return err
	}
	_, err := os.Stat(c.database())
	return err
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

type verifyCommand struct{}

// Run names the first bad row, or says how much was good.
func (verifyCommand) Run(ctx context.Context, c config, s streams) (err error) {
	if err := c.mustExist(); err != nil {
		return err
	}
	st, err := station.Open(ctx, station.Config{Database: c.database(), Log: newLog(c, s.err)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	proof, err := st.Verify(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "The audit chain is whole (%d rows); the bindings in force follow from history (%d snapshots), and history agrees with the raw inbox (%d reports).\n",
		proof.AuditRows, proof.Snapshots, proof.Reports)
	return err
}

type backupCommand struct {
	File string // must not exist yet
}

// Run writes a consistent copy of the database, beside a running server too.
func (b backupCommand) Run(ctx context.Context, c config, s streams) error {
	if err := c.mustExist(); err != nil {
		return err
	}
	opened, err := db.Open(ctx, db.Config{Path: c.database(), Log: newLog(c, s.err)})
	if err != nil {
		return err
	}
	return errors.Join(opened.Backup(ctx, b.File), opened.Close())
}
