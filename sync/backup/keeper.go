package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// Store is the database.
type Store interface {
	// Backup makes a whole, checked, durable copy under a name that is free, and tells the head of its audit log.
	Backup(ctx context.Context, file string) (audit.Head, error)
	// Setting answers KindNotFound for what was never stored.
	Setting(ctx context.Context, key string) ([]byte, error)
	SetSetting(ctx context.Context, key string, value []byte) error
	AppendAudit(ctx context.Context, e audit.Entry) error
}

// Config says where copies go, how often, and how many stay.
type Config struct {
	Folder string        // made when it is not there; empty: there are no copies
	Every  time.Duration // 0: only when asked
	Keep   int           // the newest; at least one
}

// Deps is what a Keeper works with. Every field is needed.
type Deps struct {
	Store    Store
	Config   Config
	Now      func() time.Time
	Log      *slog.Logger
	Announce func(topics ...string)
}

// Keeper makes copies.
type Keeper struct {
	d     Deps
	turn  sync.Mutex // one copy at a time
	begun time.Time
}

// Copy is one that was made.
type Copy struct {
	File  string     `json:"file"` // its name in the folder
	At    time.Time  `json:"at"`
	Bytes int64      `json:"bytes"`
	Head  audit.Head `json:"head"` // of its audit log; zero in lists, which don't open every file
}

// State is how it stands.
type State struct {
	Last   Copy      `json:"last"`   // zero: none was ever made
	Since  time.Time `json:"since"`  // when attempts began to fail; zero: the last one worked
	Why    string    `json:"why"`    // the last one failed
	FailAt time.Time `json:"failed"` // when it did
}

// keyState is the setting that keeps the state over restarts.
const keyState = "backup.state"

const (
	lookEvery = 20 * time.Second
	// settleTime is how long a new installation runs before its first copy, and retryAfter how long a failed one waits.
	settleTime = 10 * time.Minute
	retryAfter = 15 * time.Minute
	// late is how much longer than planned the last copy may be ago before people hear of it.
	late = 2 * time.Hour
)

// New checks the dependencies.
func New(d Deps) (*Keeper, error) {
	if d.Store == nil || d.Now == nil || d.Log == nil || d.Announce == nil {
		return nil, errors.New("backup: a field of Deps is nil")
	}
	if d.Config.Keep < 1 {
		d.Config.Keep = 1
	}
	return &Keeper{d: d, begun: d.Now()}, nil
}

// Config is what the keeper was started with.
func (k *Keeper) Config() Config { return k.d.Config }

// Run makes copies when they are due, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := k.Look(ctx); err != nil && ctx.Err() == nil {
			k.d.Log.Error("no backup was made", "error", err)
		}
	}
}

// Look makes a copy if one is due.
func (k *Keeper) Look(ctx context.Context) error {
	s, err := k.State(ctx)
	if err != nil || !k.due(s, k.d.Now()) {
		return err
	}
	_, err = k.Make(ctx, audit.Cordboard)
	return err
}

func (k *Keeper) due(s State, now time.Time) bool {
	c := k.d.Config
	switch {
	case c.Folder == "" || c.Every == 0:
		return false
	case !s.Since.IsZero():
		return now.Sub(s.FailAt) >= min(retryAfter, c.Every) || now.Before(s.FailAt)
	case s.Last.At.IsZero():
		return now.Sub(k.begun) >= min(settleTime, c.Every)
	}
	return now.Sub(s.Last.At) >= c.Every || now.Before(s.Last.At) // a clock that was set back
}

// Trouble says why people should look: attempts fail, or none was made for too long. Empty: all is well.
func (k *Keeper) Trouble(ctx context.Context) (why string, since time.Time, err error) {
	s, err := k.State(ctx)
	if err != nil {
		return "", since, err
	}
	now, c := k.d.Now(), k.d.Config
	switch {
	case c.Folder == "":
		return "", since, nil
	case !s.Since.IsZero():
		return "The last backup failed: " + s.Why, s.Since, nil
	case c.Every > 0 && !s.Last.At.IsZero() && now.Sub(s.Last.At) > c.Every+late && now.Sub(k.begun) > late:
		return "The last backup was made on " + s.Last.At.UTC().Format("2 Jan 2006, 15:04 UTC") + ", and none since.", s.Last.At.Add(c.Every), nil
	}
	return "", since, nil
}

