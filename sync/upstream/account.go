package upstream

import (
	"context"
	"errors"

	"cordboard/sync/fleet"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
)

// Look tells what a client sees of its account that nobody uses yet: the shortest lists, and whether it knows
// PBXs that are on record. The first call signs in, once: what fails then fails for everything.
func Look(ctx context.Context, client *ycm.Client, record []fleet.PBXID) (fleet.Account, error) {
	const op = "upstream.Look"
	regions, err := client.Regions(ctx)
	if err != nil {
		return fleet.Account{}, lookError(op, err)
	}
	a := fleet.Account{Asked: len(record)}
	for _, r := range regions {
		a.Regions = append(a.Regions, r.Name)
	}
	trunks, err := client.AvailableTrunks(ctx)
	if err != nil {
		return a, lookError(op, err)
	}
	a.Trunks = len(trunks)
	if a.PBXs, err = client.CountPBXs(ctx); err != nil {
		return a, lookError(op, err)
	}
	if a.Numbers, err = client.CountDIDs(ctx); err != nil {
		return a, lookError(op, err)
	}
	for _, id := range record {
		_, err := client.PBX(ctx, int64(id))
		switch kind := yeastar.KindOf(err); {
		case err == nil:
			a.Ours++
		case kind == yeastar.KindNotFound || kind == yeastar.KindDenied || kind == yeastar.KindRefused:
		default:
			return a, lookError(op, err)
		}
	}
	a.ClockOffset = client.ClockOffset()
	return a, nil
}

// lookError is readError for a connection that is being tried: nothing was stopped by it.
func lookError(op string, err error) error {
	y, ok := errors.AsType[*yeastar.Error](err)
	err = readError(op, err)
	e, isOurs := errors.AsType[*fleet.Error](err)
	switch {
	case !ok || !isOurs:
	case y.Kind == yeastar.KindCredentials || y.Kind == yeastar.KindStopped:
		e.Kind, e.Msg = fleet.KindDenied, "Yeastar refused the sign-in: "+said(y)
	case y.Kind == yeastar.KindNotFound:
		e.Kind, e.Msg = fleet.KindUnavailable, "Something answers there, but it is not YCM's Open API: "+said(y)
	case y.Kind == yeastar.KindMalformed:
		e.Msg = "What answers there does not speak as YCM's Open API does: " + said(y)
	}
	return err
}
