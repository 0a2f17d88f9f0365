package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// conn is one connection with its prepared statements. It serves one goroutine at a time.
type conn struct {
	raw   *sql.Conn
	stmts map[string]*sql.Stmt // by SQL text: every text is a constant, so the map stays small
}

func newConn(ctx context.Context, pool *sql.DB) (*conn, error) {
	raw, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{raw: raw, stmts: make(map[string]*sql.Stmt)}, nil
}

func (c *conn) close() error {
	var err error
	for _, s := range c.stmts {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.raw.Close())
}

func (c *conn) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.raw.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60q: %w", query, err)
	}
	c.stmts[query] = s
	return s, nil
}

// exec runs a statement and says how many rows it changed.
func (c *conn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// insert runs a statement and gives the new row's id.
func (c *conn) insert(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// script runs text that is used once or that is not worth preparing.
func (c *conn) script(ctx context.Context, text string) error {
	_, err := c.raw.ExecContext(ctx, text)
	return err
}

// row is a query for at most one row, to be scanned at once: sql.ErrNoRows when there is none.
func (c *conn) row(ctx context.Context, query string, args ...any) row {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return row{err: err}
	}
	return row{one: s.QueryRowContext(ctx, args...)}
}

type row struct {
	one *sql.Row
	err error
}

// Scan is as for [sql.Row].
func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.one.Scan(dest...)
}

// each calls scan for every row of a query.
func (c *conn) each(ctx context.Context, scan func(scanner) error, query string, args ...any) (err error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanner is a row that can be read: one of many, or the only one.
type scanner interface{ Scan(dest ...any) error }

// list collects what scan makes of every row.
func list[T any](ctx context.Context, c *conn, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	var out []T
	err := c.each(ctx, func(s scanner) error {
		item, err := scan(s)
		out = append(out, item)
		return err
	}, query, args...)
	return out, err
}

func scanInt64(s scanner) (n int64, err error) {
	err = s.Scan(&n)
	return n, err
}

// forever ends an interval that still lasts.
const forever = int64(1<<63 - 1)

// micros is the stored form of a time: microseconds since 1970, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is the inverse of micros; an interval's end that is not there is the zero time.
func moment(us int64) time.Time {
	if us == 0 || us == forever {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
