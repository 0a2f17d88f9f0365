package team

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestARoleIncludesTheRolesBelowIt(t *testing.T) {
	allowed := map[Role][]Role{
		Viewer:   {Viewer},
		Operator: {Viewer, Operator},
		Admin:    {Viewer, Operator, Admin},
	}
	for _, have := range Roles() {
		for _, want := range Roles() {
			expected := false
			for _, a := range allowed[have] {
				expected = expected || a == want
			}
			if got := (User{Role: have}).Can(want); got != expected {
				t.Errorf("a %s can what a %s can: %v, want %v", have, want, got, expected)
			}
		}
	}
}

func TestARoleThatDoesNotExistOpensNothing(t *testing.T) {
	for _, unknown := range []Role{"", "Admin", "root", "admin "} {
		for _, want := range append(Roles(), unknown) {
			if unknown.AtLeast(want) {
				t.Errorf("role %q is at least %q", unknown, want)
			}
		}
		if Admin.AtLeast(unknown) {
			t.Errorf("an admin satisfies the role %q that does not exist", unknown)
		}
		if _, err := ParseRole(string(unknown)); err == nil {
			t.Errorf("ParseRole(%q) gives no error", unknown)
		}
	}
}

func TestEveryRoleIsReadBackFromItsName(t *testing.T) {
	for _, want := range Roles() {
		if got, err := ParseRole(string(want)); err != nil || got != want {
			t.Errorf("ParseRole(%q) = %q, %v", want, got, err)
		}
	}
}

func TestUsernamesAreStoredInOneForm(t *testing.T) {
	for typed, want := range map[string]string{
		"anna":                "anna",
		"  Anna \n":           "anna",
		"ANNA.B-C_2":          "anna.b-c_2",
		"anna+ops@example.eu": "anna+ops@example.eu",
		"4you":                "4you",
	} {
		got, err := CleanUsername(typed)
		if err != nil || got != want {
			t.Errorf("CleanUsername(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestUsernamesThatCouldBeMistakenAreRefused(t *testing.T) {
	for _, typed := range []string{
		"", " ", "a", strings.Repeat("a", MaxUsername+1), "-anna", ".anna", "@anna", "an na", "an\x00na",
		"аnna" /* a Cyrillic a */, "anna\u202e", "anná", "<b>", "anna/../bob", "anna,bob", `an"na`, "an\xffna",
	} {
		name, err := CleanUsername(typed)
		var broken *RuleError
		if !errors.As(err, &broken) || broken.Field != "username" || name != "" {
			t.Errorf("CleanUsername(%q) = %q, %v; want a RuleError", typed, name, err)
		}
	}
}

func TestACleanUsernameStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name, err := CleanUsername(rapid.String().Draw(t, "typed"))
		if err != nil {
			return
		}
		again, err := CleanUsername(name)
		if err != nil || again != name {
			t.Fatalf("CleanUsername(%q) = %q, %v", name, again, err)
		}
	})
}
