// Package plan turns "what I want" into a whole desired set of bindings that a person can read
// before anything is sent, and says what it would cost. YCM's call replaces everything (seed
// 000), so whatever is not named is copied into the desired set.
//
// It is pure: no clock, no database, no log. It may import fleet only.
package plan
