package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/yeastar"
)

// secretText is a secret that must never be printed.
const secretText = "s3cr3t-that-must-not-be-printed"

// parse reads a command line as the program does.
func parse(t *testing.T, args ...string) (config, error) {
	t.Helper()
	line, err := parseLine(args)
	return line.Config, err
}

func TestTheDefaultsAreThoseOfTheManual(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "/home/anna/.config")
	t.Setenv("HOME", "/home/anna")
	c, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.YCMURL != "https://ycm.yeastar.com" || c.YCMRate != 100 || c.Log != "text" ||
		c.ReconcileInterval != 10*time.Minute || filepath.Base(c.Data) != "cordboard" || !strings.HasPrefix(c.Data, "/home/anna/") {
		t.Errorf("the defaults are %+v", c)
	}
	if !c.YCMClientSecret.IsZero() || !c.WebhookSecret.IsZero() || !c.AdminPassword.IsZero() || !c.Key.IsZero() || c.YCMClientID+c.AdminUsername+c.HomeRegion != "" {
		t.Errorf("something is set by default: %+v", c)
	}
	if err := c.check(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
}

// manual is every setting of the manual: its flag, its variable, a value and how it is read back.
var manual = []struct {
	flag, variable, value string
	get                   func(config) string
}{
	{"--listen", "CORDBOARD_LISTEN", "0.0.0.0:9000", func(c config) string { return c.Listen }},
	{"--data", "CORDBOARD_DATA", "/srv/cordboard", func(c config) string { return c.Data }},
	{"--trusted-proxies", "CORDBOARD_TRUSTED_PROXIES", "10.0.0.9,fd00::/8", func(c config) string { return strings.Join(c.TrustedProxies, ",") }},
	{"--ycm-url", "CORDBOARD_YCM_URL", "http://127.0.0.1:9999", func(c config) string { return c.YCMURL }},
	{"--ycm-client-id", "CORDBOARD_YCM_CLIENT_ID", "client-7", func(c config) string { return c.YCMClientID }},
	{"--ycm-client-secret", "CORDBOARD_YCM_CLIENT_SECRET", secretText, func(c config) string { return c.YCMClientSecret.Reveal() }},
	{"--webhook-secret", "CORDBOARD_WEBHOOK_SECRET", "old,new", func(c config) string { return c.WebhookSecret.Reveal() }},
	{"--admin-username", "CORDBOARD_ADMIN_USERNAME", "anna", func(c config) string { return c.AdminUsername }},
	{"--admin-password", "CORDBOARD_ADMIN_PASSWORD", secretText, func(c config) string { return c.AdminPassword.Reveal() }},
	{"--key", "CORDBOARD_KEY", base64.StdEncoding.EncodeToString(make([]byte, 32)), func(c config) string { return c.Key.Reveal() }},
	{"--oidc-issuer", "CORDBOARD_OIDC_ISSUER", "https://id.example", func(c config) string { return c.OIDC.Issuer }},
	{"--oidc-client-id", "CORDBOARD_OIDC_CLIENT_ID", "cordboard", func(c config) string { return c.OIDC.ClientID }},
	{"--oidc-client-secret", "CORDBOARD_OIDC_CLIENT_SECRET", secretText, func(c config) string { return c.OIDC.ClientSecret.Reveal() }},
	{"--oidc-groups-claim", "CORDBOARD_OIDC_GROUPS_CLAIM", "roles", func(c config) string { return c.OIDC.GroupsClaim }},
	{"--oidc-admin-group", "CORDBOARD_OIDC_ADMIN_GROUP", "leads", func(c config) string { return c.OIDC.AdminGroup }},
	{"--oidc-operator-group", "CORDBOARD_OIDC_OPERATOR_GROUP", "noc", func(c config) string { return c.OIDC.OperatorGroup }},
	{"--oidc-viewer-group", "CORDBOARD_OIDC_VIEWER_GROUP", "staff", func(c config) string { return c.OIDC.ViewerGroup }},
	{"--reconcile-interval", "CORDBOARD_RECONCILE_INTERVAL", "1m30s", func(c config) string { return c.ReconcileInterval.String() }},
	{"--backup-dir", "CORDBOARD_BACKUP_DIR", "/srv/backups", func(c config) string { return c.BackupDir }},
	{"--backup-every", "CORDBOARD_BACKUP_EVERY", "6h0m0s", func(c config) string { return c.BackupEvery.String() }},
	{"--backup-keep", "CORDBOARD_BACKUP_KEEP", "30", func(c config) string { return fmt.Sprint(c.BackupKeep) }},
	{"--ycm-rate", "CORDBOARD_YCM_RATE", "60", func(c config) string { return fmt.Sprint(c.YCMRate) }},
	{"--home-region", "CORDBOARD_HOME_REGION", "AT", func(c config) string { return c.HomeRegion }},
	{"--log", "CORDBOARD_LOG", "json", func(c config) string { return c.Log }},
}

