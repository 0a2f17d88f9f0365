package phone

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Reader reads numbers with a home region, whose national forms it understands.
type Reader struct{ region string }

// NewReader takes an ISO country such as "GB"; empty means that only international forms are
// understood beyond plain digits.
func NewReader(region string) Reader { return Reader{strings.ToUpper(strings.TrimSpace(region))} }

// Region is the home region; empty for none.
func (r Reader) Region() string { return r.region }

// Version names the rule, so that stored keys can be made anew when it changes.
func (r Reader) Version() string { return "3 " + r.region }

// Keys gives the forms under which a number is found, digits only, the main one first: its
// international digits where it can be read as such, and its own digits. A DID such as "2113" or
// "83" has just itself. Text without digits has none.
func (r Reader) Keys(number string) []string {
	own := digits(number)
	if own == "" {
		return nil
	}
	dialled := strings.HasPrefix(own, "00") && len(own) >= shortestDialled
	keys := make([]string, 0, 2)
	if full, ok := r.international(number, own); ok {
		keys = append(keys, full)
	} else if dialled {
		keys = append(keys, own[2:])
	}
	if !slices.Contains(keys, own) && !dialled {
		keys = append(keys, own)
	}
	if strings.HasPrefix(own, "00") && !dialled && len(own) >= shortestBegun {
		keys = append(keys, own[2:])
	}
	return keys
}

// shortestBegun is how many digits make 00 a prefix that somebody may have begun to dial: the digits
// are then found under both readings.
const shortestBegun = 5

// shortestDialled is how many digits make 00 an international prefix: "0036" is the end of some
// number.
const shortestDialled = 9

// international gives country code and number, without the plus.
func (r Reader) international(number, own string) (string, bool) {
	text := number
	region := r.region
	switch trimmed := strings.TrimSpace(number); {
	case strings.HasPrefix(trimmed, "+"):
	case strings.HasPrefix(own, "00") && len(own) >= shortestDialled:
		text = "+" + own[2:]
	case region == "":
		return "", false
	}
	parsed, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return "", false
	}
	return strings.TrimPrefix(phonenumbers.Format(parsed, phonenumbers.E164), "+"), true
}

// Same reports whether two ways of writing are one number, and not one a part of the other.
func (r Reader) Same(a, b string) bool {
	if strings.EqualFold(strings.TrimSpace(a), b) {
		return true
	}
	keys := r.Keys(b)
	return slices.ContainsFunc(r.Keys(a), func(k string) bool { return slices.Contains(keys, k) })
}

// Pretty is the number as people read it: "+44 20 7946 0018". What is no full number stays as
// it is.
func (r Reader) Pretty(number string) string {
	full, ok := r.international(number, digits(number))
	if !ok {
		return number
	}
	parsed, err := phonenumbers.Parse("+"+full, "")
	if err != nil {
		return number
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}

func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
}

// Known reports whether an ISO country in capitals has telephone numbers.
func Known(country string) bool { return phonenumbers.GetCountryCodeForRegion(country) != 0 }
