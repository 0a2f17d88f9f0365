package notify

import (
	"encoding/base64"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// Settings say who is told of what.
type Settings struct {
	Common  Common
	Webhook Webhook
	Mail    Mail
}

// Common is what all channels share.
type Common struct {
	Kinds []Kind // what is told; nil: everything
	Base  string // how people reach Cordboard: "https://cordboard.example"; empty: messages have no links
}

// Webhook posts JSON, signed as Standard Webhooks has it. The address may hold a secret itself, as
// those of chat services do: it is sealed and never recorded.
type Webhook struct {
	On     bool
	URL    string
	Secret Secret // whsec_ and 24 to 64 bytes in base64
}

// Mail is sent through an SMTP server.
type Mail struct {
	On       bool
	Host     string
	Port     int
	Security Security
	Username string // empty: without signing in
	Password Secret
	From     string
	To       []string
}

// Security is how the way to an SMTP server is protected.
type Security string

// The ways.
const (
	StartTLS Security = "starttls" // or nothing is sent
	TLS      Security = "tls"      // from the first byte on
	Plain    Security = "none"
)

// Securities are all ways.
func Securities() []Security { return []Security{StartTLS, TLS, Plain} }

func (c Common) wants(k Kind) bool { return c.Kinds == nil || slices.Contains(c.Kinds, k.choice()) }

// on are the channels that are in use.
func (s Settings) on() (channels []Channel) {
	if s.Webhook.On {
		channels = append(channels, ByWebhook)
	}
	if s.Mail.On {
		channels = append(channels, ByMail)
	}
	return channels
}

func (c Common) check() []fleet.Field {
	var bad []fleet.Field
	for _, k := range c.Kinds {
		if !slices.Contains(Kinds(), k) {
			bad = append(bad, fleet.Field{Name: "kinds", Rule: "Choose from the list."})
			break
		}
	}
	if c.Base == "" {
		return bad
	}
	u, err := url.Parse(c.Base)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		bad = append(bad, fleet.Field{Name: "base_url", Rule: "Only the scheme, the name and the port, such as https://cordboard.example."})
	}
	return bad
}

// longestURL bounds an address; what is longer is a mistake.
const longestURL = 2000

func (w Webhook) check() (bad []fleet.Field) {
	if !w.On && w.URL == "" && w.Secret == "" {
		return nil
	}
	if err := checkTarget(w.URL); err != "" {
		bad = append(bad, fleet.Field{Name: "url", Rule: err})
	}
	if _, err := w.key(); err != nil {
		bad = append(bad, fleet.Field{Name: "secret", Rule: "whsec_ and 24 to 64 random bytes in base64. Make one: echo whsec_$(openssl rand -base64 32)"})
	}
	return bad
}

// checkTarget says what is wrong with an address to post to. Private networks are allowed: people
// run receivers beside Cordboard, and only an admin sets the address. Plain http would show what is
// posted to everybody on the way, so it is for this machine alone.
func checkTarget(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || len(raw) > longestURL:
		return "An address such as https://hooks.example/cordboard."
	case u.Scheme == "http" && !loopback(u.Hostname()), u.Scheme != "http" && u.Scheme != "https":
		return "It must begin with https://; http:// is accepted for this machine alone."
	case u.User != nil:
		return "No user name and password in the address: the receiver knows us by the signature."
	case u.Fragment != "":
		return "Nothing behind a #."
	}
	return ""
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

const secretPrefix = "whsec_"

// key is the signing key.
func (w Webhook) key() ([]byte, error) {
	text, ok := strings.CutPrefix(string(w.Secret), secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, fmt.Errorf("notify: the signing secret is not %s and 24 to 64 bytes in base64", secretPrefix)
	}
	return key, nil
}

// mostPeople bounds who gets a mail; more than that is a mailing list's job.
const mostPeople = 50

func (m Mail) check() (bad []fleet.Field) {
	if !m.On && m.Host == "" && m.From == "" && len(m.To) == 0 {
		return nil
	}
	add := func(name, rule string) { bad = append(bad, fleet.Field{Name: name, Rule: rule}) }
	if m.Host == "" || strings.ContainsAny(m.Host, " /@\r\n\t") || len(m.Host) > 253 {
		add("host", "The name or address of the SMTP server, such as smtp.example.")
	}
	if m.Port < 1 || m.Port > 65535 {
		add("port", "587 for STARTTLS, 465 for TLS, 25 in your own network.")
	}
	if !slices.Contains(Securities(), m.Security) {
		add("security", "Choose from the list.")
	}
	if m.Security == Plain && m.Password != "" && !loopback(m.Host) {
		add("security", "Without encryption the password would be readable on the way. Choose STARTTLS or TLS, or take the user name out.")
	}
	if m.Username == "" && m.Password != "" || m.Username != "" && m.Password == "" {
		add("password", "User name and password go together: give both or neither.")
	}
	if _, err := address(m.From); err != nil {
		add("from", "An e-mail address, such as cordboard@example.com.")
	}
	if len(m.To) == 0 || len(m.To) > mostPeople || slices.ContainsFunc(m.To, func(to string) bool { _, err := address(to); return err != nil }) {
		add("to", fmt.Sprintf("One e-mail address a line, %d at most.", mostPeople))
	}
	return bad
}

func address(text string) (*mail.Address, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("notify: %q is no address", text)
	}
	return mail.ParseAddress(text)
}
