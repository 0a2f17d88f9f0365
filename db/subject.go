package db

import (
	"context"

	"cordboard/sync/audit"
	"cordboard/sync/team"
)

// MemberBySubject finds who signs in at an identity provider, deactivated ones too; KindNotFound for
// somebody who never did.
func (d *DB) MemberBySubject(ctx context.Context, issuer, subject string) (m team.Member, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		m, err = scanMember(c.row(ctx, selectMemberBySubject, issuer, subject))
		return absentUser(err)
	})
	return m, fail("MemberBySubject", err)
}

// CreateSubject adds a user who signs in at an identity provider, without a password. A name that is
// taken gives KindConflict: nobody becomes a colleague by choosing a name elsewhere.
func (d *DB) CreateSubject(ctx context.Context, u team.User, issuer, subject string, e audit.Entry) (team.User, error) {
	err := d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := nameFree(ctx, c, u.Name); err != nil {
			return err
		}
		id, err := c.insert(ctx, insertSubject, u.Name, string(u.Role), micros(d.now()), issuer, subject)
		if err != nil {
			return err
		}
		u.ID = team.UserID(id)
		return appendAudit(ctx, c, e)
	})
	if err != nil {
		return team.User{}, fail("CreateSubject", err)
	}
	return u, nil
}

// FollowRole gives a user the role that the identity provider's groups mean, the last admin too: who may
// do what is decided there.
func (d *DB) FollowRole(ctx context.Context, id team.UserID, role team.Role, e audit.Entry) error {
	return d.changeMember(ctx, "FollowRole", id, e, func(ctx context.Context, c *conn, m team.Member) error {
		if role != team.Admin {
			if _, err := c.exec(ctx, endInvitesBy, micros(d.now()), m.Name); err != nil {
				return err
			}
		}
		_, err := c.exec(ctx, updateRole, string(role), int64(id))
		return err
	})
}

const (
	selectMemberBySubject = memberColumns + ` WHERE u.issuer = ? AND u.subject = ? AND u.subject <> ''`
	insertSubject         = `INSERT INTO user (name, role, password_hash, created_at, issuer, subject) VALUES (?, ?, '', ?, ?, ?)`
)
