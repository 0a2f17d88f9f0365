// Package form decodes what browsers send: form bodies and query strings become typed ids, times
// and pages, and whatever breaks a rule becomes a [fleet.Field] that the page can show. It reads
// values that were parsed from one place at a time (the body or the query, never both), so that a
// body can't override what a path said. It may import fleet, sip and settings.
package form
