package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
)

type backupCommand struct {
	File string // must not exist yet
}

// Run writes a consistent copy of the database, beside a running server too.
func (b backupCommand) Run(ctx context.Context, c config, s streams) (err error) {
	if err := c.mustExist(); err != nil {
		return err
	}
	opened, err := db.Open(ctx, db.Config{Path: c.database(), Log: newLog(c, s.err)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	head, err := opened.Backup(ctx, b.File)
	if err != nil {
		return err
	}
	info, err := os.Stat(b.File)
	if err != nil {
		return err
	}
	e := audit.Entry{At: time.Now(), Actor: terminal, Action: audit.BackupMake, Target: filepath.Base(b.File), Outcome: audit.Succeeded,
		After: fmt.Appendf(nil, `{"bytes":%d,"head":%q}`, info.Size(), head)}
	if err := opened.AppendAudit(ctx, e); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%d bytes, whole and checked. The head of its audit log, to keep elsewhere: %s\n", info.Size(), head)
	return err
}

type restoreCommand struct {
	File string
}

// Run puts a copy in place of the database, which stays beside it. Only the server makes the copy the record, at its
// next start: nothing in it counts as verified then.
func (r restoreCommand) Run(ctx context.Context, c config, s streams) (err error) {
	if err := setting("data", checkData(c.Data)); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	release, err := c.hold()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	done, err := db.Replace(ctx, c.database(), r.File, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Restored: a copy of %s, whose audit log ends at %s.\n", done.From.UTC().Format("2 Jan 2006, 15:04 UTC"), done.Head)
	if done.Kept != "" {
		fmt.Fprintf(s.out, "What was there is kept as %s.\n", done.Kept)
	}
	_, err = fmt.Fprintln(s.out, "Start the server: every PBX is stale until it is read, and plans and jobs of the time before are void.\n"+
		"Secrets open with the key that was in use when the copy was made.")
	return err
}
