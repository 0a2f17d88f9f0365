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

// Replaced is what a restore did.
type Replaced struct {
	From time.Time  // when the copy was made, as far as it says
	Head audit.Head // of the copy's audit log
	Kept string     // where the database that was there is now; empty when there was none
}

// Replace puts a copy in place of the database at path, which no process may have open, and keeps what was there
// beside it. The copy is checked first, and may be of an older version; its own file stays as it is. Whatever the
// process dies at, there is a whole database at path: the old one or the new one.
func Replace(ctx context.Context, path, file string, now time.Time) (r Replaced, err error) {
	if r.From, err = examine(ctx, file); err != nil {
		return r, fail("Replace", err)
	}
	pool, err := sql.Open("sqlite", dsn(file, []string{"busy_timeout(5000)"}, "deferred"))
	if err != nil {
		return r, fail("Replace", err)
	}
	draft := path + ".restoring"
	r.Head, err = copyInto(ctx, pool, draft, r.From)
	if err = errors.Join(err, pool.Close()); err != nil {
		return r, fail("Replace", err)
	}
	if r.Kept, err = setAside(ctx, path, now); err != nil {
		return r, fail("Replace", errors.Join(err, os.Remove(draft)))
	}
	return r, fail("Replace", errors.Join(os.Rename(draft, path), syncFolder(filepath.Dir(path))))
}

// examine refuses what is no whole database of ours, and says when the copy was made: a file that was copied by
// other means ends with the newest row of its audit log.
func examine(ctx context.Context, file string) (made time.Time, err error) {
	if _, err := os.Stat(file); err != nil {
		return made, &fleet.Error{Kind: fleet.KindInvalid, Op: "db.Replace", Msg: "The file to restore can't be read: " + err.Error() + ".", Err: err}
	}
	version, err := schemaVersion(ctx, file)
	if err != nil {
		return made, err
	}
	newest, err := newestVersion()
	switch {
	case err != nil:
		return made, err
	case version == 0:
		return made, &fleet.Error{Kind: fleet.KindInvalid, Op: "db.Replace", Msg: "This file is no database of Cordboard."}
	case version > newest:
		return made, newer(version, newest)
	}
	pool, err := sql.Open("sqlite", dsn(file, []string{"busy_timeout(5000)", "query_only(1)"}, "deferred"))
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if err := integrity(ctx, pool); err != nil {
		return made, err
	}
	var text []byte
	if err = pool.QueryRowContext(ctx, selectSetting, copiedAt).Scan(&text); err == nil {
		return time.Parse(time.RFC3339Nano, string(text))
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return made, err
	}
	var at int64
	if err = pool.QueryRowContext(ctx, `SELECT coalesce(max(at), 0) FROM audit`).Scan(&at); err != nil || at != 0 {
		return moment(at), err
	}
	info, err := os.Stat(file)
	if err != nil {
		return made, err
	}
	return info.ModTime(), nil
}

// setAside keeps the database at path under another name, whole, with its write-ahead log folded in. path keeps it
// too, until the other one takes its place.
func setAside(ctx context.Context, path string, now time.Time) (kept string, err error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	kept = path + ".before-" + now.UTC().Format("20060102T150405Z")
	if err := fold(ctx, path); err != nil {
		return "", fmt.Errorf("what is there can't be kept whole; move it away by hand, with its -wal and -shm: %w", err)
	}
	if err := os.Link(path, kept); err != nil {
		return "", err
	}
	return kept, syncFolder(filepath.Dir(path))
}

// fold brings the write-ahead log into the file, and removes it: it must not be taken for that of another file.
func fold(ctx context.Context, path string) error {
	pool, err := sql.Open("sqlite", dsn(path, []string{"busy_timeout(500)"}, "immediate"))
	if err != nil {
		return err
	}
	var busy, frames, moved int
	err = pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if err == nil && busy != 0 {
		err = errors.New("another process has it open")
	}
	if err = errors.Join(err, pool.Close()); err != nil {
		return err
	}
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + beside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
