package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// Members are all users, those who may not sign in any more at the end: a team has twenty at most.
func (d *DB) Members(ctx context.Context) (members []team.Member, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		members, err = list(ctx, c, scanMember, selectMembers)
		return err
	})
	return members, fail("Members", err)
}

// Member is one user, deactivated ones too.
func (d *DB) Member(ctx context.Context, id team.UserID) (m team.Member, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		m, err = findMember(ctx, c, id)
		return err
	})
	return m, fail("Member", err)
}

func findMember(ctx context.Context, c *conn, id team.UserID) (team.Member, error) {
	m, err := scanMember(c.row(ctx, selectMember, int64(id)))
	return m, absentUser(err)
}

func scanMember(s scanner) (m team.Member, err error) {
	var made, seen, ended int64
	err = s.Scan(&m.ID, &m.Name, &m.Role, &made, &seen, &ended, &m.Second, &m.SingleOn, &m.LocalWord)
	m.MadeAt, m.SeenAt, m.EndedAt = moment(made), moment(seen), moment(ended)
	return m, err
}

const (
	memberColumns = `SELECT u.id, u.name, u.role, u.created_at, u.seen_at, u.disabled_at,
		EXISTS (SELECT 1 FROM factor f WHERE f.user_id = u.id), u.subject <> '', u.password_hash <> '' FROM user u`
	selectMembers = memberColumns + ` ORDER BY u.disabled_at > 0, u.name`
	selectMember  = memberColumns + ` WHERE u.id = ?`
)

// SetRole gives a user another role. Who is no admin any more leaves no open links that make users or passwords. The
// last admin keeps theirs: KindConflict.
func (d *DB) SetRole(ctx context.Context, id team.UserID, role team.Role, e audit.Entry) error {
	return d.changeMember(ctx, "SetRole", id, e, func(ctx context.Context, c *conn, m team.Member) error {
		if role != team.Admin {
			if err := notLast(ctx, c, m); err != nil {
				return err
			}
		}
		if role != team.Admin {
			if _, err := c.exec(ctx, endInvitesBy, micros(d.now()), m.Name); err != nil {
				return err
			}
		}
		_, err := c.exec(ctx, updateRole, string(role), int64(id))
		return err
	})
}

// Deactivate keeps a user from signing in and ends their sessions; their tokens end with it, the open links for
// them and by them, and their word on plans that nobody has sent yet. The last admin stays: KindConflict.
func (d *DB) Deactivate(ctx context.Context, id team.UserID, e audit.Entry) error {
	return d.changeMember(ctx, "Deactivate", id, e, func(ctx context.Context, c *conn, m team.Member) error {
		if err := notLast(ctx, c, m); err != nil {
			return err
		}
		now := micros(d.now())
		if _, err := c.exec(ctx, disableUser, now, int64(id)); err != nil {
			return err
		}
		if _, err := c.exec(ctx, endTokensOf, now, int64(id)); err != nil {
			return err
		}
		if _, err := c.exec(ctx, endInvitesNamed, now, m.Name); err != nil {
			return err
		}
		if _, err := c.exec(ctx, endInvitesBy, now, m.Name); err != nil {
			return err
		}
		if _, err := c.exec(ctx, takeWordsBack, m.Name); err != nil {
			return err
		}
		_, err := c.exec(ctx, deleteAllSessions, int64(id))
		return err
	})
}

// Activate lets a deactivated user sign in again.
func (d *DB) Activate(ctx context.Context, id team.UserID, e audit.Entry) error {
	return d.changeMember(ctx, "Activate", id, e, func(ctx context.Context, c *conn, _ team.Member) error {
		_, err := c.exec(ctx, enableUser, int64(id))
		return err
	})
}

