package transport

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"cordboard/yeastar"
)

// keepTimeout bounds how long a renewal waits for its store.
const keepTimeout = 10 * time.Second

// Kept is where a token pair outlives its process, and is shared with the others that use it. Load and Save are both
// nil where nothing is kept; Lock may be nil. A store that fails costs a login, not the call.
type Kept struct {
	// Load gives what Save was given last, by whatever process.
	Load func(ctx context.Context) (yeastar.Secret, error)
	Save func(ctx context.Context, pair yeastar.Secret) error
	// Lock waits until no other process renews the pair.
	Lock func(ctx context.Context) (unlock func(), err error)
}

// keptPair is a token pair on its way through a store.
type keptPair struct {
	For          string    `json:"for"` // see holder
	Access       string    `json:"access"`
	ExpiresAt    time.Time `json:"expires_at"`
	Refresh      string    `json:"refresh"`
	RefreshUntil time.Time `json:"refresh_until"`
	Born         time.Time `json:"born"`
}

// holder names the credentials that a pair was given for, and their address, without giving them away.
func (c *Client) holder() string {
	mac := hmac.New(sha256.New, []byte(c.clientSecret.Reveal()))
	mac.Write([]byte(c.base.String() + "\n" + c.clientID))
	return hex.EncodeToString(mac.Sum(nil))
}

// loadPair gives the kept pair, when it was given for these credentials at this address; else one without tokens.
func (c *Client) loadPair(ctx context.Context) (p pair) {
	if c.kept.Load == nil {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	kept, err := c.kept.Load(ctx)
	if err != nil {
		c.log.WarnContext(ctx, "the kept token cannot be loaded", "error", err)
		return p
	}
	var k keptPair
	if kept.IsZero() || json.Unmarshal([]byte(kept.Reveal()), &k) != nil || k.For != c.holder() {
		return p
	}
	c.redact.learn(k.Access)
	c.redact.learn(k.Refresh)
	return pair{access: k.Access, refresh: k.Refresh, expiresAt: k.ExpiresAt, refreshUntil: k.RefreshUntil, born: k.Born}
}

// savePair keeps a pair; one without tokens forgets what was kept.
func (c *Client) savePair(ctx context.Context, p pair) {
	if c.kept.Save == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	var kept yeastar.Secret
	if p.access != "" {
		doc, err := json.Marshal(keptPair{For: c.holder(), Access: p.access, ExpiresAt: p.expiresAt,
			Refresh: p.refresh, RefreshUntil: p.refreshUntil, Born: p.born})
		if err != nil {
			c.log.WarnContext(ctx, "the token cannot be kept", "error", err)
			return
		}
		kept = yeastar.NewSecret(string(doc))
	}
	if err := c.kept.Save(ctx, kept); err != nil {
		c.log.WarnContext(ctx, "the token cannot be kept", "error", err)
	}
}

// lockPair keeps other processes from renewing until unlock. One that does not let go is not waited for.
func (c *Client) lockPair(ctx context.Context) (unlock func()) {
	if c.kept.Lock == nil {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	unlock, err := c.kept.Lock(ctx)
	if err != nil {
		c.log.WarnContext(ctx, "other processes cannot be kept from renewing the token meanwhile", "error", err)
		return func() {}
	}
	return unlock
}
