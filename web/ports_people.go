package web

import (
	"context"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/plan"
	"cordboard/sync/team"
)

// People keeps users and their sign-ins. What changes one writes its audit entry with it.
type People interface {
	HasUsers(ctx context.Context) (bool, error)
	// UserByName answers KindNotFound for a stranger.
	UserByName(ctx context.Context, name string) (team.User, team.PasswordHash, error)
	User(ctx context.Context, id team.UserID) (team.User, error)
	// CreateUser refuses a taken name with KindConflict.
	CreateUser(ctx context.Context, u team.User, hash team.PasswordHash, e audit.Entry) (team.User, error)
	// SetPassword ends all sessions of the user.
	SetPassword(ctx context.Context, name string, hash team.PasswordHash, e audit.Entry) error

	Members(ctx context.Context) ([]team.Member, error)
	Member(ctx context.Context, id team.UserID) (team.Member, error)
	// SetRole and Deactivate refuse to leave nobody who manages users: KindConflict.
	SetRole(ctx context.Context, id team.UserID, role team.Role, e audit.Entry) error
	Deactivate(ctx context.Context, id team.UserID, e audit.Entry) error
	Activate(ctx context.Context, id team.UserID, e audit.Entry) error

	// MemberBySubject answers KindNotFound for somebody who never signed in at the provider.
	MemberBySubject(ctx context.Context, issuer, subject string) (team.Member, error)
	CreateSubject(ctx context.Context, u team.User, issuer, subject string, e audit.Entry) (team.User, error)
	FollowRole(ctx context.Context, id team.UserID, role team.Role, e audit.Entry) error

	SaveInvite(ctx context.Context, i team.Invite, hash team.KeyHash, e audit.Entry) error
	Invites(ctx context.Context) ([]team.Invite, error)
	// Invite answers KindNotFound for one that was used or taken back.
	Invite(ctx context.Context, hash team.KeyHash) (team.Invite, error)
	EndInvite(ctx context.Context, id int64, e audit.Entry) error
	// Accept uses an invitation up, once.
	Accept(ctx context.Context, i team.Invite, hash team.PasswordHash, e audit.Entry) (team.User, error)
}

// Sessions keeps sign-ins by the hash of their key.
type Sessions interface {
	SaveSession(ctx context.Context, s team.Session) error
	// TouchSession changes nothing of a session that was ended.
	TouchSession(ctx context.Context, s team.Session) error
	Session(ctx context.Context, hash team.SessionHash) (team.Session, error)
	DeleteSession(ctx context.Context, hash team.SessionHash) error
	PruneSessions(ctx context.Context, now time.Time) error
	SessionsOf(ctx context.Context, id team.UserID) ([]team.Session, error)
	EndSession(ctx context.Context, id team.UserID, hash team.SessionHash, e audit.Entry) error
	EndOtherSessions(ctx context.Context, id team.UserID, keep team.SessionHash, e audit.Entry) error
}

// Tokens keeps what scripts use the API with, by the hash of its key.
type Tokens interface {
	SaveToken(ctx context.Context, t team.Token, hash team.KeyHash, e audit.Entry) error
	// Token answers KindNotFound for one that was revoked, or whose owner was deactivated.
	Token(ctx context.Context, hash team.KeyHash) (team.Token, error)
	Tokens(ctx context.Context) ([]team.Token, error)
	TouchToken(ctx context.Context, id int64, at time.Time) error
	RevokeToken(ctx context.Context, id int64, e audit.Entry) error
}

// Approvals keeps which plans need a second person.
type Approvals interface {
	ApprovalRule(ctx context.Context) (plan.Rule, error)
	SetApprovalRule(ctx context.Context, rule plan.Rule, e audit.Entry) error
}
