-- +goose Up
ALTER TABLE user ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN subject TEXT NOT NULL DEFAULT '';

CREATE UNIQUE INDEX user_by_subject ON user (issuer, subject) WHERE subject <> '';

ALTER TABLE session ADD COLUMN proved_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN ip TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';

CREATE TABLE invite (
    id         INTEGER PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    name       TEXT    NOT NULL COLLATE NOCASE,
    role       TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    user_id    INTEGER NOT NULL DEFAULT 0,
    made_by    TEXT    NOT NULL,
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One open invitation for a name: a new one takes the place of the old.
CREATE UNIQUE INDEX invite_open ON invite (name) WHERE ended_at = 0;

CREATE TABLE factor (
    user_id INTEGER PRIMARY KEY REFERENCES user (id),
    sealed  BLOB    NOT NULL,
    step    INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_code (
    user_id INTEGER NOT NULL REFERENCES user (id),
    hash    BLOB    NOT NULL,
    used_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    id         INTEGER PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    user_id    INTEGER NOT NULL DEFAULT 0,
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL DEFAULT 0,
    ended_at   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX token_open ON token (name) WHERE ended_at = 0;

CREATE TABLE approval (
    plan_id TEXT    NOT NULL REFERENCES plan (id),
    print   TEXT    NOT NULL,
    person  TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (plan_id, person)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
