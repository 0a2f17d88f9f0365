package notifytest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"mime/quotedprintable"

	"net"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The account of every [SMTP] server.
const (
	Username = "cordboard"
	Password = "planted-smtp-password-4711"
)

// Mail is one mail that the server took.
type Mail struct {
	From, Subject, MessageID, Text string
	To                             []string
	Secure                         bool // it came through TLS
	User                           string
}

// SMTP is a mail server on this machine. It offers STARTTLS and, through TLS or to a client that
// does not care, AUTH PLAIN.
type SMTP struct {
	Host  string
	Port  int
	Roots *x509.CertPool // trusts its certificate

	t       testing.TB
	tls     *tls.Config
	mu      sync.Mutex
	refuse  string
	mails   []Mail
	clients map[net.Conn]bool
	running sync.WaitGroup
}

// ServeMail starts a mail server.
func ServeMail(t testing.TB) *SMTP {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &SMTP{t: t, Host: "127.0.0.1", clients: map[net.Conn]bool{}}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if s.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	s.certify()
	s.running.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			s.running.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		s.mu.Lock()
		for c := range s.clients {
			c.Close()
		}
		s.mu.Unlock()
		s.running.Wait()
	})
	return s
}

// Refuse makes the server answer every MAIL with a line of its own; empty: it takes mail.
func (s *SMTP) Refuse(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = line
}

// Mails are those that were taken, oldest first.
func (s *SMTP) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

func (s *SMTP) certify() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	form := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, &form, &form, &key.PublicKey, key)
	if err != nil {
		s.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(leaf)
	s.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// talk is one client's conversation.
type talk struct {
	conn   net.Conn
	in     *bufio.Reader
	secure bool
	mail   Mail
}

func (k *talk) say(line string) { fmt.Fprintf(k.conn, "%s\r\n", line) }

func (s *SMTP) serve(c net.Conn) {
	s.mu.Lock()
	s.clients[c] = true
	s.mu.Unlock()
	defer c.Close()
	k := &talk{conn: c, in: bufio.NewReader(c)}
	k.say("220 notifytest")
	for {
		line, err := k.in.ReadString('\n')
		if err != nil {
			return
		}
		if !s.answer(k, strings.TrimSpace(line)) {
			return
		}
	}
}

// answer says whether the conversation goes on.
func (s *SMTP) answer(k *talk, line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		k.say("250-notifytest")
		if !k.secure {
			k.say("250-STARTTLS")
		}
		k.say("250 AUTH PLAIN")
	case "STARTTLS":
		k.say("220 go ahead")
		secured := tls.Server(k.conn, s.tls)
		if secured.Handshake() != nil {
			return false
		}
		k.conn, k.in, k.secure = secured, bufio.NewReader(secured), true
	case "AUTH":
		return s.signIn(k, rest)
	case "MAIL":
		s.mu.Lock()
		refuse := s.refuse
		s.mu.Unlock()
		if refuse != "" {
			k.say(refuse)
			break
		}
		k.mail = Mail{Secure: k.secure, User: k.mail.User}
		k.say("250 ok")
	case "RCPT":
		k.mail.To = append(k.mail.To, strings.Trim(strings.TrimPrefix(strings.ToUpper(rest), "TO:"), "<>"))
		k.say("250 ok")
	case "DATA":
		k.say("354 go on")
		if !s.take(k) {
			return false
		}
		k.say("250 taken")
	case "QUIT":
		k.say("221 bye")
		return false
	default:
		k.say("250 ok")
	}
	return true
}

func (s *SMTP) signIn(k *talk, rest string) bool {
	_, text, _ := strings.Cut(rest, " ")
	given, err := base64.StdEncoding.DecodeString(text)
	if err != nil || string(given) != "\x00"+Username+"\x00"+Password {
		k.say("535 5.7.8 I do not know " + text) // as bad a server as there is: it repeats what it was told
		return true
	}
	k.mail.User = Username
	k.say("235 ok")
	return true
}

func (s *SMTP) take(k *talk) bool {
	var data strings.Builder
	for {
		line, err := k.in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		data.WriteString(strings.TrimPrefix(line, "."))
	}
	m, err := mail.ReadMessage(strings.NewReader(data.String()))
	if err != nil {
		s.t.Errorf("a mail can't be read: %v\n%s", err, data.String())
		return false
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(m.Body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		s.t.Errorf("a mail's text can't be read: %v", err)
	}
	k.mail.From, k.mail.Subject, k.mail.MessageID, k.mail.Text = m.Header.Get("From"), m.Header.Get("Subject"), m.Header.Get("Message-Id"), string(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, k.mail)
	return true
}
