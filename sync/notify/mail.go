package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
)

// postman sends mail: what is due together goes as one.
type postman struct {
	to    Mail
	roots *x509.CertPool
}

// mostInMail bounds how many notices one mail tells of.
const mostInMail = 50

func (p postman) most() int { return mostInMail }

func (p postman) send(ctx context.Context, messages []Message) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*sendFor)
	defer cancel()
	m, err := p.compose(messages)
	if err != nil {
		return "", errors.New(p.scrub(err.Error()))
	}
	client, err := p.client()
	if err != nil {
		return "", errors.New(p.scrub(err.Error()))
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return "", errors.New(p.scrub(err.Error()))
	}
	return fmt.Sprintf("%s took the mail for %s.", p.to.Host, people(len(p.to.To))), nil
}

func people(n int) string {
	if n == 1 {
		return "one person"
	}
	return fmt.Sprintf("%d people", n)
}

func (p postman) client() (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(p.to.Port), mail.WithTimeout(sendFor),
		mail.WithTLSConfig(&tls.Config{ServerName: p.to.Host, RootCAs: p.roots, MinVersion: tls.VersionTLS12}),
	}
	switch p.to.Security {
	case TLS:
		options = append(options, mail.WithSSL())
	case Plain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if p.to.Username != "" {
		auth := mail.SMTPAuthAutoDiscover
		if p.to.Security == Plain {
			auth = mail.SMTPAuthPlain // to this machine alone: the settings see to that
		}
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(p.to.Username), mail.WithPassword(string(p.to.Password)))
	}
	return mail.NewClient(p.to.Host, options...)
}

// compose writes one mail for one or several messages, in plain text.
func (p postman) compose(messages []Message) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.From(p.to.From); err != nil {
		return nil, err
	}
	if err := m.To(p.to.To...); err != nil {
		return nil, err
	}
	m.Subject("[Cordboard] " + subject(messages))
	m.SetMessageIDWithValue(messages[0].ID + "@" + domain(p.to.From))
	m.SetDateWithValue(messages[0].At)
	m.SetUserAgent("Cordboard")
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(mail.TypeTextPlain, text(messages))
	return m, nil
}

func domain(from string) string {
	a, err := address(from)
	if err != nil {
		return "cordboard.invalid"
	}
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}

func subject(messages []Message) string {
	first := line(messages[0].Title)
	if more := len(messages) - 1; more > 0 {
		return fmt.Sprintf("%s, and %d more", first, more)
	}
	return first
}

func text(messages []Message) string {
	var b strings.Builder
	for i, m := range messages {
		if i > 0 {
			b.WriteString("\n----\n\n")
		}
		fmt.Fprintf(&b, "%s\n\n%s\n\n", line(m.Title), line(m.Sentence))
		if m.Event != Testing {
			fmt.Fprintf(&b, "Since %s UTC.\n", m.Since.UTC().Format("2 Jan 2006, 15:04"))
		}
		if m.URL != "" {
			fmt.Fprintf(&b, "%s\n", m.URL)
		}
	}
	b.WriteString("\n-- \nCordboard sent this because its notifications are set so. An admin changes that in Settings > Notifications.\n")
	return b.String()
}

// line is text of others on one line, without what could steer a terminal or turn the line round.
func line(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// longestAnswer bounds what is kept of a server's words.
const longestAnswer = 300

// scrub takes the password out of what a server or the library said, in every form in which it
// travels.
func (p postman) scrub(said string) string {
	said = line(said)
	if p.to.Password != "" {
		plain, user := string(p.to.Password), p.to.Username
		for _, form := range []string{plain, base64.StdEncoding.EncodeToString([]byte(plain)), base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + plain))} {
			said = strings.ReplaceAll(said, form, masked)
		}
	}
	return strings.ToValidUTF8(said[:min(len(said), longestAnswer)], "")
}

// mailGap is how long after a mail the next one may go: a disaster is a few mails, not hundreds.
const mailGap = time.Minute
