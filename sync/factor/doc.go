// Package factor is the second factor of a sign-in: codes that an app on the phone makes (TOTP,
// RFC 6238), and recovery codes for the day the phone is lost.
//
// The secret is sealed before it is stored, a time step counts once, and of recovery codes only
// hashes are kept. Throttling tries is for whoever asks.
package factor
