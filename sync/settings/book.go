package settings

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// Vault keeps settings.
type Vault interface {
	// Setting answers KindNotFound for what was never stored.
	Setting(ctx context.Context, key string) ([]byte, error)
	// KeepSetting stores a value with its audit entry.
	KeepSetting(ctx context.Context, key string, value []byte, e audit.Entry) error
}

// Sealer encrypts what may hold a secret.
type Sealer interface {
	Seal(name string, plain []byte) []byte
	Open(name string, sealed []byte) ([]byte, error)
}

// Deps is what a Book works with. Every field is needed, except where it says otherwise.
type Deps struct {
	Vault  Vault
	Sealer Sealer // nil: the connection can be neither read nor set
	Start  All    // what flags and variables say, or their defaults
	// Fixed are the values that were given at the start, each with the flag or the variable that gave it.
	Fixed map[Field]string
	// Try looks at YCM with a connection that nobody uses yet. It makes one sign-in.
	Try func(context.Context, Yeastar) (fleet.Account, error)
	Now func() time.Time
	Log *slog.Logger
}

// Book is the settings that hold. Safe for concurrent use.
type Book struct {
	d Deps

	mu       sync.Mutex // held while something is changed
	state    sync.RWMutex
	now      All
	trouble  string
	followed []func(Part, All)
	tries    tries
}

// New checks the dependencies and reads what is stored. A connection that can't be opened, because another key
// sealed it, is no error: [Book.Trouble] tells, and saving it anew is the way out.
func New(ctx context.Context, d Deps) (*Book, error) {
	if d.Vault == nil || d.Try == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("settings: a field of Deps is nil")
	}
	b := &Book{d: d}
	for _, p := range Parts() {
		if err := b.load(ctx, p); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Current is what holds now.
func (b *Book) Current() All {
	b.state.RLock()
	defer b.state.RUnlock()
	return b.now
}

// Trouble says why the stored connection can't be used, or nothing.
func (b *Book) Trouble() string {
	b.state.RLock()
	defer b.state.RUnlock()
	return b.trouble
}

// Fixed is the flag or the variable that gave a value at the start, or nothing.
func (b *Book) Fixed(f Field) string { return b.d.Fixed[f] }

// Follow has do called after each change, with the part that changed.
func (b *Book) Follow(do func(Part, All)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.followed = append(b.followed, do)
}

// SaveGuard stores the guard; it holds for the next plan.
func (b *Book) SaveGuard(ctx context.Context, by audit.By, g Guard) error {
	return b.save(ctx, by, Limits, func(a *All) []fleet.Field { a.Guard = g; return g.check() })
}

// SaveSync stores when passes run.
func (b *Book) SaveSync(ctx context.Context, by audit.By, s Sync) error {
	return b.save(ctx, by, Schedule, func(a *All) []fleet.Field { a.Sync = s; return s.check() })
}

// SaveNumbers stores the home region. What numbers are found by is made anew at the next start.
func (b *Book) SaveNumbers(ctx context.Context, by audit.By, n Numbers) error {
	return b.save(ctx, by, Dialling, func(a *All) []fleet.Field { a.Numbers = n; return n.check() })
}

// Connecting is what a form sent. An empty secret means the one that holds, but not for another address or
// another client.
type Connecting struct {
	Yeastar
	OtherAccount bool // a person says that it is right for the account to know none of our PBXs
}

// SaveYeastar tries a connection and stores it when YCM accepts it. A rate alone is not tried.
func (b *Book) SaveYeastar(ctx context.Context, by audit.By, in Connecting) error {
	const op = "settings.SaveYeastar"
	b.mu.Lock()
	defer b.mu.Unlock()
	y, err := b.complete(op, in.Yeastar)
	if err != nil {
		return err
	}
	if was := b.Current().Yeastar; was.BaseURL != y.BaseURL || was.ClientID != y.ClientID || was.Secret != y.Secret {
		account, err := b.try(ctx, op, y)
		if err != nil {
			return err
		}
		if account.Foreign() && !in.OtherAccount {
			return fleet.Invalid(op, "The connection was not saved.", fleet.Field{Name: "other_account",
				Rule: "This account knows none of the PBXs that are on record. If it took the place of the other one, say so: what it does not know will count as deleted."})
		}
	}
	return b.keep(ctx, by, Connection, func(a *All) []fleet.Field { a.Yeastar = y; return nil })
}

// TryYeastar tells what a connection sees, and changes nothing.
func (b *Book) TryYeastar(ctx context.Context, y Yeastar) (fleet.Account, error) {
	const op = "settings.TryYeastar"
	b.mu.Lock()
	defer b.mu.Unlock()
	y, err := b.complete(op, y)
	if err != nil {
		return fleet.Account{}, err
	}
	return b.try(ctx, op, y)
}

// complete puts in what is fixed, and the secret that holds, and checks the whole. A stored secret goes to its
// own address for its own client only: whoever may type an address could have it sent elsewhere.
func (b *Book) complete(op string, y Yeastar) (Yeastar, error) {
	was := b.Current().Yeastar
	all := All{Yeastar: y}
	b.restore(&all)
	kept := all.Yeastar.Secret == ""
	if kept {
		all.Yeastar.Secret = was.Secret
	}
	bad := all.Yeastar.check()
	if kept && was.Secret != "" && b.Fixed(ClientSecret) == "" && (origin(all.Yeastar.BaseURL) != origin(was.BaseURL) || all.Yeastar.ClientID != was.ClientID) {
		bad = append(bad, fleet.Field{Name: string(ClientSecret), Rule: "Another address or client: enter the secret for it."})
	}
	if len(bad) > 0 {
		return y, fleet.Invalid(op, "The connection was not saved.", bad...)
	}
	return all.Yeastar, nil
}

// origin is scheme, host and port of an address.
func origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (b *Book) save(ctx context.Context, by audit.By, p Part, change func(*All) []fleet.Field) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.keep(ctx, by, p, change)
}

