package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
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
	Key               yeastar.Secret // 32 bytes in base64
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

// keySize is the length of the key, in bytes: AES-256.
const keySize = 32

// keyFile is the name of the key's file in the data folder.
const keyFile = "cordboard.key"

func (c config) checkKey() error {
	if c.Key.IsZero() {
		return nil
	}
	_, err := decodeKey(c.Key.Reveal())
	return err
}

func decodeKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("this is not %d bytes in base64 (openssl rand -base64 %d makes one)", keySize, keySize)
	}
	return key, nil
}

// loadKey returns the key: the configured one, else that of the file in the data folder,
// which is made when it is missing. A damaged file is an error and is left alone, since
// what is stored can be read with the old key only.
func (c config) loadKey(log *slog.Logger) ([]byte, error) {
	if !c.Key.IsZero() {
		return decodeKey(c.Key.Reveal())
	}
	path := filepath.Join(c.Data, keyFile)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("make the key: %w", err)
		}
		log.Info("made a key for secrets at rest; keep it with the backups", "file", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	key, err := decodeKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		log.Warn("others can read the key", "file", path, "mode", info.Mode().Perm().String(), "want", "-rw-------")
	}
	return key, nil
}

// makeKey writes a new key beside path and links it into place: path is never half
// written, and a key that another process made meanwhile stays.
func makeKey(path string) error {
	key := make([]byte, keySize)
	rand.Read(key)                                                // never fails, says crypto/rand
	draft, err := os.CreateTemp(filepath.Dir(path), keyFile+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
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
