package db

import (
	"context"
	"math"
	"strings"
	"unicode"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// Audit is one page of the record, newest first. A narrowed page's Total stops at [TotalLimit].
func (d *DB) Audit(ctx context.Context, f audit.Filter) (page fleet.Page[audit.Entry], err error) {
	limit := pageLimit(f.Page)
	at, seq := forever, forever
	if f.Page.After != "" {
		if err := readCursor(f.Page.After, &at, &seq); err != nil {
			return page, err
		}
	}
	q, ok := auditQueryOf(f)
	if !ok {
		return page, nil
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if page.Items, err = list(ctx, c, scanAudit, q.page, q.args(at, seq, limit+1)...); err != nil {
			return err
		}
		return c.row(ctx, q.total, q.args(forever, forever, TotalLimit)...).Scan(&page.Total)
	})
	if err != nil {
		return page, fail("Audit", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		last := page.Items[limit-1]
		page.Next = writeCursor(micros(last.At), last.Seq)
	}
	return page, nil
}

// CountAudit counts all rows that a filter leaves, up to the newest of this moment, which it tells too.
func (d *DB) CountAudit(ctx context.Context, f audit.Filter) (n int, head audit.Head, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if head, err = findAuditHead(ctx, c); err != nil {
			return err
		}
		f.UpTo = head.Seq
		q, ok := auditQueryOf(f)
		if !ok {
			return nil
		}
		return c.row(ctx, q.total, q.args(forever, forever, math.MaxInt64)...).Scan(&n)
	})
	return n, head, fail("CountAudit", err)
}

// auditQuery is how a filter is asked.
type auditQuery struct {
	page, total string
	f           audit.Filter
	words       string // for the index of words; empty: it is not asked
}

func (q auditQuery) args(at, seq, limit any) []any {
	to, upTo := forever, forever
	if !q.f.To.IsZero() {
		to = micros(q.f.To)
	}
	if q.f.UpTo != 0 {
		upTo = q.f.UpTo
	}
	args := []any{at, seq, micros(q.f.From), to, q.f.Actor, q.f.Action, int64(q.f.PBX), limit, string(q.f.Outcome), upTo}
	if q.words != "" {
		args = append(args, q.words)
	}
	return args
}

// auditQueryOf picks the index that narrows most: words with everything else, a PBX, an outcome that is
// seldom, a person, an act. Columns that are not asked for are compared with themselves. It answers
// false for words that no row can have.
func auditQueryOf(f audit.Filter) (auditQuery, bool) {
	q := auditQuery{f: f}
	switch {
	case f.Text != "":
		q.page, q.total, q.words = pageAuditOfWords, totalAuditOfWords, auditWords(f)
		return q, q.words != ""
	case f.PBX != 0:
		q.page, q.total = pageAuditOfPBX, totalAuditOfPBX
	case f.Outcome != "" && f.Outcome != audit.Succeeded && f.Outcome != audit.Intended:
		q.page, q.total = pageAuditOfOutcome, totalAuditOfOutcome
	case f.Actor != "":
		q.page, q.total = pageAuditOfActor, totalAuditOfActor
	case f.Action != "":
		q.page, q.total = pageAuditOfAction, totalAuditOfAction
	case f.Outcome != "":
		q.page, q.total = pageAuditOfOutcome, totalAuditOfOutcome
	case f.Narrowed():
		q.page, q.total = pageAudit, totalAuditInTime
	default:
		q.page, q.total = pageAudit, totalAudit
	}
	return q, true
}

// auditWords is what the index of words is asked: every word by its beginning, and beside them the
// columns that narrow, so that a common word of one person does not walk through everybody's rows.
func auditWords(f audit.Filter) string {
	var asked []string
	for _, word := range strings.Fields(f.Text) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			asked = append(asked, quoted(word)+" *")
		}
	}
	if len(asked) == 0 {
		return ""
	}
	column := func(name, value string) {
		if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			asked = append(asked, name+" : "+quoted(value))
		}
	}
	column("actor", f.Actor)
	column("action", f.Action)
	column("outcome", string(f.Outcome))
	if f.PBX != 0 {
		column("pbx", f.PBX.String())
	}
	return strings.Join(asked, " AND ")
}

// quoted is a text as FTS5 takes it: as words, and never as an operator.
func quoted(text string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(text, "\x00", " "), `"`, `""`) + `"`
}

