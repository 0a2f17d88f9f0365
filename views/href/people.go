package href

import (
	"net/url"
	"strconv"
)

// User is the page of one user.
func User(id int64) string { return Users + "/" + strconv.FormatInt(id, 10) }

// UserAct takes the POST that does something to a user.
func UserAct(id int64, act string) string { return User(id) + "/" + act }

// RevokeInvite takes the POST that takes an invitation back.
func RevokeInvite(id int64) string { return Invites + "/" + strconv.FormatInt(id, 10) + "/revoke" }

// RevokeToken takes the POST that ends a token.
func RevokeToken(id int64) string { return Tokens + "/" + strconv.FormatInt(id, 10) + "/revoke" }

// The forms of one's own account.
const (
	Password         = Account + "/password"
	EndSessions      = Account + "/sessions/end"
	DropSecondFactor = SecondFactor + "/drop"
	RecoveryCodes    = SecondFactor + "/codes"
)

// EndSession takes the POST that ends one of one's sessions.
func EndSession(label string) string {
	return Account + "/sessions/" + url.PathEscape(label) + "/end"
}

// Approve takes the POST by which a second person agrees to a plan.
func Approve(plan string) string { return Plan(plan) + "/approve" }
