package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// stored is how a part is kept: its fields by name. Those that were fixed when it was saved are left out, so that
// a default, or what had been stored before, holds again once they are not given any more.
type stored map[Field]json.RawMessage

// key is where a part is kept.
func (p Part) key() string { return "settings." + string(p) }

// load reads one part into what holds.
func (b *Book) load(ctx context.Context, p Part) error {
	b.take(p, b.d.Start)
	doc, err := b.read(ctx, p)
	if err != nil && fleet.KindOf(err) == fleet.KindUnavailable && ctx.Err() == nil && p == Connection {
		b.trouble = "What is stored can't be opened with the key that Cordboard was started with. Start it with the old key, or enter everything again."
		b.d.Log.Error("the stored connection to YCM can't be opened", "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("settings: %s: %w", p, err)
	}
	now := b.now
	for f, text := range doc {
		if into := now.at(f); into != nil {
			if err := json.Unmarshal(text, into); err != nil {
				return fmt.Errorf("settings: %s: %s: %w", p, f, err)
			}
		}
	}
	b.restore(&now)
	b.now = now
	return nil
}

// take copies one part of a into what holds.
func (b *Book) take(p Part, a All) {
	switch p {
	case Connection:
		b.now.Yeastar = a.Yeastar
	case Limits:
		b.now.Guard = a.Guard
	case Schedule:
		b.now.Sync = a.Sync
	case Dialling:
		b.now.Numbers = a.Numbers
	}
}

// errSealed is what a connection that can't be opened is.
func errSealed(err error) error {
	return &fleet.Error{Kind: fleet.KindUnavailable, Op: "settings.read", Msg: "The stored connection can't be opened.", Err: err}
}

// read is a part as it is stored; empty when it never was.
func (b *Book) read(ctx context.Context, p Part) (stored, error) {
	text, err := b.d.Vault.Setting(ctx, p.key())
	switch {
	case err != nil && fleet.KindOf(err) == fleet.KindNotFound:
		return stored{}, nil
	case err != nil:
		return nil, err
	case p == Connection && b.d.Sealer == nil:
		return nil, errSealed(errors.New("there is no key"))
	case p == Connection:
		if text, err = b.d.Sealer.Open(p.key(), text); err != nil {
			return nil, errSealed(err)
		}
	}
	doc := stored{}
	return doc, json.Unmarshal(text, &doc)
}

// store keeps one part with its audit entry.
func (b *Book) store(ctx context.Context, by audit.By, p Part, was, now All) error {
	doc, err := b.read(ctx, p)
	if err != nil { // it can't be opened any more: it is replaced as a whole
		doc = stored{}
	}
	for _, f := range p.Fields() {
		if b.Fixed(f) != "" {
			continue
		}
		if doc[f], err = json.Marshal(now.at(f)); err != nil {
			return err
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	if p == Connection {
		if b.d.Sealer == nil {
			return errSealed(errors.New("there is no key"))
		}
		text = b.d.Sealer.Seal(p.key(), text)
	}
	e := audit.Entry{At: b.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.SettingsUpdate, Target: targets[p], Outcome: audit.Succeeded}
	if e.Before, err = json.Marshal(record(p, was, was)); err != nil {
		return err
	}
	if e.After, err = json.Marshal(record(p, was, now)); err != nil {
		return err
	}
	return b.d.Vault.KeepSetting(ctx, p.key(), text, e)
}

var targets = map[Part]string{Connection: "connection to YCM", Limits: "guard", Schedule: "passes", Dialling: "home region"}

// Fields are the values of a part.
func (p Part) Fields() []Field {
	switch p {
	case Connection:
		return []Field{BaseURL, ClientID, ClientSecret, Rate}
	case Limits:
		return []Field{MaxShare, MaxCount, Lifetime}
	case Schedule:
		return []Field{Interval, StaleAfter}
	}
	return []Field{HomeRegion}
}

// at is where a value stands in a; nil for a name that this version does not know.
func (a *All) at(f Field) any {
	switch f {
	case BaseURL:
		return &a.Yeastar.BaseURL
	case ClientID:
		return &a.Yeastar.ClientID
	case ClientSecret:
		return (*string)(&a.Yeastar.Secret)
	case Rate:
		return &a.Yeastar.Rate
	case MaxShare:
		return &a.Guard.MaxShare
	case MaxCount:
		return &a.Guard.MaxCount
	case Lifetime:
		return (*span)(&a.Guard.Lifetime)
	case Interval:
		return (*span)(&a.Sync.Interval)
	case StaleAfter:
		return (*span)(&a.Sync.StaleAfter)
	case HomeRegion:
		return &a.Numbers.HomeRegion
	}
	return nil
}

// span is a duration as people write it: "10m0s".
type span time.Duration

// MarshalText gives "10m0s".
func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText takes "10m0s".
func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = span(d)
	return err
}

// record is what the audit log keeps of a part: that the secret became another, never which.
func record(p Part, was, now All) map[Field]any {
	kept := map[Field]any{}
	for _, f := range p.Fields() {
		kept[f] = now.at(f)
	}
	if p == Connection {
		kept[ClientSecret] = told(was.Yeastar.Secret, now.Yeastar.Secret)
	}
	return kept
}

func told(old, now Secret) string {
	switch {
	case now == "":
		return "not set"
	case old != "" && old != now:
		return "changed"
	}
	return "set"
}
