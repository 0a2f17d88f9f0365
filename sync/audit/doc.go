// Package audit is the record of who did what to which PBX and how it ended: entries, their
// outcomes, and the hash chain that makes tampering show. It may import fleet and team.
package audit
