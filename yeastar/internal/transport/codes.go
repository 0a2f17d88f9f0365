package transport

import (
	"net/http"

	"cordboard/yeastar"
)

// class is what one vendor code, or one HTTP status, means to us.
type class struct {
	symbol string
	kind   yeastar.Kind
	// reauth: the token was rejected; on a token call the credentials were.
	reauth bool
	// transient: a read may be tried again.
	transient bool
	// open: the fate of a write that got this answer is not known; read back.
	open bool
}

// codes is the vendor's table "Error Code" (contract §2.3) with our reading of
// it. A code that is not here is a refusal, unless the HTTP status says more.
var codes = map[int]class{
	1000001: {symbol: "SERVER_ERROR", kind: yeastar.KindUnavailable, transient: true, open: true},
	1000002: {symbol: "AUTHENTICATION_FAILED", kind: yeastar.KindCredentials, reauth: true},
	1000004: {symbol: "INVALID_PARAMETER", kind: yeastar.KindInvalid},
	1000005: {symbol: "DATA_NOT_FOUND", kind: yeastar.KindNotFound},
	1000007: {symbol: "DATA_ALREADY_EXISTS", kind: yeastar.KindConflict},
	1000008: {symbol: "UPLOAD_FILE_FAILED", kind: yeastar.KindRefused},
	1000010: {symbol: "INVALID_VERIFICATION_CODE", kind: yeastar.KindRefused},
	1000011: {symbol: "SESSION_EXPIRED", kind: yeastar.KindCredentials, reauth: true},
	1000012: {symbol: "DATABASE_ERROR", kind: yeastar.KindUnavailable, transient: true, open: true},
	1000013: {symbol: "EMAIL_LOAD_FAILED", kind: yeastar.KindRefused},
	1000015: {symbol: "USER_NOT_FOUND", kind: yeastar.KindRefused},
	1000017: {symbol: "SEND_TEST_EMAIL_FAILED", kind: yeastar.KindRefused},
	1000018: {symbol: "ILLEGAL_WEBSOCKET_SUBSCRIPTION", kind: yeastar.KindRefused},
	1000019: {symbol: "EMAIL_ADDRESS_ALREADY_EXISTS", kind: yeastar.KindRefused},
	1000024: {symbol: "CONFIGURATION_FILE_NOT_FOUND", kind: yeastar.KindRefused},
	1000027: {symbol: "CMD_EXEC_ERROR", kind: yeastar.KindRefused, open: true},
	1000028: {symbol: "EMAIL_TEMPLATE_NOT_FOUND", kind: yeastar.KindRefused},
	1000029: {symbol: "SEND_EMAIL_FAILED", kind: yeastar.KindRefused},
	1000030: {symbol: "LOCK_HAS_RELEASED_BY_OTHER_THREAD", kind: yeastar.KindConflict, transient: true, open: true},
	1000031: {symbol: "INVALID_LOCK_TIME", kind: yeastar.KindRefused},
	1000033: {symbol: "INVALID_CLIENT", kind: yeastar.KindCredentials, reauth: true},
	1000035: {symbol: "TOKEN_EXPIRED", kind: yeastar.KindCredentials, reauth: true},
	1000036: {symbol: "INVALID_TOKEN", kind: yeastar.KindCredentials, reauth: true},
	1000040: {symbol: "RATE_LIMIT_EXCEEDED", kind: yeastar.KindThrottled, transient: true},
	1000042: {symbol: "ACCESS_DENIED", kind: yeastar.KindDenied},
	1000043: {symbol: "PERMISSION_DENIED", kind: yeastar.KindDenied},
	1000053: {symbol: "TOTP_ENABLE_ERROR", kind: yeastar.KindRefused},
	1000055: {symbol: "TOTP_CHECK_PASSWORD_TOKEN_ERROR", kind: yeastar.KindRefused},
	2000016: {symbol: "DEVICE_NO_ACTIVE_ERROR", kind: yeastar.KindRefused},
	2000024: {symbol: "DEVICE_MODEL_NOT_SUPPORT", kind: yeastar.KindRefused},
	3000009: {symbol: "API_REQUEST_FAILED", kind: yeastar.KindUnavailable, transient: true, open: true},
	3000014: {symbol: "USER_ASSOCIATED_CLOUD_PBX", kind: yeastar.KindRefused},
	3000025: {symbol: "USER_HAS_BEEN_ACTIVATED", kind: yeastar.KindRefused},
	// The symbol of 3000028 is cut off in the stored page.
	3000028: {symbol: "INVALID_HIGH_AVAILABILITY", kind: yeastar.KindRefused},
}

// classify reads a failure that came in the vendor's own envelope: the code
// first, the HTTP status where the code says nothing. It never trusts a 5xx to
// be the end of a write, whatever the code.
func classify(code, status int) class {
	c, known := codes[code]
	if !known {
		c = byStatus(status)
	}
	if status >= http.StatusInternalServerError {
		c.open = true
	}
	if status == http.StatusUnauthorized && c.kind != yeastar.KindDenied {
		c.reauth = true
	}
	return c
}

// byStatus reads a failure by its HTTP status alone.
func byStatus(status int) class {
	switch {
	case status == http.StatusUnauthorized:
		return class{kind: yeastar.KindCredentials, reauth: true}
	case status == http.StatusForbidden:
		return class{kind: yeastar.KindDenied}
	case status == http.StatusNotFound:
		return class{kind: yeastar.KindNotFound}
	case status == http.StatusConflict:
		return class{kind: yeastar.KindConflict}
	case status == http.StatusTooManyRequests:
		return class{kind: yeastar.KindThrottled, transient: true}
	case status == http.StatusRequestTimeout:
		return class{kind: yeastar.KindUnavailable, transient: true, open: true}
	case status >= http.StatusInternalServerError:
		return class{kind: yeastar.KindUnavailable, transient: true, open: true}
	default:
		return class{kind: yeastar.KindRefused}
	}
}
