package transport

import "cordboard/yeastar"

// pbxClass is what one errcode of a PBX means to us.
type pbxClass struct {
	class
	// stop: neither our credentials nor our address will be accepted by trying again, and trying
	// again gets the address blocked.
	stop bool
}

// The errcodes of a PBX that token calls and tests need by name.
const (
	pbxFailure      = -1
	pbxTokenExpired = 10004
	pbxMaxLimit     = 60002
)

// refused is a definite no of a PBX that says nothing more to us.
func refused(symbol string) pbxClass {
	return pbxClass{class: class{symbol: symbol, kind: yeastar.KindRefused}}
}

// pbxCodes is the table "Error Code and Error Message" of the P-Series API (pseries contract §3) with
// our reading of it. A code that is not here is a refusal.
var pbxCodes = map[int]pbxClass{
	-2:         {class: class{symbol: "INTERNAL SERVER ERROR", kind: yeastar.KindUnavailable, transient: true, open: true}},
	pbxFailure: refused("FAILURE"),
	1:          {class: class{symbol: "PARTIAL SUCCESS", kind: yeastar.KindPartial, open: true}},
	2:          {class: class{symbol: "PROCESSING", kind: yeastar.KindProcessing, open: true}},
	10001:      refused("INTERFACE NOT EXISTED"),
	10002:      refused("API VERSION OUT OF MAINTENANCE"),
	10003:      refused("API VERSION UNSUPPORTED"),
	// An expired token means that nothing was done.
	pbxTokenExpired: {class: class{symbol: "TOKEN EXPIRED", kind: yeastar.KindCredentials, reauth: true}},
	10005:           {class: class{symbol: "ACCESS DENIED", kind: yeastar.KindDenied}},
	10009:           {class: class{symbol: "OPERATION FAILED", kind: yeastar.KindDenied}},
	40001:           {class: class{symbol: "PARAMETER SYNTAX ERROR", kind: yeastar.KindInvalid}},
	40002:           {class: class{symbol: "PARAMETER ERROR", kind: yeastar.KindInvalid}},
	40003:           {class: class{symbol: "DUPLICATE KEY VALUE", kind: yeastar.KindConflict}},
	40004:           {class: class{symbol: "FILE SIZE EXCEEDED", kind: yeastar.KindInvalid}},
	60001:           {class: class{symbol: "DATA NOT FOUND", kind: yeastar.KindNotFound}},
	pbxMaxLimit:     refused("MAX LIMITATION EXCEEDED"),
	60101:           refused("ROLE NOT EXISTED"),
	70004:           {class: class{symbol: "ACCOUNT IP BLOCKED", kind: yeastar.KindDenied}, stop: true},
	// A long task is running: nothing was begun.
	70082: {class: class{symbol: "OVERLOAD_TASK_RUNNING", kind: yeastar.KindThrottled, transient: true}},
	70084: {class: class{symbol: "ACTION FORBIDDEN", kind: yeastar.KindDenied}},
	70087: {class: class{symbol: "IP FORBIDDEN", kind: yeastar.KindDenied}, stop: true},
	70091: refused("CONNECTION_RELATION_EXISTED"),
	70093: refused("PHONEBOOK_NOT_EXISTED"),
	70106: refused("RATE_NOT_EXISTED"),
	70120: refused("ORGANIZATION DISABLED"),
	70123: {class: class{symbol: "API UNAVAILABLE", kind: yeastar.KindDenied}, stop: true},
	70128: refused("CONTACTS_NOT_EXISTED"),
	70130: refused("CHANNEL ID NOT FOUND"),
	70132: refused("OPERATION NOT SUPPORTED"),
	70510: refused("MAX PARTICIPANTS EXCEEDED"),
	70514: refused("TRUNK NOT AVAILABLE"),
	70515: refused("TRUNK NOT EXISTED"),
}

// classifyPBX reads a failure in a PBX's envelope: its errcode first, the HTTP status where the
// errcode says nothing. Behind YCM an expired token is YCM's own session with the PBX, not ours, and
// a blocked address is YCM's.
func (c *Client) classifyPBX(code, status int) pbxClass {
	k, known := pbxCodes[code]
	if !known {
		k = pbxClass{class: byStatus(status)}
	}
	if status >= 500 {
		k.open = true
	}
	if c.direct {
		return k
	}
	if k.reauth {
		k.kind, k.transient = yeastar.KindUnavailable, true
	}
	k.reauth, k.stop = false, false
	return k
}
