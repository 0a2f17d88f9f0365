package settings

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

// Yeastar blocks an address after five refused sign-ins, for everybody who works from there. Three in a while
// are ours; the rest is left to those who mistype in YCM itself.
const (
	mostRefused = 3
	refusedFor  = 10 * time.Minute
)

// tries remembers the sign-ins that were refused lately.
type tries struct{ refused []time.Time }

// wait is how long no further sign-in should be tried.
func (t *tries) wait(now time.Time) time.Duration {
	for len(t.refused) > 0 && now.Sub(t.refused[0]) >= refusedFor {
		t.refused = t.refused[1:]
	}
	if len(t.refused) < mostRefused {
		return 0
	}
	return refusedFor - now.Sub(t.refused[0])
}

// try looks at YCM with a connection; the caller holds mu.
func (b *Book) try(ctx context.Context, op string, y Yeastar) (fleet.Account, error) {
	if wait := b.tries.wait(b.d.Now()); wait > 0 {
		return fleet.Account{}, fleet.Invalid(op, "Nothing was sent.", fleet.Field{Name: string(ClientSecret), Rule: fmt.Sprintf(
			"Yeastar refused %d sign-ins in the last minutes, and blocks an address after five. Try again in %s, with the right secret.", mostRefused, wait.Round(time.Minute)+time.Minute)})
	}
	account, err := b.d.Try(ctx, y)
	if err != nil && fleet.KindOf(err) == fleet.KindDenied {
		b.tries.refused = append(b.tries.refused, b.d.Now())
	}
	return account, failed(op, err)
}

// failed is why a connection can't be used, at the field that is to be corrected. A nil error stays nil.
func failed(op string, err error) error {
	e, ok := errors.AsType[*fleet.Error](err)
	if !ok {
		return err
	}
	field := BaseURL
	if e.Kind == fleet.KindDenied {
		field = ClientSecret
	}
	bad := fleet.Field{Name: string(field), Rule: e.Msg}
	return &fleet.Error{Kind: fleet.KindInvalid, Op: op, Msg: "YCM can't be used with this connection. Nothing was changed.", Fields: []fleet.Field{bad},
		VendorCode: e.VendorCode, VendorRequestID: e.VendorRequestID, Err: err}
}
