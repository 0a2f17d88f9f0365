// Package batch makes the PBXs of one file: a job that begins one job for each PBX, a few at a time,
// and follows them to their ends. What makes a PBX exactly once is [change.Lifecycle]; a file that
// comes twice asks for the same PBXs, and gets the same jobs. It may import fleet, audit, job and change.
package batch
