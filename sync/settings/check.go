package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/phone"
)

// CheckURL accepts https anywhere and http to loopback only: the client secret and the token travel to this
// address.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("this is not an address such as https://ycm.yeastar.com")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("only the scheme, the host and the port are wanted here, such as https://ycm.yeastar.com")
	}
	if u.Scheme == "http" && !Loopback(u.Hostname()) {
		return errors.New("http:// would send the client secret in the clear; it is accepted for loopback addresses only")
	}
	return nil
}

// Loopback reports whether a host is this machine.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// CheckRate accepts every rate at which something is ever asked.
func CheckRate(perMinute int) error {
	if perMinute < 1 {
		return fmt.Errorf("%d requests per minute would never ask anything; give 1 or more", perMinute)
	}
	return nil
}

// mostRate bounds the rate: what is larger is a mistake.
const mostRate = 1_000_000

// CheckInterval accepts 0, which means never, and a second or more.
func CheckInterval(d time.Duration) error {
	if d < 0 || d > 0 && d < time.Second {
		return fmt.Errorf("%s is not a time from 1s up; 0 means never", d)
	}
	return nil
}

// CheckRegion accepts no country, or one that has telephone numbers.
func CheckRegion(country string) error {
	if country != "" && !phone.Known(country) {
		return fmt.Errorf("%q is not an ISO country code in capitals, such as AT or GB", country)
	}
	return nil
}

// rule is an error as a field of a form: a sentence.
func rule(f Field, err error) []fleet.Field {
	if err == nil {
		return nil
	}
	text := err.Error()
	return []fleet.Field{{Name: string(f), Rule: strings.ToUpper(text[:1]) + text[1:] + "."}}
}

// longest bounds ids, secrets and addresses.
const longest = 500

func (y Yeastar) check() []fleet.Field {
	bad := rule(BaseURL, CheckURL(y.BaseURL))
	if bad == nil && len(y.BaseURL) > longest {
		bad = rule(BaseURL, errors.New("this address is too long"))
	}
	add := func(f Field, text string) { bad = append(bad, fleet.Field{Name: string(f), Rule: text}) }
	if y.ClientID == "" || len(y.ClientID) > longest || strings.ContainsFunc(y.ClientID, control) {
		add(ClientID, "It stands in YCM under System > API.")
	}
	if y.Secret == "" || len(y.Secret) > longest || strings.ContainsFunc(string(y.Secret), control) {
		add(ClientSecret, "It stands in YCM under System > API, beside the client id.")
	}
	if y.Rate < 1 || y.Rate > mostRate {
		add(Rate, fmt.Sprintf("A number from 1 to %d.", mostRate))
	}
	return bad
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

// Limits of what the guard and the schedule may be set to: beyond them they would protect nothing.
const (
	mostCount     = 100_000
	leastLifetime = time.Minute
	mostLifetime  = 7 * 24 * time.Hour
	mostInterval  = 7 * 24 * time.Hour
	leastStale    = time.Minute
	mostStale     = 30 * 24 * time.Hour
)

func (g Guard) check() (bad []fleet.Field) {
	add := func(f Field, text string) { bad = append(bad, fleet.Field{Name: string(f), Rule: text}) }
	if g.MaxShare < 0 || g.MaxShare > 100 {
		add(MaxShare, "A percentage from 0 to 100; with 0 every plan that takes a number away asks for a reason.")
	}
	if g.MaxCount < 0 || g.MaxCount > mostCount {
		add(MaxCount, fmt.Sprintf("A number from 0 to %d.", mostCount))
	}
	if g.Lifetime < leastLifetime || g.Lifetime > mostLifetime {
		add(Lifetime, "A time from 1m to 168h, such as 30m.")
	}
	return bad
}

func (s Sync) check() (bad []fleet.Field) {
	bad = rule(Interval, CheckInterval(s.Interval))
	if s.Interval > mostInterval {
		bad = rule(Interval, errors.New("a week, 168h, is the longest; 0 means never"))
	}
	if s.StaleAfter != 0 && (s.StaleAfter < leastStale || s.StaleAfter > mostStale) {
		bad = append(bad, fleet.Field{Name: string(StaleAfter), Rule: "A time from 1m to 720h, such as 45m; 0 follows the interval."})
	}
	return bad
}

func (n Numbers) check() []fleet.Field { return rule(HomeRegion, CheckRegion(n.HomeRegion)) }