// State is how it stands.
func (k *Keeper) State(ctx context.Context) (s State, err error) {
	text, err := k.d.Store.Setting(ctx, keyState)
	if err != nil && fleet.KindOf(err) == fleet.KindNotFound {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}

// Make makes a copy now, and lets the oldest go. A failure is kept, so that people see it.
func (k *Keeper) Make(ctx context.Context, by audit.By) (Copy, error) {
	if k.d.Config.Folder == "" {
		return Copy{}, &fleet.Error{Kind: fleet.KindConflict, Op: "backup.Make", Msg: "There is no folder for backups: start Cordboard with --backup-dir."}
	}
	k.turn.Lock()
	defer k.turn.Unlock()
	defer k.d.Announce("backup")
	s, err := k.State(ctx)
	if err != nil {
		return Copy{}, err
	}
	made, fault := k.copy(ctx)
	e := audit.Entry{At: k.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.BackupMake, Target: made.File, Outcome: audit.Succeeded,
		After: fmt.Appendf(nil, `{"bytes":%d,"head":%q}`, made.Bytes, made.Head)}
	if fault != nil {
		told := !s.Since.IsZero() && by == audit.Cordboard // only the first of many failed attempts
		s.Why, s.FailAt = sentence(fault), e.At
		if s.Since.IsZero() {
			s.Since = e.At
		}
		e.Outcome, e.Reason, e.After = audit.Failed, s.Why, nil
		if told {
			return Copy{}, errors.Join(fault, k.keep(ctx, s))
		}
	} else {
		s = State{Last: made}
	}
	ctx = context.WithoutCancel(ctx)
	return made, errors.Join(fault, k.keep(ctx, s), k.d.Store.AppendAudit(ctx, e))
}

func (k *Keeper) keep(ctx context.Context, s State) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return k.d.Store.SetSetting(context.WithoutCancel(ctx), keyState, text)
}

// The names of copies: cordboard-20261122T110916.250Z.db
const (
	prefix = "cordboard-"
	suffix = ".db"
	stamp  = "20060102T150405.000Z"
)

func (k *Keeper) copy(ctx context.Context) (c Copy, err error) {
	folder := k.d.Config.Folder
	c.At = k.d.Now().UTC()
	c.File = prefix + c.At.Format(stamp) + suffix
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return c, err
	}
	if err := k.sweep(); err != nil {
		return c, err
	}
	file := filepath.Join(folder, c.File)
	if c.Head, err = k.d.Store.Backup(ctx, file); err != nil {
		return c, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return c, err
	}
	c.Bytes = info.Size()
	return c, k.prune()
}

// sweep removes what an attempt left that was cut off.
func (k *Keeper) sweep() error {
	parts, err := filepath.Glob(filepath.Join(k.d.Config.Folder, prefix+"*"+suffix+".part*"))
	for _, part := range parts {
		err = errors.Join(err, os.Remove(part))
	}
	return err
}

// prune lets the oldest copies go. A file that is not named like one of ours stays.
func (k *Keeper) prune() error {
	all, err := k.List()
	if err != nil {
		return err
	}
	for _, old := range all[min(len(all), k.d.Config.Keep):] {
		err = errors.Join(err, os.Remove(filepath.Join(k.d.Config.Folder, old.File)))
	}
	return err
}

// List are the copies in the folder, newest first, by their names.
func (k *Keeper) List() ([]Copy, error) {
	if k.d.Config.Folder == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(k.d.Config.Folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var list []Copy
	for _, entry := range entries {
		name, ok := strings.CutPrefix(entry.Name(), prefix)
		name, also := strings.CutSuffix(name, suffix)
		at, err := time.Parse(stamp, name)
		info, fault := entry.Info()
		if !ok || !also || err != nil || fault != nil || !info.Mode().IsRegular() {
			continue
		}
		list = append(list, Copy{File: entry.Name(), At: at, Bytes: info.Size()})
	}
	slices.SortFunc(list, func(a, b Copy) int { return b.At.Compare(a.At) })
	return list, nil
}

// sentence is an error as people read it.
func sentence(err error) string {
	if fe, ok := errors.AsType[*fleet.Error](err); ok && fe.Msg != "" {
		return fe.Msg
	}
	return err.Error() + "."
}
