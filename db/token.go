package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// SaveToken stores a token. A name that another open one has gives KindConflict.
func (d *DB) SaveToken(ctx context.Context, t team.Token, hash team.KeyHash, e audit.Entry) error {
	return fail("SaveToken", d.write(ctx, func(ctx context.Context, c *conn) error {
		var taken int
		if err := c.row(ctx, countTokensNamed, t.Name).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return &fleet.Error{Kind: fleet.KindConflict, Op: "db.SaveToken", Msg: fmt.Sprintf("There is a token named %s already. Revoke it first, or choose another name.", t.Name)}
		}
		_, err := c.exec(ctx, insertToken, hash[:], t.Name, string(t.Role), int64(t.Owner.ID), micros(t.MadeAt), micros(t.ExpiresAt))
		if err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

// Token finds a token by its key's hash; KindNotFound when it was revoked or its owner may not sign in
// any more. Whether it is still live is for the caller to ask it.
func (d *DB) Token(ctx context.Context, hash team.KeyHash) (t team.Token, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		t, err = scanToken(c.row(ctx, selectToken, hash[:]))
		return absentToken(err)
	})
	return t, fail("Token", err)
}

// Tokens are all that were not revoked, by name.
func (d *DB) Tokens(ctx context.Context) (tokens []team.Token, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		tokens, err = list(ctx, c, scanToken, selectTokens)
		return err
	})
	return tokens, fail("Tokens", err)
}

// TouchToken keeps when a token was last used.
func (d *DB) TouchToken(ctx context.Context, id int64, at time.Time) error {
	return d.execute(ctx, "TouchToken", touchToken, micros(at), id)
}

// RevokeToken ends a token.
func (d *DB) RevokeToken(ctx context.Context, id int64, e audit.Entry) error {
	return fail("RevokeToken", d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, endToken, micros(d.now()), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return absentToken(sql.ErrNoRows)
		}
		return appendAudit(ctx, c, e)
	}))
}

func absentToken(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fleet.NotFound("db.Token", "The token")
	}
	return err
}

func scanToken(s scanner) (t team.Token, err error) {
	var made, expires, used int64
	err = s.Scan(&t.ID, &t.Name, &t.Role, &t.Owner.ID, &t.Owner.Name, &t.Owner.Role, &made, &expires, &used)
	t.MadeAt, t.ExpiresAt, t.UsedAt = moment(made), moment(expires), moment(used)
	return t, err
}

const (
	tokenColumns = `SELECT t.id, t.name, t.role, t.user_id, coalesce(u.name, ''), coalesce(u.role, ''), t.made_at, t.expires_at, t.used_at
		FROM token t LEFT JOIN user u ON u.id = t.user_id WHERE t.ended_at = 0 AND (t.user_id = 0 OR u.disabled_at = 0)`
	selectToken      = tokenColumns + ` AND t.hash = ?`
	selectTokens     = tokenColumns + ` ORDER BY t.name`
	countTokensNamed = `SELECT count(*) FROM token WHERE name = ? AND ended_at = 0`
	insertToken      = `INSERT INTO token (hash, name, role, user_id, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`
	touchToken       = `UPDATE token SET used_at = ? WHERE id = ?`
	endToken         = `UPDATE token SET ended_at = ? WHERE id = ? AND ended_at = 0`
	endTokensOf      = `UPDATE token SET ended_at = ? WHERE user_id = ? AND ended_at = 0`
)
