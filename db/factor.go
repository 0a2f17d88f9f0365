package db

import (
	"context"
	"database/sql"
	"errors"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// Factor is a user's sealed second factor; KindNotFound when there is none.
func (d *DB) Factor(ctx context.Context, id team.UserID) (f team.Factor, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		var made int64
		err := c.row(ctx, selectFactor, int64(id)).Scan(&f.Sealed, &f.Step, &made, &f.Codes)
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.Factor", "The second factor")
		}
		f.MadeAt = moment(made)
		return err
	})
	return f, fail("Factor", err)
}

// KeepFactor stores a user's second factor in the place of an old one, with fresh recovery codes.
func (d *DB) KeepFactor(ctx context.Context, id team.UserID, f team.Factor, codes []team.KeyHash, e audit.Entry) error {
	return fail("KeepFactor", d.write(ctx, func(ctx context.Context, c *conn) error {
		if _, err := c.exec(ctx, upsertFactor, int64(id), f.Sealed, f.Step, micros(f.MadeAt)); err != nil {
			return err
		}
		return replaceCodes(ctx, c, id, codes, e)
	}))
}

// KeepCodes replaces a user's recovery codes.
func (d *DB) KeepCodes(ctx context.Context, id team.UserID, codes []team.KeyHash, e audit.Entry) error {
	return fail("KeepCodes", d.write(ctx, func(ctx context.Context, c *conn) error { return replaceCodes(ctx, c, id, codes, e) }))
}

func replaceCodes(ctx context.Context, c *conn, id team.UserID, codes []team.KeyHash, e audit.Entry) error {
	if _, err := c.exec(ctx, deleteCodes, int64(id)); err != nil {
		return err
	}
	for _, code := range codes {
		if _, err := c.exec(ctx, insertCode, int64(id), code[:]); err != nil {
			return err
		}
	}
	return appendAudit(ctx, c, e)
}

// DropFactor takes a user's second factor away.
func (d *DB) DropFactor(ctx context.Context, id team.UserID, e audit.Entry) error {
	return fail("DropFactor", d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, deleteFactor, int64(id))
		if err != nil {
			return err
		}
		if n == 0 {
			return fleet.NotFound("db.DropFactor", "The second factor")
		}
		return replaceCodes(ctx, c, id, nil, e)
	}))
}

// SpendStep uses a time step of a user's codes up: false when that step, or a later one, was used before.
func (d *DB) SpendStep(ctx context.Context, id team.UserID, step int64) (bool, error) {
	return d.spend(ctx, "SpendStep", updateStep, step, int64(id))
}

// SpendCode uses a recovery code up: false when the user has none like it, or used it before.
func (d *DB) SpendCode(ctx context.Context, id team.UserID, code team.KeyHash) (bool, error) {
	return d.spend(ctx, "SpendCode", updateCode, micros(d.now()), int64(id), code[:])
}

func (d *DB) spend(ctx context.Context, op, query string, args ...any) (spent bool, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, query, args...)
		spent = n > 0
		return err
	})
	return spent, fail(op, err)
}

const (
	selectFactor = `SELECT f.sealed, f.step, f.made_at, (SELECT count(*) FROM recovery_code r WHERE r.user_id = f.user_id AND r.used_at = 0) FROM factor f WHERE f.user_id = ?`
	upsertFactor = `INSERT INTO factor (user_id, sealed, step, made_at) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (user_id) DO UPDATE SET sealed = ?2, step = ?3, made_at = ?4`
	deleteFactor = `DELETE FROM factor WHERE user_id = ?`
	updateStep   = `UPDATE factor SET step = ?1 WHERE user_id = ?2 AND step < ?1`
	deleteCodes  = `DELETE FROM recovery_code WHERE user_id = ?`
	insertCode   = `INSERT INTO recovery_code (user_id, hash) VALUES (?, ?)`
	updateCode   = `UPDATE recovery_code SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at = 0`
)
