package lines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
)

// Cloud reads the trunks of one PBX, completely or not at all.
type Cloud interface {
	SIPTrunks(ctx context.Context, id fleet.PBXID) ([]sip.Row, error)
	// SIPSettings reads some of its trunks whole; those that are gone meanwhile are absent from the answer.
	SIPSettings(ctx context.Context, id fleet.PBXID, ids []sip.TrunkID) ([]sip.Trunk, error)
}

// Book keeps what was read.
type Book interface {
	// DueSIPLooks are the running PBXs that were not asked since a moment.
	DueSIPLooks(ctx context.Context, before time.Time, limit int) ([]fleet.PBXID, error)
	KeepSIPList(ctx context.Context, id fleet.PBXID, rows []sip.Row, settings []sip.Trunk, at time.Time) error
	KeepSIPTrouble(ctx context.Context, id fleet.PBXID, at time.Time, trouble string) error
}

// Deps is what a Watcher works with. Every field is needed.
type Deps struct {
	Cloud   Cloud
	Book    Book
	Now     func() time.Time
	Log     *slog.Logger
	Changed func(fleet.PBXID) // a PBX's trunks were read
}

// Watcher reads each running PBX's trunks once in a while: two calls to the PBX each time.
type Watcher struct{ d Deps }

// New checks the dependencies.
func New(d Deps) (*Watcher, error) {
	if d.Cloud == nil || d.Book == nil || d.Now == nil || d.Log == nil || d.Changed == nil {
		return nil, errors.New("lines: a field of Deps is nil")
	}
	return &Watcher{d}, nil
}

const (
	// Fresh is how old a reading may be before a PBX is asked again, whether it answered or not.
	Fresh = time.Hour
	// tick is how often due PBXs are looked for, atOnce how many then, so that a fleet's first hour is not
	// one burst, and inFlight how many are asked side by side.
	tick     = 30 * time.Second
	atOnce   = 100
	inFlight = 2
)

// Run reads what is due until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		if err := w.Look(ctx, Fresh); err != nil && ctx.Err() == nil {
			w.d.Log.Warn("the trunks of PBXs could not be kept", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Look reads the trunks of the PBXs that were not asked for so long. What one PBX does not tell is kept as its
// own trouble. What holds for every PBX ends the look.
func (w *Watcher) Look(ctx context.Context, age time.Duration) error {
	due, err := w.d.Book.DueSIPLooks(ctx, w.d.Now().Add(-age), atOnce)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	slots := make(chan struct{}, inFlight)
	var running sync.WaitGroup
	for _, id := range due {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() { <-slots }()
			if err := w.read(ctx, id); err != nil {
				stop(err)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// read reads one PBX. Its error says that the look must end.
func (w *Watcher) read(ctx context.Context, id fleet.PBXID) error {
	at := w.d.Now()
	rows, err := w.d.Cloud.SIPTrunks(ctx, id)
	var settings []sip.Trunk
	if err == nil {
		settings, err = w.d.Cloud.SIPSettings(ctx, id, editable(rows))
	}
	switch {
	case err != nil && (ctx.Err() != nil || fleet.ForAll(err)):
		return err // it says nothing about this PBX
	case err != nil:
		w.d.Log.Debug("a PBX's trunks could not be read", "pbx", id, "error", err)
		err = w.d.Book.KeepSIPTrouble(ctx, id, at, words(err))
	default:
		err = w.d.Book.KeepSIPList(ctx, id, rows, settings, at)
	}
	if err != nil {
		return fmt.Errorf("lines: keep %d: %w", id, err)
	}
	w.d.Changed(id)
	return nil
}

// editable are the trunks that have settings: SIP trunks.
func editable(rows []sip.Row) []sip.TrunkID {
	var ids []sip.TrunkID
	for _, r := range rows {
		if r.Kind() != sip.Other {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func words(err error) string {
	return fleet.Words(err, "Something unexpected happened while the PBX was asked.")
}
