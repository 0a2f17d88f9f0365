package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/notify"
)

// DriftedPBXs are all PBXs with an open drift, gone ones included: their deletion is one.
func (d *DB) DriftedPBXs(ctx context.Context) (rows []fleet.PBXRow, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		rows, err = list(ctx, c, scanPBX, selectDrifted)
		return err
	})
	return rows, fail("DriftedPBXs", err)
}

const selectDrifted = `SELECT ` + pbxColumns + ` FROM pbx WHERE drift_at > 0 ORDER BY drift_at, id`

// PlanTroubles are plans of unknown fate, and diverged ones made since that no other plan of the
// same PBX was sent after.
func (d *DB) PlanTroubles(ctx context.Context, since time.Time) (troubles []notify.PlanTrouble, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		troubles, err = list(ctx, c, scanTrouble, selectTroubles, micros(since))
		return err
	})
	return troubles, fail("PlanTroubles", err)
}

const (
	troubleColumns = `w.id, w.pbx_id, p.name, w.status = 'diverged', coalesce(json_extract(nullif(w.outcome, ''), '$.Sentence'), ''), w.sent_at, p.drift_at > 0 AND p.gone_at = 0`
	selectTroubles = `SELECT ` + troubleColumns + ` FROM plan w JOIN pbx p ON p.id = w.pbx_id WHERE w.status = 'unknown' AND w.sent_at > 0
		UNION ALL SELECT ` + troubleColumns + ` FROM plan w JOIN pbx p ON p.id = w.pbx_id WHERE w.status = 'diverged' AND w.created_at >= ?1
		AND NOT EXISTS (SELECT 1 FROM plan later WHERE later.pbx_id = w.pbx_id AND later.sent_at > 0 AND later.sent_at > w.sent_at)`
)

func scanTrouble(s scanner) (t notify.PlanTrouble, err error) {
	var sent int64
	err = s.Scan(&t.Plan, &t.PBX, &t.PBXName, &t.Diverged, &t.Sentence, &sent, &t.Drifted)
	t.SentAt = moment(sent)
	return t, err
}

const noticeColumns = `id, key, kind, pbx_id, subject, title, sentence, path, since, opened_at, told_at, closed_at`

func scanNotice(s scanner) (n notify.Notice, err error) {
	var since, opened, told, closed int64
	err = s.Scan(&n.ID, &n.Key, &n.Kind, &n.PBX, &n.Subject, &n.Title, &n.Sentence, &n.Path, &since, &opened, &told, &closed)
	n.Since, n.OpenedAt, n.ToldAt, n.ClosedAt = moment(since), moment(opened), moment(told), moment(closed)
	return n, err
}

// OpenNotices are those whose condition held when it was judged last.
func (d *DB) OpenNotices(ctx context.Context) (open []notify.Notice, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		open, err = list(ctx, c, scanNotice, selectOpenNotices)
		return err
	})
	return open, fail("OpenNotices", err)
}

// Notices are the newest notices, open and closed.
func (d *DB) Notices(ctx context.Context, limit int) (recent []notify.Notice, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		recent, err = list(ctx, c, scanNotice, pageNotices, limit)
		return err
	})
	return recent, fail("Notices", err)
}

