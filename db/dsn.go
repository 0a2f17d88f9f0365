package db

import (
	"net/url"
	"path/filepath"
	"slices"
)

// A pragma run on a pool reaches one connection only, so all of them stand in the DSN, which the
// driver applies to every connection it opens. busy_timeout comes first: switching to WAL may
// already have to wait for another process.
var everyConnection = []string{
	"busy_timeout(5000)",
	"journal_mode(WAL)",
	"synchronous(FULL)", // NORMAL loses what was answered when the power fails
	"foreign_keys(1)",
	"temp_store(MEMORY)", // the container has a read-only root and no /tmp
	"cache_size(-4000)",
	"trusted_schema(0)",
}

// writerDSN is for the one connection that writes.
func writerDSN(path string) string {
	return dsn(path, append(slices.Clone(everyConnection), "journal_size_limit(67108864)"), "immediate")
}

// readerDSN is for connections that only read.
func readerDSN(path string) string {
	return dsn(path, append(slices.Clone(everyConnection), "query_only(1)"), "deferred")
}

func dsn(path string, pragmas []string, lock string) string {
	q := url.Values{"_txlock": {lock}, "_pragma": pragmas}
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + q.Encode()
}
