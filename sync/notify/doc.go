// Package notify tells people outside of Cordboard what should not wait until somebody looks: drift,
// a PBX without numbers, a broken webhook path, a write whose fate is open, a refused sign-in. What
// holds now is compared with what was told; the decision is pure, the senders are thin. It may import
// fleet, audit and seal.
package notify
