package door

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/seal"
)

// Where secrets and their last uses are kept. The former are sealed under their key.
const (
	keySecrets = "webhook.secrets"
	keyUses    = "webhook.uses"
)

// Most is how many secrets are good at the same time: the new one, and the old one until YCM uses the new one.
const Most = 2

// Vault keeps settings.
type Vault interface {
	// Setting answers KindNotFound for what was never stored.
	Setting(ctx context.Context, key string) ([]byte, error)
	SetSetting(ctx context.Context, key string, value []byte) error
	// KeepSetting stores a value with its audit entry.
	KeepSetting(ctx context.Context, key string, value []byte, e audit.Entry) error
}

// Deps is what a Keeper works with. Every field is needed, except where it says otherwise.
type Deps struct {
	Vault    Vault
	Sealer   *seal.Sealer // nil: nothing can be stored, and nothing that is stored can be read
	Fixed    []string     // of the start; while there are any, those that are stored rest
	Now      func() time.Time
	Log      *slog.Logger
	Announce func(topics ...string)
}

// Keeper knows the secrets.
type Keeper struct {
	d    Deps
	turn sync.Mutex // one change at a time
	now  atomic.Pointer[[]*secret]
	// trouble is why the stored secrets can't be read.
	trouble atomic.Pointer[error]
}

// secret is one that is good now.
type secret struct {
	Known
	value string
	used  atomic.Int64 // microseconds
}

// Known is what is told of a secret: never its characters.
type Known struct {
	ID      string
	Fixed   bool // given at the start
	AddedAt time.Time
	AddedBy string
	UsedAt  time.Time // when a report was signed with it last; of a fixed one since the start; zero: never
}

// stored is the sealed form.
type stored struct {
	ID      string    `json:"id"`
	Value   string    `json:"value"`
	AddedAt time.Time `json:"added_at"`
	AddedBy string    `json:"added_by"`
}

// New reads the secrets. What can't be read is told by [Keeper.Trouble], and stops nothing else.
func New(ctx context.Context, d Deps) (*Keeper, error) {
	if d.Vault == nil || d.Now == nil || d.Log == nil || d.Announce == nil {
		return nil, errors.New("door: a field of Deps is nil")
	}
	k := &Keeper{d: d}
	if len(d.Fixed) > 0 {
		list := make([]*secret, len(d.Fixed))
		for i, value := range d.Fixed {
			list[i] = &secret{Known: Known{ID: fmt.Sprint("fixed-", i+1), Fixed: true}, value: value}
		}
		k.now.Store(&list)
		return k, nil
	}
	list, err := k.load(ctx)
	if err != nil {
		if fleet.KindOf(err) != fleet.KindUnavailable {
			return nil, err
		}
		d.Log.Error("the secrets of the webhook can't be read: every report is refused", "error", err)
		k.trouble.Store(&err)
	}
	k.now.Store(&list)
	return k, nil
}

func (k *Keeper) load(ctx context.Context) (list []*secret, err error) {
	sealed, err := k.d.Vault.Setting(ctx, keySecrets)
	if err != nil && fleet.KindOf(err) == fleet.KindNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if k.d.Sealer == nil {
		return nil, nil // a command that takes no reports
	}
	text, err := k.d.Sealer.Open(keySecrets, sealed)
	if err != nil {
		return nil, &fleet.Error{Kind: fleet.KindUnavailable, Op: "door.load", Err: err,
			Msg: "The stored secrets can't be opened with the key that Cordboard was started with. Start it with the old key, or set a new secret."}
	}
	var kept []stored
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, fmt.Errorf("door: %s: %w", keySecrets, err)
	}
	uses := k.uses(ctx)
	for _, one := range kept {
		s := &secret{Known: Known{ID: one.ID, AddedAt: one.AddedAt, AddedBy: one.AddedBy}, value: one.Value}
		if at := uses[one.ID]; !at.IsZero() {
			s.used.Store(at.UnixMicro())
		}
		list = append(list, s)
	}
	return list, nil
}

// uses are the last uses as they were kept; without them a secret looks unused, which is all the harm.
func (k *Keeper) uses(ctx context.Context) map[string]time.Time {
	var at map[string]time.Time
	text, err := k.d.Vault.Setting(ctx, keyUses)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
		k.d.Log.Warn("when the secrets of the webhook were used last can't be read", "error", err)
	}
	return at
}

// Values are the secrets that a signature may be made with, in the order of [Keeper.Used].
func (k *Keeper) Values() []string {
	list := *k.now.Load()
	values := make([]string, len(list))
	for i, s := range list {
		values[i] = s.value
	}
	return values
}

// Used notes that a report was signed with a value.
func (k *Keeper) Used(value string) {
	for _, s := range *k.now.Load() {
		if s.value == value {
			s.used.Store(k.d.Now().UnixMicro())
		}
	}
}

// List are the secrets that are good now, the older one first.
func (k *Keeper) List() []Known {
	var list []Known
	for _, s := range *k.now.Load() {
		known := s.Known
		if at := s.used.Load(); at != 0 {
			known.UsedAt = time.UnixMicro(at).UTC()
		}
		list = append(list, known)
	}
	return list
}

