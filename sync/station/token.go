package station

import (
	"context"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"cordboard/db"
	"cordboard/sync/fleet"
	"cordboard/sync/seal"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
)

// client makes the client of YCM, which shares its token with whatever else works on the same database: commands
// beside the server, and the next start. Without a key each has its own.
func (s *Station) client(v ycm.Config) (*ycm.Client, error) {
	if s.Sealer != nil && v.Tokens == nil {
		v.Tokens = tokenShelf{db: s.DB, sealer: s.Sealer, lock: strings.TrimSuffix(s.file, ".db") + ".token.lock"}
	}
	return ycm.New(v)
}

// tokenShelf keeps YCM's token pair, sealed, in the database.
type tokenShelf struct {
	db     *db.DB
	sealer *seal.Sealer
	lock   string // a file that is locked while a pair is renewed; it stays, beside cordboard.lock
}

// tokenKey is the setting that holds the pair, and the name under which it is sealed.
const tokenKey = "ycm.token"

// LoadToken gives what was kept.
func (t tokenShelf) LoadToken(ctx context.Context) (yeastar.Secret, error) {
	sealed, err := t.db.Setting(ctx, tokenKey)
	if fleet.KindOf(err) == fleet.KindNotFound {
		return yeastar.Secret{}, nil
	}
	if err != nil {
		return yeastar.Secret{}, err
	}
	plain, err := t.sealer.Open(tokenKey, sealed)
	return yeastar.NewSecret(string(plain)), err
}

// SaveToken keeps a pair.
func (t tokenShelf) SaveToken(ctx context.Context, pair yeastar.Secret) error {
	return t.db.SetSetting(ctx, tokenKey, t.sealer.Seal(tokenKey, []byte(pair.Reveal())))
}

// lockPoll is how often a lock that another process holds is tried.
const lockPoll = 20 * time.Millisecond

// LockToken waits for the lock, which falls with its process.
func (t tokenShelf) LockToken(ctx context.Context) (unlock func(), err error) {
	f := flock.New(t.lock, flock.SetPermissions(0o600))
	if _, err := f.TryLockContext(ctx, lockPoll); err != nil {
		return nil, err
	}
	return func() { _ = f.Unlock() }, nil
}
