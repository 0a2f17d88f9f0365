package db

import (
	"context"
	"errors"
	"fmt"

	"cordboard/sync/fleet"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fail gives err its operation and, where a person can act on it, a kind and a sentence.
func fail(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fleet.Error](err); ok {
		return fmt.Errorf("%s: %w", op, err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", op, err)
	}
	op = "db." + op
	if errors.Is(err, errClosed) {
		return &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: "Cordboard is shutting down; nothing was stored.", Err: err}
	}
	cause, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return fmt.Errorf("%s: %w", op, err)
	}
	switch cause.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return unavailable(op, "The disk is full; nothing was stored. Make room and try again.", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return unavailable(op, "The database is locked by another process; nothing was stored. Try again in a moment.", err)
	case sqlite3.SQLITE_READONLY:
		return unavailable(op, "The database can't be written to; nothing was stored. Check the rights of the data folder.", err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return unavailable(op, "The disk reported an error; nothing was stored.", err)
	case sqlite3.SQLITE_CONSTRAINT:
		return &fleet.Error{Kind: fleet.KindConflict, Op: op, Msg: "Something else was stored meanwhile that contradicts this.", Err: err}
	}
	return fmt.Errorf("%s: %w", op, err)
}

func unavailable(op, msg string, err error) error {
	return &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: msg, Err: err}
}

// isLocked reports whether another process kept us out for as long as we wait.
func isLocked(err error) bool {
	cause, ok := errors.AsType[*sqlite.Error](err)
	return ok && cause.Code()&0xff == sqlite3.SQLITE_BUSY
}

// endsTransaction reports whether SQLite may have rolled the whole transaction back by itself, so
// that nothing more may be done in it (sqlite.org/lang_transaction.html, "Response To Errors").
func endsTransaction(err error) bool {
	cause, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch cause.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}
