package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// AddJob stores a new job with its audit entries. When a job with the same key exists, that one is
// answered and nothing is stored.
func (d *DB) AddJob(ctx context.Context, j job.Job, acts ...audit.Entry) (stored job.Job, added bool, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		added = false
		var id string
		err := c.row(ctx, findJobByKey, j.Key).Scan(&id)
		if err == nil {
			stored, err = findJob(ctx, c, job.ID(id))
			return err
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		steps, err := json.Marshal(j.Steps)
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, insertJob, string(j.ID), string(j.Kind), string(j.State), j.Key, j.Title, j.Sentence, j.Author, j.IP, int64(j.PBX),
			micros(j.CreatedAt), string(steps), string(j.Doc))
		if err != nil {
			return err
		}
		stored, added = j, true
		for _, e := range acts {
			if err := appendAudit(ctx, c, e); err != nil {
				return err
			}
		}
		return nil
	})
	return stored, added, fail("AddJob", err)
}

const (
	findJobByKey = `SELECT id FROM job WHERE key = ?`
	insertJob    = `INSERT INTO job (id, kind, state, key, title, sentence, author, ip, pbx_id, created_at, steps, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// KeepJob stores how far a job is, and in the same transaction what a person did to it.
func (d *DB) KeepJob(ctx context.Context, j job.Job, acts ...audit.Entry) error {
	steps, err := json.Marshal(j.Steps)
	if err != nil {
		return fail("KeepJob", err)
	}
	return fail("KeepJob", d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, updateJob, string(j.State), j.Title, j.Sentence, int64(j.PBX), micros(j.EndedAt), string(steps), string(j.Doc), string(j.ID))
		if err == nil && n == 0 {
			err = fleet.NotFound("db.KeepJob", "The job")
		}
		for _, e := range acts {
			if err == nil {
				err = appendAudit(ctx, c, e)
			}
		}
		return err
	}))
}

const updateJob = `UPDATE job SET state = ?, title = ?, sentence = ?, pbx_id = ?, ended_at = ?, steps = ?, doc = ? WHERE id = ?`

// Job reads one job.
func (d *DB) Job(ctx context.Context, id job.ID) (j job.Job, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		j, err = findJob(ctx, c, id)
		return err
	})
	return j, fail("Job", err)
}

// JobByKey reads the job that has a key; KindNotFound when none has.
func (d *DB) JobByKey(ctx context.Context, key string) (j job.Job, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		var id string
		if err := c.row(ctx, findJobByKey, key).Scan(&id); errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.JobByKey", "The job")
		} else if err != nil {
			return err
		}
		j, err = findJob(ctx, c, job.ID(id))
		return err
	})
	return j, fail("JobByKey", err)
}

func findJob(ctx context.Context, c *conn, id job.ID) (job.Job, error) {
	j, err := scanJob(c.row(ctx, selectJob, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return j, fleet.NotFound("db.findJob", "The job")
	}
	return j, err
}

const (
	jobHead     = `id, kind, state, key, title, sentence, author, ip, pbx_id, created_at, ended_at, steps`
	jobColumns  = jobHead + `, doc`
	selectJob   = `SELECT ` + jobColumns + ` FROM job WHERE id = ?`
	runningJobs = `SELECT ` + jobColumns + ` FROM job WHERE state = 'running' ORDER BY created_at, id`
)

func scanJob(s scanner) (j job.Job, err error) {
	var createdAt, endedAt int64
	var steps, doc string
	err = s.Scan(&j.ID, &j.Kind, &j.State, &j.Key, &j.Title, &j.Sentence, &j.Author, &j.IP, &j.PBX, &createdAt, &endedAt, &steps, &doc)
	if err != nil {
		return j, err
	}
	j.CreatedAt, j.EndedAt, j.Doc = moment(createdAt), moment(endedAt), json.RawMessage(doc)
	if err := json.Unmarshal([]byte(steps), &j.Steps); err != nil {
		return j, fmt.Errorf("steps of job %s: %w", j.ID, err)
	}
	return j, nil
}

// RunningJobs are those that the last run of the process left, oldest first.
func (d *DB) RunningJobs(ctx context.Context) (jobs []job.Job, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		jobs, err = list(ctx, c, scanJob, runningJobs)
		return err
	})
	return jobs, fail("RunningJobs", err)
}

// Jobs is one page of the jobs, newest first. To stay light they come without their documents.
func (d *DB) Jobs(ctx context.Context, f job.Filter) (page fleet.Page[job.Job], err error) {
	limit, at, id := pageLimit(f.Page), forever, ""
	if f.Page.After != "" {
		if err := readCursor(f.Page.After, &at, &id); err != nil {
			return page, err
		}
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, countJobs, string(f.Kind), string(f.State)).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, err = list(ctx, c, scanJob, pageJobs, string(f.Kind), string(f.State), at, id, limit+1)
		if len(page.Items) > limit {
			page.Items = page.Items[:limit]
			last := page.Items[limit-1]
			page.Next = writeCursor(micros(last.CreatedAt), string(last.ID))
		}
		return err
	})
	return page, fail("Jobs", err)
}

const (
	jobFilter = `(?1 = '' OR kind = ?1) AND (?2 = '' OR state = ?2)`
	countJobs = `SELECT count(*) FROM job WHERE ` + jobFilter
	pageJobs  = `SELECT ` + jobHead + `, '{}' FROM job WHERE ` + jobFilter + ` AND (created_at, id) < (?3, ?4) ORDER BY created_at DESC, id DESC LIMIT ?5`
)

// JobCounts is how many jobs there are in each state.
func (d *DB) JobCounts(ctx context.Context) (counts map[job.State]int, err error) {
	counts = make(map[job.State]int)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var state job.State
			var n int
			err := s.Scan(&state, &n)
			counts[state] = n
			return err
		}, tallyJobs)
	})
	return counts, fail("JobCounts", err)
}

const tallyJobs = `SELECT state, count(*) FROM job GROUP BY state`
