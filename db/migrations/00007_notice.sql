-- +goose Up

-- What the webhook path is judged by: our own writes that no report has repeated, and changes that a
-- read found before any report told them.
CREATE INDEX snapshot_unechoed ON snapshot (seen_at) WHERE source = 'write' AND vendor_time = 0 AND n_added + n_removed > 0;
CREATE INDEX snapshot_found ON snapshot (seen_at) WHERE source = 'reconcile' AND not_before > 0 AND n_added + n_removed > 0;

CREATE INDEX pbx_drifted ON pbx (drift_at) WHERE drift_at > 0;

-- One row for as long as a condition holds; told_at is 0 while nobody was told of it.
CREATE TABLE notice (
    id        INTEGER PRIMARY KEY,
    key       TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    pbx_id    INTEGER NOT NULL DEFAULT 0,
    subject   TEXT    NOT NULL,
    title     TEXT    NOT NULL,
    sentence  TEXT    NOT NULL,
    path      TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    told_at   INTEGER NOT NULL DEFAULT 0,
    closed_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX notice_open ON notice (key) WHERE closed_at = 0;

-- What is sent to a channel: notice_id 0 is a test. The text is fixed when it is made, and the id is
-- the same at every attempt, so that a receiver can tell a repetition.
CREATE TABLE notice_message (
    seq       INTEGER PRIMARY KEY,
    id        TEXT    NOT NULL UNIQUE,
    notice_id INTEGER NOT NULL,
    channel   TEXT    NOT NULL,
    event     TEXT    NOT NULL CHECK (event IN ('opened', 'reminder', 'closed', 'test')),
    doc       TEXT    NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    made_at   INTEGER NOT NULL,
    attempts  INTEGER NOT NULL DEFAULT 0,
    next_at   INTEGER NOT NULL,
    ended_at  INTEGER NOT NULL DEFAULT 0,
    answer    TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX notice_message_due ON notice_message (channel, next_at) WHERE state = 'waiting';
CREATE INDEX notice_message_of ON notice_message (notice_id, channel, seq);

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
