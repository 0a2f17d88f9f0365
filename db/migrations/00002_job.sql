-- +goose Up
CREATE TABLE job (
    id         TEXT    PRIMARY KEY,
    kind       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('running', 'done', 'failed', 'needs_attention')),
    key        TEXT    NOT NULL UNIQUE CHECK (key <> ''),
    title      TEXT    NOT NULL,
    sentence   TEXT    NOT NULL DEFAULT '',
    author     TEXT    NOT NULL,
    ip         TEXT    NOT NULL DEFAULT '',
    pbx_id     INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    steps      TEXT    NOT NULL,
    doc        TEXT    NOT NULL
) STRICT;

CREATE INDEX job_by_time ON job (created_at, id);

CREATE INDEX job_running ON job (created_at, id) WHERE state = 'running';

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
