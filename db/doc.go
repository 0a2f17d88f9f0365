// Package db keeps Cordboard's record in one SQLite file: the pair ledger and the exact history
// of every PBX, the webhook inbox, plans, the audit chain, the catalogue of PBXs, numbers and
// trunks, and who may sign in.
//
// One connection writes, several read. Whoever waits to write at the same moment shares one
// transaction and one fsync ([DB] calls it a group commit); nothing is answered before it.
// Methods are safe for concurrent use. Errors that a person can do something about are
// [fleet.Error]: unavailable (disk full, locked, read-only), not found, conflict, invalid.
//
// It may import sync/fleet, sync/team, sync/plan and sync/audit; never the vendor's side or web.
package db
