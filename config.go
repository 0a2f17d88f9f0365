package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cordboard/sync/backup"
	"cordboard/sync/doctor"
	"cordboard/sync/settings"
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
	BackupDir         string         // empty: backups in the data folder
	BackupEvery       time.Duration  // 0: no backup is made by itself
	BackupKeep        int            // how many stay
	HomeRegion        string         // ISO country
	Log               string         // text or json
	TrustedProxies    []string       // addresses and networks whose word on who calls is taken
	OIDC              oidcConfig     // single sign-on

	// given are the settings that an argument or a variable gave, each with its name: the browser can't change them.
	given map[string]string

	// listening, if not nil, is called once with the address that is served, when requests
	// are answered: the demo prints it, tests use it.
	listening func(net.Addr)
	// terminal, if not nil, gets what a person at the terminal must read: the setup code.
	terminal io.Writer
}

// defaultInterval is the time between two passes of the sync worker.
const defaultInterval = 10 * time.Minute

// settable are the flags whose values can be set in the browser too.
var settable = map[string]settings.Field{
	"ycm-url": settings.BaseURL, "ycm-client-id": settings.ClientID, "ycm-client-secret": settings.ClientSecret, "ycm-rate": settings.Rate,
	"reconcile-interval": settings.Interval, "home-region": settings.HomeRegion,
}

// fixed are the settings that the browser shows and can't change. Where credentials are given the address is too:
// they belong together.
func (c config) fixed() map[settings.Field]string {
	fixed := map[settings.Field]string{}
	for flag, name := range c.given {
		if f, ok := settable[flag]; ok {
			fixed[f] = name
		}
	}
	if c.YCMClientID != "" {
		id := cmp.Or(c.given["ycm-client-id"], "--ycm-client-id")
		fixed[settings.ClientID] = id
		fixed[settings.ClientSecret] = cmp.Or(c.given["ycm-client-secret"], "--ycm-client-secret")
		fixed[settings.BaseURL] = cmp.Or(c.given["ycm-url"], id)
	}
	return fixed
}

// yeastar is the connection of the start.
func (c config) yeastar() settings.Yeastar {
	return settings.Yeastar{BaseURL: c.YCMURL, ClientID: c.YCMClientID, Secret: settings.Secret(c.YCMClientSecret.Reveal()), Rate: c.YCMRate}
}

// check returns every setting that the server can not work with, in words, joined.
// It never repeats a secret.
func (c config) check() error {
	return errors.Join(
		setting("listen", checkListen(c.Listen)),
		setting("data", checkData(c.Data)),
		setting("ycm-url", settings.CheckURL(c.YCMURL)),
		setting("ycm-client-id", checkBoth(c.YCMClientID != "", !c.YCMClientSecret.IsZero(), "the client secret")),
		setting("ycm-rate", settings.CheckRate(c.YCMRate)),
		setting("webhook-secret", second(c.webhookSecrets())),
		setting("admin-username", c.checkAdmin()),
		setting("key", c.checkKey()),
		setting("reconcile-interval", settings.CheckInterval(c.ReconcileInterval)),
		setting("backup-every", checkEvery(c.BackupEvery)),
		setting("backup-keep", checkKeep(c.BackupKeep)),
		setting("home-region", settings.CheckRegion(c.HomeRegion)),
		setting("log", checkLog(c.Log)),
		setting("trusted-proxies", second(c.proxies())),
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

// proxies are the networks of the trusted proxies.
func (c config) proxies() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range c.TrustedProxies {
		text = strings.TrimSpace(text)
		network, err := netip.ParsePrefix(text)
		if address, other := netip.ParseAddr(text); other == nil {
			network, err = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()), nil
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", text)
		case network.Bits() == 0:
			return nil, fmt.Errorf("%q is everybody: whoever calls could claim any address", text)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// place is where this installation runs.
func (c config) place() doctor.Place {
	host, _, err := net.SplitHostPort(c.Listen)
	return doctor.Place{Listen: c.Listen, Loopback: err == nil && settings.Loopback(host), Proxies: len(c.TrustedProxies), KeyFile: c.Key.IsZero()}
}

func checkBoth(first, other bool, what string) error {
	if first != other {
		return fmt.Errorf("it goes together with %s: give both or neither", what)
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

// soonest is the least time between two backups: each reads and writes the whole database.
const soonest = time.Minute

func checkEvery(d time.Duration) error {
	if d < 0 || d > 0 && d < soonest {
		return fmt.Errorf("%s is not a time from %s up; 0 means only when asked", d, soonest)
	}
	return nil
}

func checkKeep(n int) error {
	if n < 1 {
		return fmt.Errorf("%d backups would be none; give 1 or more", n)
	}
	return nil
}

// backups is where copies of the database go, and when.
func (c config) backups() backup.Config {
	return backup.Config{Folder: cmp.Or(c.BackupDir, filepath.Join(c.Data, "backups")), Every: c.BackupEvery, Keep: c.BackupKeep}
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
