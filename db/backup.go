package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// What every copy of the database carries, and the original does not: when it was made, and the head of its
// audit log. Opening a copy is a restore.
const (
	copiedAt   = "db.copied_at"
	copiedHead = "db.copied_head"
)

// Backup copies the whole database into a new file, mode 0600, while others read and write, and tells the
// head of the copy's audit log. The file appears under its name only when it is complete, checked and durable; an
// existing one is refused.
func (d *DB) Backup(ctx context.Context, file string) (audit.Head, error) {
	if _, err := os.Stat(file); err == nil {
		return audit.Head{}, &fleet.Error{Kind: fleet.KindConflict, Op: "db.Backup", Msg: "There is a file of that name already. Backups never overwrite."}
	}
	pool, err := sql.Open("sqlite", dsn(d.path, everyConnection, "deferred"))
	if err != nil {
		return audit.Head{}, fail("Backup", err)
	}
	defer pool.Close()
	head, err := copyInto(ctx, pool, file, d.now())
	return head, fail("Backup", err)
}

// copyInto makes a durable copy of the pool's database, which knows that it is one: see [fleet.Restore].
func copyInto(ctx context.Context, pool *sql.DB, file string, at time.Time) (head audit.Head, err error) {
	part := file + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return head, unavailable("db.Backup", fmt.Sprintf("The file %s can't be written.", filepath.Base(file)), err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	if _, err := pool.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return head, err
	}
	if head, err = markCopy(ctx, part, at); err != nil {
		return head, err
	}
	if err := f.Sync(); err != nil {
		return head, err
	}
	if err := os.Rename(part, file); err != nil {
		return head, err
	}
	return head, syncFolder(filepath.Dir(file))
}

// markCopy makes a fresh copy of the database say that it is one, and checks it whole.
func markCopy(ctx context.Context, file string, at time.Time) (head audit.Head, err error) {
	pool, err := sql.Open("sqlite", dsn(file, nil, "immediate"))
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if err := integrity(ctx, pool); err != nil {
		return head, err
	}
	if err := pool.QueryRowContext(ctx, lastAudit).Scan(&head.Seq, &head.Hash); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return head, err
	}
	for key, value := range map[string]string{copiedAt: at.UTC().Format(time.RFC3339Nano), copiedHead: head.String()} {
		if _, err := pool.ExecContext(ctx, upsertSetting, key, []byte(value)); err != nil {
			return head, err
		}
	}
	return head, nil
}

// integrity is SQLite's own word on a whole file.
func integrity(ctx context.Context, pool *sql.DB) error {
	var verdict string
	if err := pool.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return unavailable("db.integrity", "The database is damaged: "+verdict+".", nil)
	}
	return nil
}

// syncFolder makes a rename survive a power cut.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
