// Package dbtest gives tests the real thing: a migrated database file in a temporary folder. It
// may import db.
package dbtest
