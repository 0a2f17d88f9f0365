package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"cordboard/sync/team"
	"cordboard/yeastar"
)

// config is what the command line and the environment say. Flags win over variables.
type config struct {
	Listen            string // address to serve on
	Data              string // folder; the database is cordboard.db in it
	YCMURL            string
	YCMClientID       string
	YCMClientSecret   yeastar.Secret
	YCMRate           int            // requests per minute towards YCM
	WebhookSecret     yeastar.Secret // one, or two with a comma
	AdminUsername     string         // of the first admin
	AdminPassword     yeastar.Secret
	Key               yeastar.Secret // 32 bytes in base64; behind it, with commas, older ones
	ReconcileInterval time.Duration  // 0: no pass starts by itself
	HomeRegion        string         // ISO country
	Log               string         // text or json
	OIDC              oidcConfig     // single sign-on

	// listening, if not nil, is called once with the address that is served, when requests
	// are answered: the demo prints it, tests use it.
	listening func(net.Addr)
	// terminal, if not nil, gets what a person at the terminal must read: the setup code.
	terminal io.Writer
}

// defaultInterval is the time between two passes of the sync worker.
const defaultInterval = 10 * time.Minute

// check returns every setting that the server can not work with, in words, joined.
// It never repeats a secret.
func (c config) check() error {
	return errors.Join(
		setting("listen", checkListen(c.Listen)),
		setting("data", checkData(c.Data)),
		setting("ycm-url", checkVendorURL(c.YCMURL)),
		setting("ycm-client-id", checkBoth(c.YCMClientID != "", !c.YCMClientSecret.IsZero(), "the client secret")),
		setting("ycm-rate", checkRate(c.YCMRate)),
		setting("webhook-secret", second(c.webhookSecrets())),
		setting("admin-username", c.checkAdmin()),
		setting("key", c.checkKey()),
		setting("reconcile-interval", checkInterval(c.ReconcileInterval)),
		setting("home-region", checkRegion(c.HomeRegion)),
		setting("log", checkLog(c.Log)),
		setting("oidc-issuer", second(c.provider())),
	)
}

// setting puts the name of the flag and of its variable before what is wrong with it.
func setting(flag string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("--%s (%s): %w", flag, variable(flag), err)
}

func second[T any](_ T, err error) error { return err }

func checkListen(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT, such as 127.0.0.1:8080 or :8080", address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("the port of %q is not a number from 0 to 65535", address)
	}
	if strings.ContainsAny(host, " /@") {
		return fmt.Errorf("the host of %q is neither a name nor an address", address)
	}
	return nil
}

func checkData(folder string) error {
	if folder == "" {
		return errors.New("no folder is given, and this account has no configuration folder to take instead")
	}
	return nil
}

// checkVendorURL accepts https anywhere and http to loopback only: the client secret and
// the token travel to this address.
func checkVendorURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("this is not an address such as https://ycm.yeastar.com")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("only the scheme, the host and the port are wanted here, such as https://ycm.yeastar.com")
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return errors.New("http:// would send the client secret in the clear; it is accepted for loopback addresses only")
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

func checkBoth(first, other bool, what string) error {
	if first != other {
		return fmt.Errorf("it goes together with %s: give both or neither", what)
	}
	return nil
}

func checkRate(perMinute int) error {
	if perMinute < 1 {
		return fmt.Errorf("%d requests per minute would never ask anything; give 1 or more", perMinute)
	}
	return nil
}

// webhookSecrets returns the secrets a signature may be made with: none, one, or two
// during a rotation.
func (c config) webhookSecrets() ([]yeastar.Secret, error) {
	if c.WebhookSecret.IsZero() {
		return nil, nil
	}
	parts := strings.Split(c.WebhookSecret.Reveal(), ",")
	if len(parts) > 2 {
		return nil, errors.New("there are more than two secrets; a secret can not contain a comma")
	}
	secrets := make([]yeastar.Secret, 0, len(parts))
	for _, part := range parts {
		trimmed := strings.TrimSpace(part)
		if trimmed == "" {
			return nil, errors.New("one of the secrets is empty: anybody could sign with it")
		}
		secrets = append(secrets, yeastar.NewSecret(trimmed))
	}
	return secrets, nil
}

func (c config) checkAdmin() error {
	if err := checkBoth(c.AdminUsername != "", !c.AdminPassword.IsZero(), "the admin password"); err != nil || c.AdminUsername == "" {
		return err
	}
	name, err := team.CleanUsername(c.AdminUsername)
	if err == nil {
		err = team.CheckPassword(name, team.Password(c.AdminPassword.Reveal()))
	}
	if broken := (*team.RuleError)(nil); errors.As(err, &broken) {
		return errors.New(broken.Msg)
	}
	return err
}

func checkInterval(d time.Duration) error {
	if d < 0 || d > 0 && d < time.Second {
		return fmt.Errorf("%s is not a time from 1s up; 0 means never", d)
	}
	return nil
}

func checkRegion(country string) error {
	if country != "" && phonenumbers.GetCountryCodeForRegion(country) == 0 {
		return fmt.Errorf("%q is not an ISO country code in capitals, such as AT or GB", country)
	}
	return nil
}

func checkLog(form string) error {
	if form != "text" && form != "json" {
		return fmt.Errorf("%q is neither text nor json", form)
	}
	return nil
}

// defaultData is the data folder if none is given; empty if this account has none.
func defaultData() string {
	folder, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "cordboard")
}
