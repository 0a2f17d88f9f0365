package team

import (
	"fmt"
	"strings"
)

// UserID identifies a user in our own database. Zero is nobody.
type UserID int64

// User is a person (or a script with an account) who works with Cordboard.
type User struct {
	ID   UserID
	Name string // as CleanUsername returns it: lower case, unique
	Role Role
}

// Can reports whether the user's role is want or a higher one.
func (u User) Can(want Role) bool { return u.Role.AtLeast(want) }

// Role says how much a user may do. The zero value may do nothing.
type Role string

const (
	Viewer   Role = "viewer"   // sees everything but secrets, changes nothing
	Operator Role = "operator" // Viewer, and makes and confirms plans
	Admin    Role = "admin"    // Operator, and manages users and settings
)

// Roles returns every role, the least powerful first.
func Roles() []Role { return []Role{Viewer, Operator, Admin} }

// ParseRole reads a role from its stored or typed name. Anything that is not exactly one
// of the names is a *RuleError.
func ParseRole(name string) (Role, error) {
	r := Role(name)
	if r.rank() == 0 {
		return "", &RuleError{Field: "role", Msg: fmt.Sprintf("There is no role %q. The roles are viewer, operator and admin.", name)}
	}
	return r, nil
}

// AtLeast reports whether r is want or a higher role. A role that does not exist is
// below all others and is satisfied by none, so a forgotten role never opens a door.
func (r Role) AtLeast(want Role) bool {
	return want.rank() > 0 && r.rank() >= want.rank()
}

func (r Role) rank() int {
	switch r {
	case Viewer:
		return 1
	case Operator:
		return 2
	case Admin:
		return 3
	}
	return 0
}

// Lengths of a username, in characters.
const (
	MinUsername = 2
	MaxUsername = 64
)

// CleanUsername returns the stored form of a typed username: without surrounding white
// space and in lower case, so that "Anna" and "anna" are one person. A name holds ASCII
// letters, digits and . _ - + @ (mail addresses are fine) and begins with a letter or
// digit: nothing that looks like another name on the screen or breaks a log line.
// A name that breaks the rules is a *RuleError.
func CleanUsername(typed string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(typed))
	if len(name) < MinUsername || len(name) > MaxUsername {
		return "", &RuleError{Field: "username", Msg: fmt.Sprintf("A username has %d to %d characters.", MinUsername, MaxUsername)}
	}
	for i, c := range name {
		letterOrDigit := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letterOrDigit && (i == 0 || !strings.ContainsRune("._-+@", c)) {
			return "", &RuleError{Field: "username", Msg: "A username has letters a to z, digits and . _ - + @ only, and begins with a letter or digit."}
		}
	}
	return name, nil
}

// RuleError is input that breaks one of this package's rules.
type RuleError struct {
	Field string // the form field: "username", "password" or "role"
	Msg   string // a sentence for the person; it never repeats a password
}

// Error returns the field and the sentence.
func (e *RuleError) Error() string { return "team: " + e.Field + ": " + e.Msg }
