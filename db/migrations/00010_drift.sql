-- +goose Up
CREATE TABLE drift (
    id        INTEGER PRIMARY KEY,
    pbx_id    INTEGER NOT NULL REFERENCES pbx (id),
    cause     TEXT    NOT NULL,
    sentence  TEXT    NOT NULL,
    evidence  TEXT    NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('open', 'adopted', 'reverted', 'resolved')),
    steps     INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL DEFAULT 0,
    closed_by TEXT    NOT NULL DEFAULT '',
    since     INTEGER NOT NULL,
    until     INTEGER NOT NULL,
    base_id   INTEGER NOT NULL,
    sets      TEXT    NOT NULL,
    plan_id   TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX drift_open ON drift (pbx_id) WHERE state = 'open';

CREATE INDEX drift_by_time ON drift (opened_at, id);

CREATE INDEX drift_by_state ON drift (state, opened_at, id);

CREATE INDEX drift_by_pbx ON drift (pbx_id, opened_at, id);

CREATE TABLE drift_tally (
    state TEXT    NOT NULL,
    cause TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (state, cause)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER drift_tally_insert AFTER INSERT ON drift BEGIN
    INSERT INTO drift_tally (state, cause, n) VALUES (new.state, new.cause, 1) ON CONFLICT (state, cause) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER drift_tally_update AFTER UPDATE OF state, cause ON drift WHEN old.state <> new.state OR old.cause <> new.cause BEGIN
    UPDATE drift_tally SET n = n - 1 WHERE state = old.state AND cause = old.cause;
    INSERT INTO drift_tally (state, cause, n) VALUES (new.state, new.cause, 1) ON CONFLICT (state, cause) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
