package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"cordboard/sync/audit"
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
	key, err := open(c, log)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	st, err := assemble(ctx, c, key, &web.Hub{}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	report, err := st.Worker.RunFor(ctx, reconcile.Cause{Why: fleet.PassCommand, By: audit.By{Actor: terminal}})
	if report.ID == 0 && err != nil {
		return err
	}
	return errors.Join(err, r.tell(report, s.out))
}

// tell prints the report. Drift in a complete pass is the exit code; without it, PBXs that could not be
// read are an error: nobody knows whether those are in sync.
func (r reconcileCommand) tell(p fleet.Pass, out io.Writer) error {
	if err := r.print(p, out); err != nil {
		return err
	}
	switch {
	case p.Complete && p.Drifted > 0:
		return driftFound
	case p.Complete && p.Unknown > 0:
		return fmt.Errorf("%d of %d PBXs could not be read", p.Unknown, p.PBXs)
	}
	return nil
}

func (r reconcileCommand) print(p fleet.Pass, out io.Writer) error {
	if r.JSON {
		return json.NewEncoder(out).Encode(map[string]any{
			"id": p.ID.String(), "why": p.Why, "who": p.Who, "started_at": p.StartedAt.UTC(), "finished_at": p.FinishedAt.UTC(), "complete": p.Complete,
			"stopped_by": orNull(p.StoppedBy), "pbxs": p.PBXs, "verified": p.Verified, "drifted": p.Drifted, "unknown": p.Unknown, "snapshots": p.Snapshots,
		})
	}
	text := fmt.Sprintf("%d PBXs: %d verified, %d drifted, %d could not be read.\n", p.PBXs, p.Verified, p.Drifted, p.Unknown)
	if !p.Complete {
		text += "Incomplete: " + p.StoppedBy + "\n"
	}
	for _, f := range p.Findings {
		text += fmt.Sprintf("  %s (%d): %s\n", f.Name, f.PBX, f.Sentence)
	}
	if p.More > 0 {
		text += fmt.Sprintf("  and %d more\n", p.More)
	}
	_, err := io.WriteString(out, text)
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

type verifyCommand struct {
	Head string // of the audit log, kept elsewhere: 1234:9f86d0…
}

// Run names the first bad row, or says how much was good.
func (v verifyCommand) Run(ctx context.Context, c config, s streams) (err error) {
	var kept audit.Head
	if v.Head != "" {
		if kept, err = audit.ParseHead(v.Head); err != nil {
			return fmt.Errorf("--head: %w", err)
		}
	}
	if err := c.mustExist(); err != nil {
		return err
	}
	st, err := station.Open(ctx, station.Config{Database: c.database(), Log: newLog(c, s.err)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	proof, err := st.Verify(ctx, kept)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "The audit chain is whole (%d rows); the bindings in force follow from history (%d snapshots), and history agrees with the raw inbox (%d reports).\n",
		proof.AuditRows, proof.Snapshots, proof.Reports)
	return err
}
