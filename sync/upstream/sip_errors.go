package upstream

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/yeastar"
)

// partError is readError for a part of a PBX: that it is not found says nothing of the PBX or the trunk. A nil
// held means that no call was made, and the error is in our words already.
func (h *held) partError(op string, err error) error {
	err = h.readError(op, err)
	if e, ok := errors.AsType[*fleet.Error](err); ok && e.Kind == fleet.KindNotFound && h != nil {
		e.Kind, e.Msg = fleet.KindUnavailable, "The PBX says that it has no such list. Nothing of it was believed."
	}
	return err
}

// readError puts a failed call to a PBX into our words: what YCM said, what the PBX said, or that nobody
// answered, and what a person can do about it. A nil error stays nil, and one in our words as it is.
func (h *held) readError(op string, err error) error {
	y, ok := errors.AsType[*yeastar.Error](err)
	if _, ours := errors.AsType[*fleet.Error](err); ours || err == nil {
		return err
	}
	if !ok {
		return readError(op, err)
	}
	if h.access.Way == sip.Relay && !y.ByPBX {
		return relayError(op, y, err)
	}
	e := &fleet.Error{Op: op, Kind: fleet.KindUnavailable, Err: err, VendorCode: y.Code, VendorRequestID: y.RequestID}
	switch y.Kind {
	case yeastar.KindNotFound:
		e.Kind, e.Msg = fleet.KindNotFound, "The PBX says that it does not exist."
	case yeastar.KindCredentials, yeastar.KindStopped, yeastar.KindDenied:
		e.Kind, e.Msg = fleet.KindDenied, h.turnedAway(y)
	case yeastar.KindThrottled:
		e.Msg = "The PBX asks us to slow down: " + saidByPBX(y) + " Try again in a moment."
		if y.Code == 60002 || y.Sent == yeastar.SentNo && y.RetryAfter > 0 {
			e.Msg = fmt.Sprintf("All eight of the PBX's API tokens are in use by others. Cordboard asks again in %s.", y.RetryAfter.Round(time.Minute))
		}
	case yeastar.KindMalformed:
		e.Msg = "The PBX answered something that can't be understood, so nothing of it was believed."
	case yeastar.KindIncomplete:
		e.Msg = "The PBX's list kept changing while it was read, so nothing of it was believed."
	case yeastar.KindRefused, yeastar.KindConflict, yeastar.KindInvalid, yeastar.KindPartial, yeastar.KindProcessing:
		e.Kind, e.Msg = fleet.KindRefused, "The PBX said: "+saidByPBX(y)
	default:
		e.Msg = h.unreached(y)
	}
	return e
}

// relayError is what YCM itself said about a call to a PBX. What is wrong with our sign-in holds for every PBX;
// all the rest may be different on the direct way.
func relayError(op string, y *yeastar.Error, err error) error {
	const instead = " Or reach the PBX at its own address: set that under API access."
	e := &fleet.Error{Op: op, Kind: fleet.KindUnavailable, Err: err, VendorCode: y.Code, VendorRequestID: y.RequestID}
	switch y.Kind {
	case yeastar.KindCredentials, yeastar.KindStopped, yeastar.KindThrottled:
		return readError(op, err)
	case yeastar.KindDenied, yeastar.KindRefused, yeastar.KindInvalid, yeastar.KindNotFound, yeastar.KindConflict:
		e.Msg = "YCM does not pass calls on to this PBX: " + said(y) + " Enable the PBX's API in YCM." + instead
	case yeastar.KindMalformed, yeastar.KindIncomplete:
		e.Msg = "What came back through YCM can't be understood, so nothing of it was believed." + instead
	default:
		e.Msg = "The PBX can't be reached through YCM: " + said(y) + instead
	}
	return e
}

// turnedAway says why the PBX does not let us in, and where that is mended.
func (h *held) turnedAway(y *yeastar.Error) string {
	stopped := "" // through the relay nothing of ours is refused, so there is nothing to stop
	if h.access.Way == sip.Direct {
		stopped = " Cordboard stopped asking; test the access once it is mended."
	}
	switch y.Code {
	case -1:
		return "The PBX does not accept the client id and secret (Integrations > API)." + stopped + " Five refusals would block our address."
	case 70004:
		return "The PBX has blocked our address after refused sign-ins. Remove it there under Security > Security Rules > Blocked IPs." + stopped
	case 70087:
		return "Our address is not among those that the PBX's API allows (Integrations > API)." + stopped
	case 70123:
		return "The PBX's API is switched off, or not part of its plan (Integrations > API)." + stopped
	}
	if y.Kind == yeastar.KindDenied {
		return "The PBX does not allow this: " + saidByPBX(y)
	}
	return "The PBX does not accept our sign-in: " + saidByPBX(y) + stopped
}

// unreached says that nobody answered at a PBX's own address, and what about its certificate.
func (h *held) unreached(y *yeastar.Error) string {
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](y); untrusted || strings.Contains(y.Error(), "not the pinned one") {
		return "The certificate at " + h.access.BaseURL + " is not trusted. Give its SHA-256 or the certificate of its authority under API access."
	}
	if h.access.Way == sip.Relay {
		return "The PBX answered, through YCM: " + saidByPBX(y)
	}
	return "The PBX can't be reached at " + h.access.BaseURL + ": " + said(y)
}

// saidByPBX is the PBX's own words, with what it says of single parameters.
func saidByPBX(y *yeastar.Error) string {
	words := strings.TrimSuffix(said(y), ".")
	for _, p := range y.Params {
		words += "; " + p.Field
		for _, more := range []string{p.Rule, p.Value} {
			if more != "" {
				words += " " + more
			}
		}
	}
	for _, d := range y.Duplicates {
		words += fmt.Sprintf("; %s %q is taken by %s", d.Field, d.Value, strings.TrimSpace(d.Source+" "+d.SourceName))
	}
	return words + "."
}

// writeError puts a failed write into our words, by what is known of its fate: unavailable or invalid when the PBX
// certainly did nothing and may be asked again, refused when it said no, else unknown.
func (h *held) writeError(op string, err error) error {
	if ours, ok := errors.AsType[*fleet.Error](err); ok { // before anything was sent
		return &fleet.Error{Op: op, Kind: fleet.KindUnavailable, Msg: ours.Msg, Err: err}
	}
	y, ok := errors.AsType[*yeastar.Error](err)
	if !ok {
		return readError(op, err)
	}
	e := &fleet.Error{Op: op, Kind: fleet.KindUnknown, Msg: "The answer to the write was lost.", Err: err, VendorCode: y.Code, VendorRequestID: y.RequestID}
	words := message(h.readError(op, err))
	switch {
	case y.Kind == yeastar.KindInvalid && y.Sent == yeastar.SentNo:
		e.Kind, e.Msg = fleet.KindInvalid, "Cordboard refused to send this: "+said(y)
	case y.Sent == yeastar.SentNo, y.Sent == yeastar.SentAnswered && (!y.ByPBX || y.Kind == yeastar.KindThrottled):
		e.Kind, e.Msg = fleet.KindUnavailable, words
	case y.Sent == yeastar.SentAnswered:
		e.Kind, e.Msg = fleet.KindRefused, words
	case y.Kind == yeastar.KindPartial:
		e.Msg = "The PBX says that it did only a part of it: " + saidByPBX(y)
	case y.Kind == yeastar.KindProcessing:
		e.Msg = "The PBX says that it is still working on it: " + saidByPBX(y)
	case y.ByPBX && y.Code != 0:
		e.Msg = "The PBX said: " + saidByPBX(y)
	}
	return e
}
