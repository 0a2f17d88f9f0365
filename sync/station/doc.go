// Package station is everything below the web, wired: database, ledger, writer, intake and sync
// worker. Package main starts one, and so do the tests, so that what is tested is what runs. It
// may import db, yeastar and everything in sync.
package station
