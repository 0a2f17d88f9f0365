// Package upstream is the one place that knows both the vendor's packages and ours: it turns
// yeastar/* calls, ids, times and errors into the vocabulary of fleet. It may import fleet,
// ingest's ports and yeastar/*, never the database or the web.
package upstream