const (
	auditKeys  = ` (at, seq) < (?1, ?2) AND at >= ?3 AND at < ?4 AND seq <= ?10`
	auditRest  = ` (?5 = '' OR actor = ?5) AND (?6 = '' OR action = ?6) AND (?9 = '' OR outcome = ?9) AND`
	auditNewer = ` ORDER BY at DESC, seq DESC LIMIT ?8`

	ofPBX     = ` FROM audit WHERE pbx_id = ?7 AND pbx_id <> 0 AND` + auditRest + auditKeys
	ofOutcome = ` FROM audit WHERE outcome = ?9 AND (?5 = '' OR actor = ?5) AND (?6 = '' OR action = ?6) AND` + auditKeys
	ofActor   = ` FROM audit WHERE actor = ?5 AND (?6 = '' OR action = ?6) AND (?9 = '' OR outcome = ?9) AND` + auditKeys
	ofAction  = ` FROM audit WHERE action = ?6 AND (?9 = '' OR outcome = ?9) AND` + auditKeys
	// Words are told in the order of the record, which the index keeps; that of times is the same but for clocks that were set.
	ofWords = ` FROM audit_fts w CROSS JOIN audit a ON a.seq = w.rowid WHERE audit_fts MATCH ?11 AND w.rowid < ?2 AND w.rowid <= ?10
		AND a.at >= ?3 AND a.at < ?4 AND (?5 = '' OR a.actor = ?5) AND (?6 = '' OR a.action = ?6) AND (?7 = 0 OR a.pbx_id = ?7) AND (?9 = '' OR a.outcome = ?9)`

	pageAudit          = `SELECT ` + auditColumns + ` FROM audit WHERE` + auditKeys + auditNewer
	pageAuditOfPBX     = `SELECT ` + auditColumns + ofPBX + auditNewer
	pageAuditOfOutcome = `SELECT ` + auditColumns + ofOutcome + auditNewer
	pageAuditOfActor   = `SELECT ` + auditColumns + ofActor + auditNewer
	pageAuditOfAction  = `SELECT ` + auditColumns + ofAction + auditNewer
	pageAuditOfWords   = `SELECT a.seq, a.at, a.actor, a.action, a.target, a.pbx_id, a.plan_id, a.outcome, a.reason, a.before, a.after,
		a.vendor_request_id, a.ip, a.prev, a.hash` + ofWords + ` ORDER BY w.rowid DESC LIMIT ?8`

	// No row ever leaves, so the newest number is how many there are.
	totalAudit          = `SELECT coalesce(max(seq), 0) FROM audit WHERE seq <= ?10`
	totalAuditInTime    = `SELECT count(*) FROM (SELECT 1 FROM audit WHERE` + auditKeys + ` LIMIT ?8)`
	totalAuditOfPBX     = `SELECT count(*) FROM (SELECT 1` + ofPBX + ` LIMIT ?8)`
	totalAuditOfOutcome = `SELECT count(*) FROM (SELECT 1` + ofOutcome + ` LIMIT ?8)`
	totalAuditOfActor   = `SELECT count(*) FROM (SELECT 1` + ofActor + ` LIMIT ?8)`
	totalAuditOfAction  = `SELECT count(*) FROM (SELECT 1` + ofAction + ` LIMIT ?8)`
	totalAuditOfWords   = `SELECT count(*) FROM (SELECT 1` + ofWords + ` LIMIT ?8)`
)

// AuditNames are everybody who ever did something, and every act that was ever done.
func (d *DB) AuditNames(ctx context.Context) (actors, actions []string, err error) {
	text := func(s scanner) (t string, err error) { return t, s.Scan(&t) }
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if actors, err = list(ctx, c, text, pageAuditActors); err != nil {
			return err
		}
		actions, err = list(ctx, c, text, pageAuditActions)
		return err
	})
	return actors, actions, fail("AuditNames", err)
}

// Both hop from one name to the next in the index, so that they cost as much as there are names. Whoever has more
// has the filter by words.
const (
	pageAuditActors = `WITH RECURSIVE n (name) AS (SELECT min(actor) FROM audit
		UNION ALL SELECT (SELECT min(actor) FROM audit WHERE actor > n.name) FROM n WHERE n.name IS NOT NULL) SELECT name FROM n WHERE name IS NOT NULL LIMIT 200`
	pageAuditActions = `WITH RECURSIVE n (name) AS (SELECT min(action) FROM audit
		UNION ALL SELECT (SELECT min(action) FROM audit WHERE action > n.name) FROM n WHERE n.name IS NOT NULL) SELECT name FROM n WHERE name IS NOT NULL LIMIT 200`
)
