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

// CreateUser adds a user. A name that is taken, in whatever case, gives KindConflict.
func (d *DB) CreateUser(ctx context.Context, name string, role team.Role, hash team.PasswordHash, e audit.Entry) (u team.User, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		u, err = d.insertUser(ctx, c, name, role, hash, e)
		return err
	})
	return u, fail("CreateUser", err)
}

// CreateFirstUser adds a user if there is none yet; otherwise KindConflict. Of two who set
// Cordboard up at the same moment one wins.
func (d *DB) CreateFirstUser(ctx context.Context, name string, role team.Role, hash team.PasswordHash, e audit.Entry) (u team.User, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		var n int
		if err := c.row(ctx, countUsers).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return &fleet.Error{Kind: fleet.KindConflict, Op: "db.CreateFirstUser", Msg: "Cordboard is set up already: sign in."}
		}
		u, err = d.insertUser(ctx, c, name, role, hash, e)
		return err
	})
	return u, fail("CreateFirstUser", err)
}

func (d *DB) insertUser(ctx context.Context, c *conn, name string, role team.Role, hash team.PasswordHash, e audit.Entry) (team.User, error) {
	var taken int
	if err := c.row(ctx, countNamed, name).Scan(&taken); err != nil {
		return team.User{}, err
	}
	if taken > 0 {
		return team.User{}, &fleet.Error{Kind: fleet.KindConflict, Op: "db.CreateUser", Msg: fmt.Sprintf("There is a user named %s already.", name)}
	}
	id, err := c.insert(ctx, insertUserRow, name, string(role), string(hash), micros(d.now()))
	if err != nil {
		return team.User{}, err
	}
	return team.User{ID: team.UserID(id), Name: name, Role: role}, appendAudit(ctx, c, e)
}

const (
	countUsers    = `SELECT count(*) FROM user`
	countNamed    = `SELECT count(*) FROM user WHERE name = ?`
	insertUserRow = `INSERT INTO user (name, role, password_hash, created_at) VALUES (?, ?, ?, ?)`
)

// CountUsers is how many users there are, disabled ones included.
func (d *DB) CountUsers(ctx context.Context) (n int, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error { return c.row(ctx, countUsers).Scan(&n) })
	return n, fail("CountUsers", err)
}

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
func (d *DB) SetPassword(ctx context.Context, id team.UserID, hash team.PasswordHash, e audit.Entry) error {
	return d.changeUser(ctx, "SetPassword", id, e, true, updatePassword, string(hash))
}

// SetRole gives a user another role, from the next request on.
func (d *DB) SetRole(ctx context.Context, id team.UserID, role team.Role, e audit.Entry) error {
	return d.changeUser(ctx, "SetRole", id, e, false, updateRole, string(role))
}

// DisableUser ends a user's sessions and lets nobody sign in as the user again. The name stays
// taken: it stands in the audit log.
func (d *DB) DisableUser(ctx context.Context, id team.UserID, e audit.Entry) error {
	return d.changeUser(ctx, "DisableUser", id, e, true, updateDisabled, micros(d.now()))
}

func (d *DB) changeUser(ctx context.Context, op string, id team.UserID, e audit.Entry, signOut bool, query string, value any) error {
	return fail(op, d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, query, value, int64(id))
		if err != nil {
			return err
		}
		if n == 0 {
			return absentUser(sql.ErrNoRows)
		}
		if signOut {
			if _, err := c.exec(ctx, deleteSessionsOf, int64(id)); err != nil {
				return err
			}
		}
		return appendAudit(ctx, c, e)
	}))
}

const (
	updatePassword = `UPDATE user SET password_hash = ? WHERE id = ? AND disabled_at = 0`
	updateRole     = `UPDATE user SET role = ? WHERE id = ? AND disabled_at = 0`
	updateDisabled = `UPDATE user SET disabled_at = ? WHERE id = ? AND disabled_at = 0`
)

// SaveSession stores a new sign-in and whence it came.
func (d *DB) SaveSession(ctx context.Context, s team.Session, ip, agent string) error {
	return fail("SaveSession", d.write(ctx, func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, insertSession, s.Hash[:], int64(s.User), micros(s.CreatedAt), micros(s.SeenAt), ip, agent)
		return err
	}))
}

// Session finds a session and its user; KindNotFound when it does not exist or the user is
// disabled. Whether it is still live is for the caller to ask it.
func (d *DB) Session(ctx context.Context, hash team.SessionHash) (s team.Session, u team.User, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		var created, seen int64
		err := c.row(ctx, selectSession, hash[:]).Scan(&s.User, &created, &seen, &u.ID, &u.Name, &u.Role)
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.Session", "The session")
		}
		s.Hash, s.CreatedAt, s.SeenAt = hash, moment(created), moment(seen)
		return err
	})
	if err != nil {
		return team.Session{}, team.User{}, fail("Session", err)
	}
	return s, u, nil
}

// TouchSession keeps the time of a session's last request.
func (d *DB) TouchSession(ctx context.Context, hash team.SessionHash, at time.Time) error {
	return d.execute(ctx, "TouchSession", touchSession, micros(at), hash[:])
}

// DeleteSession signs one browser out. A session that is not there is no error.
func (d *DB) DeleteSession(ctx context.Context, hash team.SessionHash) error {
	return d.execute(ctx, "DeleteSession", deleteSession, hash[:])
}

// PruneSessions deletes sessions that can't be live any more at now.
func (d *DB) PruneSessions(ctx context.Context, now time.Time) error {
	return d.execute(ctx, "PruneSessions", pruneSessions, micros(now.Add(-team.SessionIdle)), micros(now.Add(-team.SessionLifetime)))
}

func (d *DB) execute(ctx context.Context, op, query string, args ...any) error {
	return fail(op, d.write(ctx, func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, query, args...)
		return err
	}))
}

const (
	insertSession = `INSERT INTO session (hash, user_id, created_at, seen_at, ip, agent) VALUES (?, ?, ?, ?, ?, ?)`
	selectSession = `SELECT s.user_id, s.created_at, s.seen_at, u.id, u.name, u.role
		FROM session s JOIN user u ON u.id = s.user_id WHERE s.hash = ? AND u.disabled_at = 0`
	touchSession     = `UPDATE session SET seen_at = ? WHERE hash = ?`
	deleteSession    = `DELETE FROM session WHERE hash = ?`
	deleteSessionsOf = `DELETE FROM session WHERE user_id = ?`
	pruneSessions    = `DELETE FROM session WHERE seen_at < ? OR created_at < ?`
)
