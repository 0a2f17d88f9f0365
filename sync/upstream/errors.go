package upstream

import (
	"cmp"
	"errors"
	"fmt"

	"cordboard/sync/fleet"
	"cordboard/yeastar"
)

// readError puts a failed read into our words. A nil error stays nil.
func readError(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &fleet.Error{Op: op, Kind: fleet.KindUnavailable, Err: err}
	y, ok := errors.AsType[*yeastar.Error](err)
	if !ok {
		e.Kind, e.Msg = fleet.KindInternal, "Something unexpected happened while Yeastar was asked."
		return e
	}
	e.VendorCode, e.VendorRequestID = y.Code, y.RequestID
	switch y.Kind {
	case yeastar.KindNotFound:
		e.Kind, e.Msg = fleet.KindNotFound, "Yeastar says that it does not exist."
	case yeastar.KindCredentials, yeastar.KindStopped:
		e.ForAll = true
		e.Kind, e.Msg = fleet.KindDenied, "Yeastar does not accept our client id and secret. Cordboard stopped asking, so that the address is not blocked."
	case yeastar.KindDenied:
		e.Kind, e.Msg = fleet.KindDenied, "Yeastar denies this to our account: "+said(y)
	case yeastar.KindThrottled:
		e.ForAll, e.Msg = true, "Yeastar asks us to slow down. Try again in a moment."
	case yeastar.KindMalformed:
		e.Msg = "Yeastar answered something that can't be understood, so nothing of it was believed."
	case yeastar.KindIncomplete:
		e.Msg = "Yeastar's list kept changing while it was read, so nothing of it was believed."
	case yeastar.KindRefused, yeastar.KindConflict, yeastar.KindInvalid:
		e.Kind, e.Msg = fleet.KindRefused, "Yeastar said: "+said(y)
	default:
		e.Msg = "Yeastar can't be reached: " + said(y)
	}
	return e
}

// partError is readError for a part of what was asked: that it is not found does not prove that the
// whole, such as the PBX, is gone.
func partError(op string, err error) error {
	err = readError(op, err)
	if e, ok := errors.AsType[*fleet.Error](err); ok && e.Kind == fleet.KindNotFound {
		e.Kind, e.Msg = fleet.KindUnavailable, "Yeastar says that it has no list of these numbers or trunks. Nothing of it was believed."
	}
	return err
}

// writeError puts a failed write into our words, by what is known of its fate: unavailable or
// invalid when it was certainly not sent, refused when the vendor said no, else unknown.
func writeError(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &fleet.Error{Op: op, Kind: fleet.KindUnknown, Msg: "The answer to the write was lost.", Err: err}
	y, ok := errors.AsType[*yeastar.Error](err)
	if !ok {
		return e
	}
	e.VendorCode, e.VendorRequestID = y.Code, y.RequestID
	switch y.Sent {
	case yeastar.SentNo:
		e.Kind, e.Msg = fleet.KindUnavailable, message(readError(op, err))
		if y.Kind == yeastar.KindInvalid {
			e.Kind, e.Msg = fleet.KindInvalid, "Cordboard refused to send this: "+said(y)
		}
	case yeastar.SentAnswered:
		e.Kind, e.Msg = fleet.KindRefused, "Yeastar said: "+said(y)
	case yeastar.SentUnknown:
	}
	return e
}

func message(err error) string { return fleet.Words(err, err.Error()) }

// said is the vendor's own words, with its code.
func said(y *yeastar.Error) string {
	words := cmp.Or(y.Msg, y.Symbol, y.Kind.String())
	if y.Detail != "" && y.Detail != words {
		words += " (" + y.Detail + ")"
	}
	if y.Code != 0 {
		words += fmt.Sprintf(", code %d", y.Code)
	}
	return words + "."
}
