package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// SaveSession stores a sign-in.
func (d *DB) SaveSession(ctx context.Context, s team.Session) error {
	return fail("SaveSession", d.write(ctx, func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, insertSession, s.Hash[:], int64(s.User), micros(s.CreatedAt), micros(s.SeenAt), micros(s.ProvedAt), s.IP, s.Agent)
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, updateSeen, micros(s.SeenAt), int64(s.User))
		return err
	}))
}

// TouchSession stores the time of a session's last request, and when its person last proved who they
// are. One that was ended meanwhile stays ended.
func (d *DB) TouchSession(ctx context.Context, s team.Session) error {
	return fail("TouchSession", d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, updateSession, micros(s.SeenAt), micros(s.ProvedAt), s.Hash[:])
		if err != nil || n == 0 {
			return err
		}
		_, err = c.exec(ctx, updateSeen, micros(s.SeenAt), int64(s.User))
		return err
	}))
}

// Session finds a session; KindNotFound when it does not exist or its user is disabled. Whether it
// is still live is for the caller to ask it.
func (d *DB) Session(ctx context.Context, hash team.SessionHash) (s team.Session, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		s, err = scanSession(c.row(ctx, selectSession, hash[:]))
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.Session", "The session")
		}
		return err
	})
	if err != nil {
		return team.Session{}, fail("Session", err)
	}
	return s, nil
}

// SessionsOf are a user's sessions, the last used first.
func (d *DB) SessionsOf(ctx context.Context, id team.UserID) (sessions []team.Session, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		sessions, err = list(ctx, c, scanSession, selectSessionsOf, int64(id))
		return err
	})
	return sessions, fail("SessionsOf", err)
}

func scanSession(sc scanner) (s team.Session, err error) {
	var hash []byte
	var created, seen, proved int64
	err = sc.Scan(&hash, &s.User, &created, &seen, &proved, &s.IP, &s.Agent)
	copy(s.Hash[:], hash)
	s.CreatedAt, s.SeenAt, s.ProvedAt = moment(created), moment(seen), moment(proved)
	return s, err
}

// DeleteSession signs one browser out. A session that is not there is no error.
func (d *DB) DeleteSession(ctx context.Context, hash team.SessionHash) error {
	return d.execute(ctx, "DeleteSession", deleteSession, hash[:])
}

// EndSession ends one session of a user, by its hash, as an act of its own.
func (d *DB) EndSession(ctx context.Context, id team.UserID, hash team.SessionHash, e audit.Entry) error {
	return fail("EndSession", d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, deleteSessionOf, hash[:], int64(id))
		if err != nil {
			return err
		}
		if n == 0 {
			return fleet.NotFound("db.EndSession", "The session")
		}
		return appendAudit(ctx, c, e)
	}))
}

// EndOtherSessions ends all sessions of a user but one.
func (d *DB) EndOtherSessions(ctx context.Context, id team.UserID, keep team.SessionHash, e audit.Entry) error {
	return fail("EndOtherSessions", d.write(ctx, func(ctx context.Context, c *conn) error {
		if _, err := c.exec(ctx, deleteOtherSessions, int64(id), keep[:]); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

// PruneSessions deletes sessions that can't be live any more at now.
func (d *DB) PruneSessions(ctx context.Context, now time.Time) error {
	return d.execute(ctx, "PruneSessions", pruneSessions, micros(now.Add(-team.SessionIdle)), micros(now.Add(-team.SessionLifetime)))
}

// endWaysIn ends every session and every open invitation: in a copy of the record, those that were ended since
// would be open again.
func endWaysIn(ctx context.Context, c *conn, at time.Time) error {
	if _, err := c.exec(ctx, deleteEverySession); err != nil {
		return err
	}
	_, err := c.exec(ctx, endEveryInvite, micros(at))
	return err
}

const (
	sessionColumns = `s.hash, s.user_id, s.created_at, s.seen_at, s.proved_at, s.ip, s.agent`

	insertSession       = `INSERT INTO session (hash, user_id, created_at, seen_at, proved_at, ip, agent) VALUES (?, ?, ?, ?, ?, ?, ?)`
	updateSession       = `UPDATE session SET seen_at = ?, proved_at = ? WHERE hash = ?`
	updateSeen          = `UPDATE user SET seen_at = ?1 WHERE id = ?2 AND seen_at < ?1`
	selectSession       = `SELECT ` + sessionColumns + ` FROM session s JOIN user u ON u.id = s.user_id WHERE s.hash = ? AND u.disabled_at = 0`
	selectSessionsOf    = `SELECT ` + sessionColumns + ` FROM session s WHERE s.user_id = ? ORDER BY s.seen_at DESC, s.hash`
	deleteSession       = `DELETE FROM session WHERE hash = ?`
	deleteSessionOf     = `DELETE FROM session WHERE hash = ? AND user_id = ?`
	deleteOtherSessions = `DELETE FROM session WHERE user_id = ? AND hash <> ?`
	deleteAllSessions   = `DELETE FROM session WHERE user_id = ?`
	deleteEverySession  = `DELETE FROM session`
	endEveryInvite      = `UPDATE invite SET ended_at = ? WHERE ended_at = 0`
	pruneSessions       = `DELETE FROM session WHERE seen_at < ? OR created_at < ?`
)