func (d *DB) changeMember(ctx context.Context, op string, id team.UserID, e audit.Entry, change func(context.Context, *conn, team.Member) error) error {
	return fail(op, d.write(ctx, func(ctx context.Context, c *conn) error {
		m, err := findMember(ctx, c, id)
		if err != nil {
			return err
		}
		if err := change(ctx, c, m); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

// notLast refuses when nobody else could manage users.
func notLast(ctx context.Context, c *conn, m team.Member) error {
	if m.Role != team.Admin || !m.EndedAt.IsZero() {
		return nil
	}
	var others int
	if err := c.row(ctx, countOtherAdmins, int64(m.ID)).Scan(&others); err != nil {
		return err
	}
	if others > 0 {
		return nil
	}
	return &fleet.Error{Kind: fleet.KindConflict, Op: "db.notLast", Msg: fmt.Sprintf("%s is the last admin. Make somebody else an admin first.", m.Name)}
}

const (
	updateRole       = `UPDATE user SET role = ? WHERE id = ?`
	disableUser      = `UPDATE user SET disabled_at = ? WHERE id = ? AND disabled_at = 0`
	enableUser       = `UPDATE user SET disabled_at = 0 WHERE id = ?`
	takeWordsBack    = `DELETE FROM approval WHERE person = ? AND plan_id IN (SELECT id FROM plan WHERE status = 'draft')`
	countOtherAdmins = `SELECT count(*) FROM user WHERE role = 'admin' AND disabled_at = 0 AND id <> ?`
)

// SaveInvite stores an invitation in the place of an open one for the same name. A new colleague's
// name must be free: KindConflict.
func (d *DB) SaveInvite(ctx context.Context, i team.Invite, hash team.KeyHash, e audit.Entry) error {
	return fail("SaveInvite", d.write(ctx, func(ctx context.Context, c *conn) error {
		if i.User == 0 {
			if err := nameFree(ctx, c, i.Name); err != nil {
				return err
			}
		}
		if _, err := c.exec(ctx, endInvitesNamed, micros(d.now()), i.Name); err != nil {
			return err
		}
		_, err := c.exec(ctx, insertInvite, hash[:], i.Name, string(i.Role), int64(i.User), i.MadeBy, micros(i.MadeAt), micros(i.ExpiresAt))
		if err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

// Invites are the open invitations, the newest first; expired ones too.
func (d *DB) Invites(ctx context.Context) (invites []team.Invite, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		invites, err = list(ctx, c, scanInvite, selectInvites)
		return err
	})
	return invites, fail("Invites", err)
}

// Invite finds an open invitation by its key's hash; KindNotFound when it was used or taken back.
func (d *DB) Invite(ctx context.Context, hash team.KeyHash) (i team.Invite, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		i, err = scanInvite(c.row(ctx, selectInvite, hash[:]))
		return absentInvite(err)
	})
	return i, fail("Invite", err)
}

// EndInvite takes an open invitation back.
func (d *DB) EndInvite(ctx context.Context, id int64, e audit.Entry) error {
	return fail("EndInvite", d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := endInvite(ctx, c, d, id); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

// Accept uses an invitation up: it makes the user, or gives the one who is there the new password and
// ends their sessions.
func (d *DB) Accept(ctx context.Context, i team.Invite, hash team.PasswordHash, e audit.Entry) (u team.User, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := endInvite(ctx, c, d, i.ID); err != nil {
			return err
		}
		if i.User == 0 {
			if err := nameFree(ctx, c, i.Name); err != nil {
				return err
			}
			id, err := c.insert(ctx, insertUser, i.Name, string(i.Role), string(hash), micros(d.now()))
			if err != nil {
				return err
			}
			u = team.User{ID: team.UserID(id), Name: i.Name, Role: i.Role}
			return appendAudit(ctx, c, e)
		}
		if u, err = scanUser(c.row(ctx, selectUser, int64(i.User))); err != nil {
			return absentUser(err)
		}
		if _, err := c.exec(ctx, updatePassword, string(hash), u.Name); err != nil {
			return err
		}
		if _, err := c.exec(ctx, deleteAllSessions, int64(u.ID)); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	})
	return u, fail("Accept", err)
}

func endInvite(ctx context.Context, c *conn, d *DB, id int64) error {
	n, err := c.exec(ctx, updateInviteEnded, micros(d.now()), id)
	if err == nil && n == 0 {
		err = absentInvite(sql.ErrNoRows)
	}
	return err
}

func nameFree(ctx context.Context, c *conn, name string) error {
	var taken int
	if err := c.row(ctx, countNamed, name).Scan(&taken); err != nil {
		return err
	}
	if taken > 0 {
		return &fleet.Error{Kind: fleet.KindConflict, Op: "db.nameFree", Msg: fmt.Sprintf("There is a user named %s already.", name)}
	}
	return nil
}

func absentInvite(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fleet.NotFound("db.Invite", "The invitation")
	}
	return err
}

func scanInvite(s scanner) (i team.Invite, err error) {
	var made, expires int64
	err = s.Scan(&i.ID, &i.Name, &i.Role, &i.User, &i.MadeBy, &made, &expires)
	i.MadeAt, i.ExpiresAt = moment(made), moment(expires)
	return i, err
}

const (
	inviteColumns     = `SELECT id, name, role, user_id, made_by, made_at, expires_at FROM invite WHERE ended_at = 0`
	selectInvites     = inviteColumns + ` ORDER BY made_at DESC, id DESC`
	selectInvite      = inviteColumns + ` AND hash = ?`
	insertInvite      = `INSERT INTO invite (hash, name, role, user_id, made_by, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`
	updateInviteEnded = `UPDATE invite SET ended_at = ? WHERE id = ? AND ended_at = 0`
	endInvitesNamed   = `UPDATE invite SET ended_at = ? WHERE name = ? AND ended_at = 0`
	endInvitesBy      = `UPDATE invite SET ended_at = ? WHERE made_by = ? AND ended_at = 0`
)