// Trouble is why the stored secrets can't be read, or nil.
func (k *Keeper) Trouble() error {
	if p := k.trouble.Load(); p != nil {
		return *p
	}
	return nil
}

// Fixed reports whether the secrets were given at the start, which nobody changes in the browser.
func (k *Keeper) Fixed() bool { return len(k.d.Fixed) > 0 }

// Suggest makes a secret of the size that YCM's have. It is stored nowhere.
func Suggest() string { return (rand.Text() + rand.Text())[:32] }

// The rules of a secret.
const (
	shortest = 16
	longest  = 200
)

// Add makes one more secret good from now on.
func (k *Keeper) Add(ctx context.Context, by audit.By, value string) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	list, err := k.changeable()
	if err != nil {
		return err
	}
	value = strings.TrimSpace(value)
	rule := ""
	switch {
	case len(list) >= Most:
		return &fleet.Error{Kind: fleet.KindConflict, Op: "door.Add", Msg: "Two secrets are good already. Remove the one that YCM does not use any more first."}
	case len(value) < shortest:
		rule = fmt.Sprintf("At least %d characters; YCM's have 32.", shortest)
	case len(value) > longest:
		rule = fmt.Sprintf("At most %d characters.", longest)
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
		rule = "No spaces, and plain characters only: it must be what YCM has."
	case slices.ContainsFunc(list, func(s *secret) bool { return s.value == value }):
		rule = "This one is good already."
	}
	if rule != "" {
		return fleet.Invalid("door.Add", "The secret was not added.", fleet.Field{Name: "secret", Rule: rule})
	}
	added := &secret{Known: Known{ID: strings.ToLower(rand.Text()[:8]), AddedAt: k.d.Now().UTC(), AddedBy: by.Actor}, value: value}
	return k.keep(ctx, by, list, append(slices.Clone(list), added))
}

// Remove ends a secret. The last one stays: without any, every report would be refused.
func (k *Keeper) Remove(ctx context.Context, by audit.By, id string) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	list, err := k.changeable()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(s *secret) bool { return s.ID == id })
	switch {
	case at < 0:
		return fleet.NotFound("door.Remove", "The secret")
	case len(list) == 1:
		return &fleet.Error{Kind: fleet.KindConflict, Op: "door.Remove", Msg: "This is the only secret: without it every report would be refused. Add the new one first."}
	}
	return k.keep(ctx, by, list, slices.Delete(slices.Clone(list), at, at+1))
}

// changeable is the list, where it may be changed here.
func (k *Keeper) changeable() ([]*secret, error) {
	switch {
	case k.Fixed():
		return nil, &fleet.Error{Kind: fleet.KindConflict, Op: "door.change", Msg: "The secret was given at the start (CORDBOARD_WEBHOOK_SECRET) and is fixed here."}
	case k.d.Sealer == nil:
		return nil, &fleet.Error{Kind: fleet.KindUnavailable, Op: "door.change", Msg: "Without a key nothing secret can be stored."}
	}
	return *k.now.Load(), nil
}

// keep stores a list with its entry, and makes it good.
func (k *Keeper) keep(ctx context.Context, by audit.By, was, is []*secret) error {
	kept := make([]stored, len(is))
	for i, s := range is {
		kept[i] = stored{s.ID, s.value, s.AddedAt, s.AddedBy}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("door: %w", err)
	}
	e := audit.Entry{At: k.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.SettingsUpdate, Target: "secrets of the webhook", Outcome: audit.Succeeded,
		Before: told(was), After: told(is)}
	if err := k.d.Vault.KeepSetting(ctx, keySecrets, k.d.Sealer.Seal(keySecrets, text), e); err != nil {
		return err
	}
	k.now.Store(&is)
	k.trouble.Store(nil)
	k.d.Announce("webhooks")
	return nil
}

// told is what the record keeps of a list: which secrets, by names that say nothing of them.
func told(list []*secret) json.RawMessage {
	ids := make([]string, len(list))
	for i, s := range list {
		ids[i] = fmt.Sprintf("%q", s.ID)
	}
	return fmt.Appendf(nil, `{"secrets":[%s]}`, strings.Join(ids, ","))
}

// KeepUses stores when each secret was used last, if that is more than what is stored.
func (k *Keeper) KeepUses(ctx context.Context) error {
	if k.Fixed() {
		return nil
	}
	k.turn.Lock()
	defer k.turn.Unlock()
	was, is := k.uses(ctx), map[string]time.Time{}
	fresh := false
	for _, known := range k.List() {
		if known.UsedAt.IsZero() {
			continue
		}
		is[known.ID] = known.UsedAt
		fresh = fresh || !was[known.ID].Equal(known.UsedAt)
	}
	if !fresh {
		return nil
	}
	text, err := json.Marshal(is)
	if err != nil {
		return fmt.Errorf("door: %w", err)
	}
	return k.d.Vault.SetSetting(ctx, keyUses, text)
}
