-- +goose Up
CREATE TABLE pass (
    id          INTEGER PRIMARY KEY,
    why         TEXT    NOT NULL CHECK (why IN ('schedule', 'asked', 'command')),
    who         TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL DEFAULT 0,
    beat_at     INTEGER NOT NULL,
    doing       TEXT    NOT NULL DEFAULT '',
    complete    INTEGER NOT NULL DEFAULT 0,
    stopped_by  TEXT    NOT NULL DEFAULT '',
    pbxs        INTEGER NOT NULL DEFAULT 0,
    verified    INTEGER NOT NULL DEFAULT 0,
    drifted     INTEGER NOT NULL DEFAULT 0,
    unknown     INTEGER NOT NULL DEFAULT 0,
    snapshots   INTEGER NOT NULL DEFAULT 0,
    findings    TEXT    NOT NULL DEFAULT '',
    more        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX pass_running ON pass (beat_at) WHERE finished_at = 0;

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
