package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// sendFor bounds one attempt.
const sendFor = 15 * time.Second

// hook posts one message at a time.
type hook struct {
	to    Webhook
	now   func() time.Time
	roots *x509.CertPool
}

// payload is the body: type, timestamp and data, as Standard Webhooks has it.
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      Message   `json:"data"`
}

func (h hook) most() int { return 1 }

func (h hook) send(ctx context.Context, messages []Message) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	m := messages[0]
	body, err := json.Marshal(payload{"notice." + string(m.Event), m.At.UTC(), m})
	if err != nil {
		return "", err
	}
	key, err := h.to.key()
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.to.URL, bytes.NewReader(body))
	if err != nil {
		return "", errors.New("the address can't be used")
	}
	stamp := strconv.FormatInt(h.now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Cordboard")
	r.Header.Set("webhook-id", m.ID)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", sign(key, m.ID, stamp, body))
	client := http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: h.roots, MinVersion: tls.VersionTLS12}},
		// A redirect would carry what is signed to an address that no admin has entered.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", fmt.Errorf("the address can't be reached: %w", bare(err))
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // what it says does not matter, that it was read to the end does
	return judge(answer.StatusCode)
}

func judge(status int) (string, error) {
	word := strconv.Itoa(status) + " " + http.StatusText(status)
	switch {
	case status >= 200 && status < 300:
		return "The address answered " + word + ".", nil
	case status >= 300 && status < 400:
		return "", fmt.Errorf("the address answered %s, and a redirect is not followed: enter the address that it leads to", word)
	}
	return "", fmt.Errorf("the address answered %s", word)
}

// sign is the signature of Standard Webhooks, version 1.
func sign(key []byte, id, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// bare is an error without the address that net/http puts before it: it may hold a secret.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fmt.Errorf("no answer within %s", sendFor)
	}
	return err
}
