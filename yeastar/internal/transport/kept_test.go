package transport

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"cordboard/yeastar"
)

// drawer is a store in memory.
type drawer struct{ pair yeastar.Secret }

func (d *drawer) kept(cfg *Config) {
	cfg.Kept = Kept{
		Load: func(context.Context) (yeastar.Secret, error) { return d.pair, nil },
		Save: func(_ context.Context, pair yeastar.Secret) error { d.pair = pair; return nil },
	}
}

// strictly answers calls with the newest token alone.
func strictly(t *testing.T) (v *vendor) {
	t.Helper()
	v = newVendor(t, func(w http.ResponseWriter, r *http.Request) {
		if !v.holds(r) {
			fail(w, 401, 1000036)
			return
		}
		answer(200, success)(w, r)
	})
	return v
}

func TestAStoreThatFailsNeverStopsTheClient(t *testing.T) {
	v := strictly(t)
	broken := errors.New("the database is locked")
	c := v.client(t, func(cfg *Config) {
		cfg.Kept = Kept{
			Load: func(context.Context) (yeastar.Secret, error) { return yeastar.Secret{}, broken },
			Save: func(context.Context, yeastar.Secret) error { return broken },
			Lock: func(context.Context) (func(), error) { return nil, broken },
		}
	})
	for range 2 {
		_, err := c.Do(background, read)
		must(t, err)
		v.mu.Lock()
		v.current = "minted elsewhere"
		v.mu.Unlock()
	}
	if v.mints.Load() != 1 || v.refreshes.Load() != 1 || c.Status() != (Status{}) {
		t.Errorf("%d mints, %d refreshes, %+v", v.mints.Load(), v.refreshes.Load(), c.Status())
	}
}

func TestAKeptTokenThatIsRefusedCountsAsNoFailure(t *testing.T) {
	v, d := strictly(t), &drawer{}
	ours, other := v.client(t, d.kept), v.client(t, d.kept)
	for _, c := range []*Client{ours, other} {
		_, err := c.Do(background, read)
		must(t, err)
	}
	v.mu.Lock()
	v.current = "minted elsewhere"
	v.mu.Unlock()
	_, err := other.Do(background, read) // renews, and keeps what it got
	must(t, err)
	v.mu.Lock()
	v.current, v.latest = "minted elsewhere", "there too" // which ends it at once
	v.mu.Unlock()
	_, err = ours.Do(background, write)
	must(t, err)
	if v.mints.Load() != 2 || v.refreshes.Load() != 2 || ours.Status() != (Status{}) {
		t.Errorf("%d mints, %d refreshes, %+v", v.mints.Load(), v.refreshes.Load(), ours.Status())
	}
}

func TestAKeptTokenIsOfNoUseToOtherCredentials(t *testing.T) {
	d := &drawer{}
	for name, change := range map[string]func(*Config){
		"secret":  func(cfg *Config) { cfg.ClientSecret = yeastar.NewSecret("another secret") },
		"id":      func(cfg *Config) { cfg.ClientID = "id-2" },
		"address": func(*Config) {},
		"same":    nil,
	} {
		t.Run(name, func(t *testing.T) {
			v := newVendor(t, answer(200, success))
			other := v
			if name == "address" {
				other = newVendor(t, answer(200, success))
			}
			_, err := v.client(t, d.kept).Do(background, read)
			must(t, err)
			_, err = other.client(t, func(cfg *Config) {
				d.kept(cfg)
				if change != nil {
					change(cfg)
				}
			}).Do(background, read)
			must(t, err)
			mints := v.mints.Load()
			if other != v {
				mints += other.mints.Load()
			}
			if want := map[bool]int64{true: 1, false: 2}[name == "same"]; mints != want {
				t.Errorf("%d logins, want %d", mints, want)
			}
		})
	}
}