func TestEveryFlagHasAVariableAndTheFlagWins(t *testing.T) {
	for _, s := range manual {
		t.Run(s.flag, func(t *testing.T) {
			if c, err := parse(t, s.flag, s.value); err != nil || s.get(c) != s.value {
				t.Errorf("by flag: %q, %v", s.get(c), err)
			}
			t.Setenv(s.variable, s.value)
			if c, err := parse(t, "serve"); err != nil || s.get(c) != s.value {
				t.Errorf("by variable: %q, %v", s.get(c), err)
			}
			other := map[string]string{"--reconcile-interval": "2h0m0s", "--ycm-rate": "7", "--backup-every": "1h0m0s", "--backup-keep": "3"}[s.flag]
			if other == "" {
				other = "other"
			}
			if c, err := parse(t, "serve", s.flag+"="+other); err != nil || s.get(c) != other {
				t.Errorf("flag over variable: %q, %v", s.get(c), err)
			}
		})
	}
}

func TestTheWholeManualIsAcceptedAtOnce(t *testing.T) {
	var args []string
	for _, s := range manual {
		args = append(args, s.flag, s.value)
	}
	c, err := parse(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(); err != nil {
		t.Error(err)
	}
}

// good is a configuration without a fault.
func good(t *testing.T) config {
	t.Helper()
	c, err := parse(t, "--data", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestABadSettingIsNamedWithItsFlagAndVariable(t *testing.T) {
	for _, c := range []struct {
		name, says string
		spoil      func(*config)
	}{
		{"no port", "--listen (CORDBOARD_LISTEN)", func(c *config) { c.Listen = "127.0.0.1" }},
		{"no listen address", "--listen", func(c *config) { c.Listen = "" }},
		{"a port in words", "--listen", func(c *config) { c.Listen = "127.0.0.1:http" }},
		{"a port too high", "--listen", func(c *config) { c.Listen = ":65536" }},
		{"a negative port", "--listen", func(c *config) { c.Listen = ":-1" }},
		{"an address for listening", "--listen", func(c *config) { c.Listen = "http://127.0.0.1:80" }},
		{"a proxy's name", "--trusted-proxies (CORDBOARD_TRUSTED_PROXIES)", func(c *config) { c.TrustedProxies = []string{"proxy.example"} }},
		{"everybody as a proxy", "--trusted-proxies", func(c *config) { c.TrustedProxies = []string{"0.0.0.0/0"} }},
		{"no data folder", "--data (CORDBOARD_DATA)", func(c *config) { c.Data = "" }},
		{"http to another machine", "--ycm-url (CORDBOARD_YCM_URL): http:// would send", func(c *config) { c.YCMURL = "http://ycm.example.com" }},
		{"http to a private address", "--ycm-url", func(c *config) { c.YCMURL = "http://192.0.2.1:8080" }},
		{"a name that begins like loopback", "--ycm-url", func(c *config) { c.YCMURL = "http://localhost.example.com" }},
		{"an address that begins like loopback", "--ycm-url", func(c *config) { c.YCMURL = "http://127.0.0.1.example.com" }},
		{"another scheme", "--ycm-url", func(c *config) { c.YCMURL = "ftp://ycm.example.com" }},
		{"no scheme", "--ycm-url", func(c *config) { c.YCMURL = "ycm.yeastar.com" }},
		{"no host", "--ycm-url", func(c *config) { c.YCMURL = "https://:443" }},
		{"a password in the address", "--ycm-url", func(c *config) { c.YCMURL = "https://anna:" + secretText + "@ycm.example.com" }},
		{"a query in the address", "--ycm-url", func(c *config) { c.YCMURL = "https://ycm.example.com/?a=" + secretText }},
		{"a path in the address", "--ycm-url", func(c *config) { c.YCMURL = "https://ycm.example.com/dm" }},
		{"an id without its secret", "--ycm-client-id", func(c *config) { c.YCMClientID = "client-7" }},
		{"a secret without its id", "--ycm-client-id", func(c *config) { c.YCMClientSecret = yeastar.NewSecret(secretText) }},
		{"a rate of zero", "--ycm-rate (CORDBOARD_YCM_RATE)", func(c *config) { c.YCMRate = 0 }},
		{"a negative rate", "--ycm-rate", func(c *config) { c.YCMRate = -5 }},
		{"an empty second webhook secret", "--webhook-secret", func(c *config) { c.WebhookSecret = yeastar.NewSecret(secretText + ",") }},
		{"three webhook secrets", "--webhook-secret", func(c *config) { c.WebhookSecret = yeastar.NewSecret("a,b," + secretText) }},
		{"an admin without a password", "--admin-username", func(c *config) { c.AdminUsername = "anna" }},
		{"a password without an admin", "--admin-username", func(c *config) { c.AdminPassword = yeastar.NewSecret(secretText) }},
		{"a short admin password", "at least 12", func(c *config) { c.AdminUsername, c.AdminPassword = "anna", yeastar.NewSecret("short") }},
		{"an admin name with a space", "A username has", func(c *config) { c.AdminUsername, c.AdminPassword = "an na", yeastar.NewSecret(secretText) }},
		{"a key that is not base64", "--key (CORDBOARD_KEY)", func(c *config) { c.Key = yeastar.NewSecret(secretText) }},
		{"a key of 31 bytes", "--key", func(c *config) { c.Key = yeastar.NewSecret(base64.StdEncoding.EncodeToString(make([]byte, 31))) }},
		{"a negative interval", "--reconcile-interval", func(c *config) { c.ReconcileInterval = -time.Minute }},
		{"an interval that floods YCM", "--reconcile-interval", func(c *config) { c.ReconcileInterval = time.Millisecond }},
		{"a country that does not exist", "--home-region", func(c *config) { c.HomeRegion = "XX" }},
		{"a country in small letters", "--home-region", func(c *config) { c.HomeRegion = "at" }},
		{"another form of log", "--log", func(c *config) { c.Log = "xml" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := good(t)
			c.spoil(&bad)
			err := bad.check()
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want an error that says %q", err, c.says)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("one fault is told twice: %v", err)
			}
			if strings.Contains(err.Error(), secretText) {
				t.Errorf("the error prints a secret: %v", err)
			}
		})
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	bad := good(t)
	bad.Listen, bad.YCMRate, bad.Log = "x", 0, "xml"
	if err := bad.check(); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got %v, want three lines", err)
	}
}

func TestGoodSettingsAreAccepted(t *testing.T) {
	for name, set := range map[string]func(*config){
		"all addresses":          func(c *config) { c.Listen = ":8080" },
		"an IPv6 address":        func(c *config) { c.Listen = "[::1]:0" },
		"http to localhost":      func(c *config) { c.YCMURL = "http://localhost:1234" },
		"http to IPv6 loopback":  func(c *config) { c.YCMURL = "http://[::1]:1234/" },
		"http to 127.0.0.7":      func(c *config) { c.YCMURL = "http://127.0.0.7" },
		"no sync by itself":      func(c *config) { c.ReconcileInterval = 0 },
		"a key with a line end":  func(c *config) { c.Key = yeastar.NewSecret(base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n") },
		"two secrets, one space": func(c *config) { c.WebhookSecret = yeastar.NewSecret("old, new") },
	} {
		c := good(t)
		set(&c)
		if err := c.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOneOrTwoWebhookSecretsAreRead(t *testing.T) {
	for text, want := range map[string][]string{"": nil, "one": {"one"}, "old, new": {"old", "new"}} {
		got, err := config{WebhookSecret: yeastar.NewSecret(text)}.webhookSecrets()
		if err != nil || len(got) != len(want) {
			t.Fatalf("%q: %d secrets, %v", text, len(got), err)
		}
		for i := range want {
			if got[i].Reveal() != want[i] {
				t.Errorf("%q: secret %d is %q", text, i, got[i].Reveal())
			}
		}
	}
}

func TestASecretOnTheCommandLineIsNeverPrinted(t *testing.T) {
	args := []string{"--ycm-client-id=x", "--ycm-client-secret=" + secretText, "--webhook-secret=" + secretText, "--admin-password=" + secretText, "--key=" + secretText}
	c, err := parse(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	var text, object bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("start", "config", c)
	slog.New(slog.NewJSONHandler(&object, nil)).Info("start", "config", c.YCMClientSecret)
	out := fmt.Sprintf("%v %+v %#v %s %s %v", c, c, c, text.String(), object.String(), c.check())
	if strings.Contains(out, secretText) {
		t.Errorf("a secret is printed: %s", out)
	}
}

func TestTheKeyIsMadeOnceAndReadBack(t *testing.T) {
	c, log := good(t), slog.New(slog.DiscardHandler)
	first, err := c.loadKey(log)
	if err != nil || len(first) != keySize || bytes.Equal(first, make([]byte, keySize)) {
		t.Fatalf("the first key: %x, %v", first, err)
	}
	again, err := c.loadKey(log)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("the second start has another key: %v", err)
	}
	info, err := os.Stat(filepath.Join(c.Data, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(c.Data)
	if err != nil || len(left) != 1 {
		t.Errorf("the data folder holds %v, %v", left, err)
	}
}

func TestTwoServersThatStartAtOnceGetTheSameKey(t *testing.T) {
	c, log := good(t), slog.New(slog.DiscardHandler)
	var all sync.WaitGroup
	keys := make([][]byte, 8)
	for i := range keys {
		all.Go(func() {
			key, err := c.loadKey(log)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	all.Wait()
	for _, key := range keys {
		if !bytes.Equal(key, keys[0]) {
			t.Fatal("the keys differ")
		}
	}
}

func TestTheConfiguredKeyWinsAndWritesNoFile(t *testing.T) {
	c := good(t)
	want := bytes.Repeat([]byte{7}, keySize)
	c.Key = yeastar.NewSecret(base64.StdEncoding.EncodeToString(want))
	key, err := c.loadKey(slog.New(slog.DiscardHandler))
	if err != nil || !bytes.Equal(key, want) {
		t.Errorf("the key is %x, %v", key, err)
	}
	if _, err := os.Stat(filepath.Join(c.Data, keyFile)); err == nil {
		t.Error("a file was written all the same")
	}
}

func TestADamagedKeyFileIsAnErrorAndStays(t *testing.T) {
	c := good(t)
	path := filepath.Join(c.Data, keyFile)
	for _, damaged := range []string{"", "not a key\n", "c2hvcnQ=\n"} {
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.loadKey(slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", damaged, err)
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != damaged {
			t.Errorf("%q became %q, %v", damaged, kept, err)
		}
	}
}

func TestAKeyThatOthersCanReadIsTold(t *testing.T) {
	c := good(t)
	var told bytes.Buffer
	log := slog.New(slog.NewTextHandler(&told, nil))
	if _, err := c.loadKey(log); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(c.Data, keyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.loadKey(log); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told.String(), "others can read the key") {
		t.Errorf("nothing is told: %s", told.String())
	}
}
