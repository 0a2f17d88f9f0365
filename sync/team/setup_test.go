package team

import (
	"regexp"
	"strings"
	"testing"
)

func TestASetupCodeIsReadByAPerson(t *testing.T) {
	shape := regexp.MustCompile(`^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`)
	seen := map[string]bool{}
	for range 1000 {
		code := NewSetupCode().Reveal()
		if !shape.MatchString(code) {
			t.Fatalf("%q is not like K7QF-2M9D", code)
		}
		seen[code] = true
	}
	if len(seen) < 1000 {
		t.Errorf("only %d of 1000 codes differ", len(seen))
	}
}

func TestASetupCodeMatchesHoweverItIsTyped(t *testing.T) {
	c := NewSetupCode()
	shown := c.Reveal()
	for _, typed := range []string{shown, strings.ToLower(shown), " " + shown + "\n", strings.ReplaceAll(shown, "-", ""), strings.ReplaceAll(shown, "-", " ")} {
		if !c.Matches(typed) {
			t.Errorf("%q does not match %q", typed, shown)
		}
	}
	for _, wrong := range []string{"", "-", shown[:8], shown + "2", NewSetupCode().Reveal()} {
		if c.Matches(wrong) {
			t.Errorf("%q matches %q", wrong, shown)
		}
	}
}

func TestTheZeroSetupCodeMatchesNothing(t *testing.T) {
	var none SetupCode
	if none.Matches("") || none.Matches("-") || none.Matches("2222-2222") || none.Reveal() != "" {
		t.Error("the zero code opens the setup page")
	}
}
