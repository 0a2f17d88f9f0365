package reconcile

import (
	"context"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

// refresh lists PBXs, trunks and, when it is time, numbers. doing says what comes next.
func (w *Worker) refresh(ctx context.Context, doing func(string)) error {
	doing("Lists the PBXs")
	if err := w.listPBXs(ctx); err != nil {
		return err
	}
	doing("Lists the trunks")
	trunks, err := w.d.Cloud.ListTrunks(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: list trunks: %w", err)
	}
	if err := w.d.Catalogue.KeepTrunks(ctx, trunks, w.d.Now()); err != nil {
		return fmt.Errorf("reconcile: keep trunks: %w", err)
	}
	doing("Lists the numbers")
	return w.listNumbers(ctx)
}

// listPBXs lists the PBXs, and tells about serials that are new.
func (w *Worker) listPBXs(ctx context.Context) error {
	pbxs, err := w.d.Cloud.ListPBXs(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: list PBXs: %w", err)
	}
	fresh, err := w.d.Catalogue.KeepPBXs(ctx, pbxs, w.d.Now())
	if err != nil {
		return fmt.Errorf("reconcile: keep PBXs: %w", err)
	}
	if len(fresh) > 0 {
		w.d.Arrived(fresh)
	}
	return nil
}

// Of an account with many numbers the list costs more calls than looking at every PBX, and it only
// feeds names and the search: what a PBX has is read from the PBX. It is listed when it is due.
const (
	fewNumbers  = 1000           // that many are listed in every pass
	numbersEach = 24 * time.Hour // more are listed once in that time,
	numbersMore = time.Hour      // or after this one when their count has changed
)

func (w *Worker) listNumbers(ctx context.Context) error {
	had, at, err := w.d.Numbers.NumbersListed(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: last list of numbers: %w", err)
	}
	age := w.d.Now().Sub(at)
	if !at.IsZero() && had > fewNumbers && age < numbersEach {
		total, err := w.d.Cloud.CountDIDs(ctx)
		if err != nil {
			return fmt.Errorf("reconcile: count numbers: %w", err)
		}
		if total == had || age < numbersMore {
			return nil
		}
	}
	var changed []fleet.DID
	var all []fleet.DIDID
	began := w.d.Now()
	err = w.d.Cloud.WalkDIDs(ctx, func() { changed, all = nil, nil }, func(page []fleet.DID) error {
		for _, did := range page {
			all = append(all, did.ID)
		}
		more, err := w.d.Numbers.ChangedDIDs(ctx, page, began)
		changed = append(changed, more...)
		return err
	})
	if err != nil {
		return fmt.Errorf("reconcile: list DIDs: %w", err)
	}
	if err := w.d.Numbers.KeepDIDs(ctx, changed, all, began); err != nil {
		return fmt.Errorf("reconcile: keep DIDs: %w", err)
	}
	return nil
}
