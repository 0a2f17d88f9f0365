package db

import (
	"context"
	"database/sql"
	"errors"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// CreateUser adds a user; u.ID is given here. A name that is taken, in whatever case and even by a
// disabled user, gives KindConflict.
func (d *DB) CreateUser(ctx context.Context, u team.User, hash team.PasswordHash, e audit.Entry) (team.User, error) {
	err := d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := nameFree(ctx, c, u.Name); err != nil {
			return err
		}
		id, err := c.insert(ctx, insertUser, u.Name, string(u.Role), string(hash), micros(d.now()))
		if err != nil {
			return err
		}
		u.ID = team.UserID(id)
		return appendAudit(ctx, c, e)
	})
	if err != nil {
		return team.User{}, fail("CreateUser", err)
	}
	return u, nil
}

const (
	countNamed = `SELECT count(*) FROM user WHERE name = ?`
	insertUser = `INSERT INTO user (name, role, password_hash, created_at) VALUES (?, ?, ?, ?)`
)

// HasUsers reports whether anybody can sign in, or ever could.
func (d *DB) HasUsers(ctx context.Context) (has bool, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error { return c.row(ctx, anyUser).Scan(&has) })
	return has, fail("HasUsers", err)
}

const anyUser = `SELECT EXISTS (SELECT 1 FROM user)`

// UserByName finds a user who may sign in, with the password hash; KindNotFound when there is none
// or the user is disabled.
func (d *DB) UserByName(ctx context.Context, name string) (u team.User, hash team.PasswordHash, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		err := c.row(ctx, selectUserByName, name).Scan(&u.ID, &u.Name, &u.Role, &hash)
		return absentUser(err)
	})
	return u, hash, fail("UserByName", err)
}

func absentUser(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fleet.NotFound("db.User", "The user")
	}
	return err
}

// User finds a user who is not disabled.
func (d *DB) User(ctx context.Context, id team.UserID) (u team.User, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		u, err = scanUser(c.row(ctx, selectUser, int64(id)))
		return absentUser(err)
	})
	return u, fail("User", err)
}

// Users are all who may sign in, by name: a team has twenty at most.
func (d *DB) Users(ctx context.Context) (users []team.User, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		users, err = list(ctx, c, scanUser, selectUsers)
		return err
	})
	return users, fail("Users", err)
}

func scanUser(s scanner) (u team.User, err error) {
	err = s.Scan(&u.ID, &u.Name, &u.Role)
	return u, err
}

const (
	selectUserByName = `SELECT id, name, role, password_hash FROM user WHERE name = ? AND disabled_at = 0`
	selectUser       = `SELECT id, name, role FROM user WHERE id = ? AND disabled_at = 0`
	selectUsers      = `SELECT id, name, role FROM user WHERE disabled_at = 0 ORDER BY name`
)

// SetPassword gives a user another password and ends all of the user's sessions.
func (d *DB) SetPassword(ctx context.Context, name string, hash team.PasswordHash, e audit.Entry) error {
	return fail("SetPassword", d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, updatePassword, string(hash), name)
		if err != nil {
			return err
		}
		if n == 0 {
			return absentUser(sql.ErrNoRows)
		}
		if _, err := c.exec(ctx, deleteSessionsOf, name); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

const (
	updatePassword   = `UPDATE user SET password_hash = ? WHERE name = ? AND disabled_at = 0`
	deleteSessionsOf = `DELETE FROM session WHERE user_id = (SELECT id FROM user WHERE name = ?)`
)

func (d *DB) execute(ctx context.Context, op, query string, args ...any) error {
	return fail(op, d.write(ctx, func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, query, args...)
		return err
	}))
}
