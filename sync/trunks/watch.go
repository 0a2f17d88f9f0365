package trunks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cordboard/sync/fleet"
)

// Cloud reads one trunk's standing.
type Cloud interface {
	TrunkStatus(ctx context.Context, id fleet.TrunkID) (fleet.Registered, fleet.FailReason, error)
}

// Catalogue keeps what was read.
type Catalogue interface {
	Trunks(ctx context.Context) ([]fleet.TrunkRow, error)
	KeepRegistration(ctx context.Context, id fleet.TrunkID, r fleet.Registration) error
}

// Deps is what a Watcher works with. Every field is needed.
type Deps struct {
	Cloud     Cloud
	Catalogue Catalogue
	Now       func() time.Time
	Log       *slog.Logger
	Changed   func() // some trunk was read
}

// Watcher reads statuses when somebody asks for them.
type Watcher struct {
	d    Deps
	wake chan struct{}
}

// New checks the dependencies.
func New(d Deps) (*Watcher, error) {
	if d.Cloud == nil || d.Catalogue == nil || d.Now == nil || d.Log == nil || d.Changed == nil {
		return nil, errors.New("trunks: a field of Deps is nil")
	}
	return &Watcher{d: d, wake: make(chan struct{}, 1)}, nil
}

// Fresh is how old a status may be before it is worth a call: an account has twenty trunks at most,
// so that this takes four calls a minute.
const Fresh = 5 * time.Minute

// Ask has the statuses that are not fresh read soon. Asking often costs nothing.
func (w *Watcher) Ask() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run serves what is asked for until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.d.Log.Warn("the statuses of the trunks could not be kept", "error", err)
		}
	}
}

// Look reads the status of each trunk that YCM lists and that was not asked for lately. What Yeastar
// does not tell is kept as such: it is an error of the trunk, not of the look.
func (w *Watcher) Look(ctx context.Context) error {
	rows, err := w.d.Catalogue.Trunks(ctx)
	if err != nil {
		return fmt.Errorf("trunks: list: %w", err)
	}
	read := 0
	for _, row := range rows {
		if row.Deleted || w.d.Now().Sub(row.Registration.AskedAt) < Fresh {
			continue
		}
		if err := w.look(ctx, row.ID); err != nil {
			return err
		}
		read++
	}
	if read > 0 {
		w.d.Changed()
	}
	return nil
}

func (w *Watcher) look(ctx context.Context, id fleet.TrunkID) error {
	state, reason, cause := w.d.Cloud.TrunkStatus(ctx, id)
	if cause != nil && ctx.Err() != nil {
		return ctx.Err() // who gave up says nothing about the trunk
	}
	now := w.d.Now()
	r := fleet.Registration{State: state, Reason: reason, At: now, AskedAt: now}
	if cause != nil {
		r = fleet.Registration{AskedAt: now, Trouble: words(cause)}
		w.d.Log.Debug("a trunk's status could not be read", "trunk", id, "error", cause)
	}
	if err := w.d.Catalogue.KeepRegistration(ctx, id, r); err != nil {
		return fmt.Errorf("trunks: keep %d: %w", id, err)
	}
	return nil
}

func words(err error) string {
	return fleet.Words(err, "Something unexpected happened while Yeastar was asked.")
}