const (
	selectOpenNotices = `SELECT ` + noticeColumns + ` FROM notice WHERE closed_at = 0`
	pageNotices       = `SELECT ` + noticeColumns + ` FROM notice ORDER BY id DESC LIMIT ?`
	insertNotice      = `INSERT INTO notice (key, kind, pbx_id, subject, title, sentence, path, since, opened_at, told_at, closed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateNotice = `UPDATE notice SET key = ?, kind = ?, pbx_id = ?, subject = ?, title = ?, sentence = ?, path = ?, since = ?, opened_at = ?,
		told_at = ?, closed_at = ? WHERE id = ?`
)

// KeepSteps stores steps and the messages that tell them, all or none. A message that something is
// over goes to the channels alone that were told of it.
func (d *DB) KeepSteps(ctx context.Context, steps []notify.Kept) error {
	return fail("KeepSteps", d.write(ctx, func(ctx context.Context, c *conn) error {
		for _, s := range steps {
			id, err := keepNotice(ctx, c, s.Notice)
			if err != nil {
				return fmt.Errorf("notice %s: %w", s.Notice.Key, err)
			}
			for _, m := range s.Messages {
				m.Notice = id
				if m.Event == notify.Closed {
					var told bool
					if err := c.row(ctx, wasTold, id, string(m.Channel)).Scan(&told); err != nil {
						return err
					}
					if !told {
						continue
					}
				}
				if err := addMessage(ctx, c, m); err != nil {
					return fmt.Errorf("message %s: %w", m.ID, err)
				}
			}
		}
		return nil
	}))
}

const wasTold = `SELECT EXISTS (SELECT 1 FROM notice_message WHERE notice_id = ? AND channel = ?)`

func keepNotice(ctx context.Context, c *conn, n notify.Notice) (int64, error) {
	row := []any{n.Key, string(n.Kind), int64(n.PBX), n.Subject, n.Title, n.Sentence, n.Path, micros(n.Since), micros(n.OpenedAt), micros(n.ToldAt), micros(n.ClosedAt)}
	if n.ID == 0 {
		return c.insert(ctx, insertNotice, row...)
	}
	_, err := c.exec(ctx, updateNotice, append(row, n.ID)...)
	return n.ID, err
}

func addMessage(ctx context.Context, c *conn, m notify.Posted) error {
	doc, err := json.Marshal(m.Message)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, insertMessage, m.ID, m.Notice, string(m.Channel), string(m.Event), string(doc), string(m.State), micros(m.MadeAt),
		m.Attempts, micros(m.NextAt), micros(m.EndedAt), m.Answer)
	return err
}

const (
	insertMessage = `INSERT INTO notice_message (id, notice_id, channel, event, doc, state, made_at, attempts, next_at, ended_at, answer)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateMessage  = `UPDATE notice_message SET state = ?, attempts = ?, next_at = ?, ended_at = ?, answer = ? WHERE seq = ?`
	messageColumns = `m.seq, m.notice_id, m.channel, m.doc, m.state, m.made_at, m.attempts, m.next_at, m.ended_at, m.answer`
	pageDue        = `SELECT ` + messageColumns + ` FROM notice_message m WHERE m.channel = ?1 AND m.state = 'waiting' AND m.next_at <= ?2
		AND NOT EXISTS (SELECT 1 FROM notice_message e WHERE e.notice_id = m.notice_id AND e.channel = m.channel AND e.seq < m.seq AND e.state = 'waiting')
		ORDER BY m.next_at LIMIT ?3`
	selectMessagesOf = `SELECT ` + messageColumns + ` FROM notice_message m WHERE m.notice_id = ? ORDER BY m.seq`
	selectLastTest   = `SELECT ` + messageColumns + ` FROM notice_message m WHERE m.notice_id = 0 AND m.channel = ? ORDER BY m.seq DESC LIMIT 1`
)

func scanMessage(s scanner) (p notify.Posted, err error) {
	var doc string
	var made, next, ended int64
	if err := s.Scan(&p.Seq, &p.Notice, &p.Channel, &doc, &p.State, &made, &p.Attempts, &next, &ended, &p.Answer); err != nil {
		return p, err
	}
	p.MadeAt, p.NextAt, p.EndedAt = moment(made), moment(next), moment(ended)
	return p, json.Unmarshal([]byte(doc), &p.Message)
}

// DueMessages are waiting messages of a channel whose time has come, the longest due first; none
// that follows one of the same notice which still waits.
func (d *DB) DueMessages(ctx context.Context, ch notify.Channel, now time.Time, limit int) (due []notify.Posted, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		due, err = list(ctx, c, scanMessage, pageDue, string(ch), micros(now), limit)
		return err
	})
	return due, fail("DueMessages", err)
}

// KeepMessage stores what became of an attempt. One without a number is new: a test, with its audit
// entry.
func (d *DB) KeepMessage(ctx context.Context, p notify.Posted, e *audit.Entry) error {
	return fail("KeepMessage", d.write(ctx, func(ctx context.Context, c *conn) (err error) {
		if p.Seq == 0 {
			err = addMessage(ctx, c, p)
		} else {
			_, err = c.exec(ctx, updateMessage, string(p.State), p.Attempts, micros(p.NextAt), micros(p.EndedAt), p.Answer, p.Seq)
		}
		if err != nil || e == nil {
			return err
		}
		return appendAudit(ctx, c, *e)
	}))
}

// MessagesOf are the messages of a notice, oldest first.
func (d *DB) MessagesOf(ctx context.Context, notice int64) (messages []notify.Posted, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		messages, err = list(ctx, c, scanMessage, selectMessagesOf, notice)
		return err
	})
	return messages, fail("MessagesOf", err)
}

// LastTest is the newest test of a channel, or nothing.
func (d *DB) LastTest(ctx context.Context, ch notify.Channel) (tests []notify.Posted, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		tests, err = list(ctx, c, scanMessage, selectLastTest, string(ch))
		return err
	})
	return tests, fail("LastTest", err)
}

// KeepSetting stores a value with its audit entry. Secrets come sealed.
func (d *DB) KeepSetting(ctx context.Context, key string, value []byte, e audit.Entry) error {
	return fail("KeepSetting", d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := saveSetting(ctx, c, key, value); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}
