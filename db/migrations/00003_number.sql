-- +goose Up
ALTER TABLE did ADD COLUMN named_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE did ADD COLUMN formers INTEGER NOT NULL DEFAULT 0;

UPDATE did SET named_at = read_at WHERE read_at > 0;

CREATE TABLE did_was (
    id       INTEGER PRIMARY KEY,
    did_id   INTEGER NOT NULL,
    since_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    number   TEXT    NOT NULL,
    keys     TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX did_was_by_did ON did_was (did_id, until_at);

CREATE TABLE was_key (
    key    TEXT    NOT NULL,
    was_id INTEGER NOT NULL,
    PRIMARY KEY (key, was_id)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE was_fts USING fts5 (keys, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE TABLE report_names (
    pbx_id INTEGER PRIMARY KEY,
    sum    INTEGER NOT NULL
) STRICT;

DROP INDEX did_nameless;

ALTER TABLE trunk ADD COLUMN named_at INTEGER NOT NULL DEFAULT 0;

UPDATE trunk SET named_at = read_at WHERE read_at > 0;

CREATE TABLE trunk_was (
    trunk_id INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    since_at INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    PRIMARY KEY (trunk_id, until_at)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
