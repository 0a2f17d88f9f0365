// Package wire holds the lenient JSON types of the vendor's edge: ids, counts,
// times, texts and switches that the vendor spells in several ways. Beyond this
// edge there are only int64, time.Time in UTC, string and bool.
//
// It may import the standard library only.
package wire