// keep changes, checks, stores with the audit entry, and tells who follows; the caller holds mu.
func (b *Book) keep(ctx context.Context, by audit.By, p Part, change func(*All) []fleet.Field) error {
	was := b.Current()
	now := was
	bad := change(&now)
	b.restore(&now)
	if len(bad) > 0 {
		return fleet.Invalid("settings.Save", "The settings were not saved.", bad...)
	}
	if now == was && b.Trouble() == "" {
		return nil
	}
	if err := b.store(ctx, by, p, was, now); err != nil {
		return fmt.Errorf("settings: %s: %w", p, err)
	}
	b.state.Lock()
	b.now = now
	if p == Connection {
		b.trouble = ""
	}
	b.state.Unlock()
	for _, do := range b.followed {
		do(p, now)
	}
	return nil
}

// restore puts back what was given at the start.
func (b *Book) restore(a *All) {
	start := b.d.Start
	for f := range b.d.Fixed {
		switch f {
		case BaseURL:
			a.Yeastar.BaseURL = start.Yeastar.BaseURL
		case ClientID:
			a.Yeastar.ClientID = start.Yeastar.ClientID
		case ClientSecret:
			a.Yeastar.Secret = start.Yeastar.Secret
		case Rate:
			a.Yeastar.Rate = start.Yeastar.Rate
		case MaxShare:
			a.Guard.MaxShare = start.Guard.MaxShare
		case MaxCount:
			a.Guard.MaxCount = start.Guard.MaxCount
		case Lifetime:
			a.Guard.Lifetime = start.Guard.Lifetime
		case Interval:
			a.Sync.Interval = start.Sync.Interval
		case StaleAfter:
			a.Sync.StaleAfter = start.Sync.StaleAfter
		case HomeRegion:
			a.Numbers.HomeRegion = start.Numbers.HomeRegion
		}
	}
}
