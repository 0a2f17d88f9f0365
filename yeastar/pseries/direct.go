package pseries

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/transport"
	"cordboard/yeastar/ycm"
)

// Direct is what NewDirect needs. BaseURL, ClientID and ClientSecret are required; the zero value of
// every other field means its default.
type Direct struct {
	// BaseURL is the PBX's address, such as https://docs.ras.yeastar.com, without /openapi. http is
	// allowed to loopback addresses only.
	BaseURL string
	// ClientID and ClientSecret come from the PBX's page Integrations > API.
	ClientID     string
	ClientSecret yeastar.Secret
	// CAPEM holds certificates of authorities to trust instead of the system's, "" = the system's.
	CAPEM string
	// PinSHA256 is the SHA-256 of the PBX's own certificate in hexadecimal, with or without colons. That
	// certificate is then trusted, and no other. "" = none; not together with CAPEM.
	PinSHA256 string
	// Tokens keeps the token pair across restarts, under Key; nil = it is forgotten.
	Tokens TokenStore
	Key    string
	// UserAgent is sent with every request; the PBX demands one.
	UserAgent string
	// RatePerMinute and MaxInFlight are our own limits for this PBX.
	RatePerMinute, MaxInFlight int
	// ReadTimeout, WriteTimeout and RetryBase are as in ycm.Config.
	ReadTimeout, WriteTimeout, RetryBase time.Duration
	// Log gets one debug line per request, without secrets; nil discards them.
	Log *slog.Logger
	// Now is the clock by which tokens end; nil = time.Now.
	Now func() time.Time
}

// TokenStore keeps token pairs across restarts, so that one does not cost another of the PBX's eight.
// What it is given is a secret: encrypt it.
type TokenStore interface {
	// LoadToken gives what SaveToken was given last for key, the zero Secret when there is nothing.
	LoadToken(ctx context.Context, key string) (yeastar.Secret, error)
	// SaveToken keeps pair; the zero Secret means that there is nothing to keep any more.
	SaveToken(ctx context.Context, key string, pair yeastar.Secret) error
}

// NewDirect checks cfg and gives a client that goes to the PBX's own address. It sends nothing.
func NewDirect(cfg Direct) (*Client, error) {
	base, err := transport.ParseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("pseries: %w", err)
	}
	if cfg.ClientID == "" || cfg.ClientSecret.IsZero() {
		return nil, errors.New("pseries: Direct.ClientID and Direct.ClientSecret are needed")
	}
	if cfg.RatePerMinute < 0 || cfg.MaxInFlight < 0 || cfg.ReadTimeout < 0 || cfg.WriteTimeout < 0 || cfg.RetryBase < 0 {
		return nil, errors.New("pseries: a limit in Direct is negative")
	}
	trust, err := trusted(cfg.CAPEM, cfg.PinSHA256)
	if err != nil {
		return nil, err
	}
	pc := transport.PBXConfig{
		BaseURL: base, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, TLS: trust, Log: cfg.Log, Now: cfg.Now,
		UserAgent:     cmp.Or(cfg.UserAgent, ycm.DefaultUserAgent),
		RatePerMinute: cmp.Or(cfg.RatePerMinute, DefaultRatePerMinute),
		Burst:         max(burst, cfg.RatePerMinute/60),
		MaxInFlight:   cmp.Or(cfg.MaxInFlight, DefaultMaxInFlight),
		ReadTimeout:   cmp.Or(cfg.ReadTimeout, ycm.DefaultReadTimeout),
		WriteTimeout:  cmp.Or(cfg.WriteTimeout, ycm.DefaultWriteTimeout),
		RetryBase:     cmp.Or(cfg.RetryBase, ycm.DefaultRetryBase),
	}
	if cfg.Tokens != nil {
		pc.Kept.Load = func(ctx context.Context) (yeastar.Secret, error) { return cfg.Tokens.LoadToken(ctx, cfg.Key) }
		pc.Kept.Save = func(ctx context.Context, pair yeastar.Secret) error { return cfg.Tokens.SaveToken(ctx, cfg.Key, pair) }
	}
	return &Client{way: direct{transport.NewPBX(pc)}}, nil
}

// errPin says that a PBX showed another certificate than the pinned one.
var errPin = errors.New("the certificate is not the pinned one")

// trusted gives the TLS settings of a PBX whose certificate the system does not trust; nil when
// nothing is special. There is no way to trust any certificate.
func trusted(caPEM, pin string) (*tls.Config, error) {
	switch {
	case caPEM != "" && pin != "":
		return nil, errors.New("pseries: CAPEM and PinSHA256 exclude each other")
	case caPEM != "":
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(caPEM)) {
			return nil, errors.New("pseries: CAPEM has no certificate in it")
		}
		return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, nil
	case pin != "":
		want, err := ParsePin(pin)
		if err != nil {
			return nil, err
		}
		// The pin takes the place of the chain and of the name, which fit no address on such PBXs: it is
		// checked on every connection.
		return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, VerifyConnection: func(cs tls.ConnectionState) error {
			if len(cs.PeerCertificates) > 0 {
				if have := sha256.Sum256(cs.PeerCertificates[0].Raw); bytes.Equal(have[:], want) {
					return nil
				}
			}
			return errPin
		}}, nil
	}
	return nil, nil
}

// ParsePin reads the SHA-256 of a certificate as browsers and openssl show it.
func ParsePin(pin string) ([]byte, error) {
	pin = strings.Join(strings.FieldsFunc(pin, func(r rune) bool { return r == ':' || r == ' ' }), "")
	sum, err := hex.DecodeString(pin)
	if err != nil || len(sum) != sha256.Size {
		return nil, errors.New("pseries: PinSHA256 is not a SHA-256 in hexadecimal: 64 digits, with or without colons")
	}
	return sum, nil
}
