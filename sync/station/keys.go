package station

import (
	"context"
	"fmt"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/door"
	"cordboard/sync/seal"
)

// wireKeys makes the sealer of the installation's key, without which there is none, and reads the secrets of
// the webhook.
func (s *Station) wireKeys(ctx context.Context, c Config) (err error) {
	if c.Key != nil {
		if s.Sealer, err = seal.New(c.Key, c.OldKeys...); err != nil {
			return err
		}
		if err := s.retireKeys(ctx, c); err != nil {
			return err
		}
	}
	d := door.Deps{Vault: s.DB, Sealer: s.Sealer, Now: c.Now, Log: c.Log, Announce: c.Announce}
	for _, secret := range c.WebhookSecrets {
		d.Fixed = append(d.Fixed, secret.Reveal())
	}
	s.Door, err = door.New(ctx, d)
	return err
}

// Reseal seals everything anew that an old key had sealed, and says how much that was. When it succeeds the old
// keys can go.
func Reseal(ctx context.Context, d *db.DB, s *seal.Sealer, by audit.By, now time.Time) (int, error) {
	return d.Reseal(ctx, s.OldHeads(), s.Reseal, func(n int) audit.Entry {
		return audit.Entry{At: now, Actor: by.Actor, IP: by.IP, Action: audit.KeyRotate, Target: "secrets at rest", Outcome: audit.Succeeded,
			After: fmt.Appendf(nil, `{"key":%q,"sealed_anew":%d}`, s.ID(), n)}
	})
}

// retireKeys seals everything anew at the start, when old keys are given beside the key of today.
func (s *Station) retireKeys(ctx context.Context, c Config) error {
	if len(c.OldKeys) == 0 {
		return nil
	}
	n, err := Reseal(ctx, s.DB, s.Sealer, audit.Cordboard, c.Now())
	if err != nil {
		return err
	}
	s.log.Info("everything sealed has the key of today: the old one can be taken out", "sealed_anew", n)
	return nil
}

// usesEvery is how often the last use of each secret of the webhook is kept.
const usesEvery = time.Minute

func (s *Station) keepUses(ctx context.Context) {
	keep := func(ctx context.Context) {
		if err := s.Door.KeepUses(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("when the secrets of the webhook were used last could not be kept", "error", err)
		}
	}
	every(ctx, usesEvery, func() { keep(ctx) })
	keep(context.WithoutCancel(ctx))
}
