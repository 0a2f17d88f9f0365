package yeastartest

// Vendor error codes that the simulator answers with (vendor page: Error Code).
const (
	CodeServerError      = 1000001
	CodeAuthFailed       = 1000002
	CodeInvalidParameter = 1000004
	CodeNotFound         = 1000005
	CodeAlreadyExists    = 1000007
	CodeInvalidClient    = 1000033
	CodeTokenExpired     = 1000035
	CodeInvalidToken     = 1000036
	CodeRateLimit        = 1000040
	CodeAccessDenied     = 1000042
	CodePermissionDenied = 1000043
	CodeRequestFailed    = 3000009
	CodeEmailExists      = 1000019
	CodeUserActivated    = 3000025
)

var symbols = map[int]string{
	CodeServerError:      "SERVER_ERROR",
	CodeAuthFailed:       "AUTHENTICATION_FAILED",
	CodeInvalidParameter: "INVALID_PARAMETER",
	CodeNotFound:         "DATA_NOT_FOUND",
	CodeAlreadyExists:    "DATA_ALREADY_EXISTS",
	1000011:              "SESSION_EXPIRED",
	1000012:              "DATABASE_ERROR",
	1000030:              "LOCK_HAS_RELEASED_BY_OTHER_THREAD",
	CodeInvalidClient:    "INVALID_CLIENT",
	CodeTokenExpired:     "TOKEN_EXPIRED",
	CodeInvalidToken:     "INVALID_TOKEN",
	CodeRateLimit:        "RATE_LIMIT_EXCEEDED",
	CodeAccessDenied:     "ACCESS_DENIED",
	CodePermissionDenied: "PERMISSION_DENIED",
	CodeRequestFailed:    "API_REQUEST_FAILED",
	CodeEmailExists:      "EMAIL_ADDRESS_ALREADY_EXISTS",
	CodeUserActivated:    "USER_HAS_BEEN_ACTIVATED",
}

// httpStatus is the HTTP status that goes with a vendor code (row 2).
func httpStatus(code int) int {
	switch code {
	case CodeAuthFailed, CodeInvalidClient, CodeTokenExpired, CodeInvalidToken:
		return 401
	case CodeRateLimit:
		return 429
	case CodeNotFound:
		return 404
	default:
		return 400
	}
}
