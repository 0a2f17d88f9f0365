// Package observe reads one PBX from the cloud and brings the pair ledger up to date with what
// the reading proves. Plans and the sync worker both look through it, so that both believe the
// same. It cannot write to the cloud. It may import fleet only.
package observe
