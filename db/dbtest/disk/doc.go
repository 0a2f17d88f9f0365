// Package disk stands between SQLite and the file system in tests: a disk that is full, that fails, and that
// forgets at a power cut what was written and never synced. It is a VFS around SQLite's own.
// It imports nothing of ours.
package disk
