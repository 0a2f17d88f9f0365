-- +goose Up

-- Times are microseconds since 1970 in UTC; 0 stands for "never" where a column may have no time.
-- 9223372036854775807 ends an interval that still lasts.

CREATE TABLE pbx (
    id            INTEGER PRIMARY KEY,
    serial        TEXT    NOT NULL DEFAULT '',
    name          TEXT    NOT NULL DEFAULT '' COLLATE NOCASE,
    url           TEXT    NOT NULL DEFAULT '',
    region        TEXT    NOT NULL DEFAULT '',
    firmware      TEXT    NOT NULL DEFAULT '',
    status        TEXT    NOT NULL DEFAULT '',
    missing_since INTEGER NOT NULL DEFAULT 0,
    certainty     TEXT    NOT NULL DEFAULT 'none' CHECK (certainty IN ('none', 'ambiguous', 'exact')),
    unclear       TEXT    NOT NULL DEFAULT '',
    headers       TEXT    NOT NULL DEFAULT '',
    fingerprint   TEXT    NOT NULL DEFAULT '',
    head_id       INTEGER NOT NULL DEFAULT 0,
    head_at       INTEGER NOT NULL DEFAULT 0,
    numbers       INTEGER NOT NULL DEFAULT 0,
    snapshots     INTEGER NOT NULL DEFAULT 0,
    verified_at   INTEGER NOT NULL DEFAULT 0,
    gone_at       INTEGER NOT NULL DEFAULT 0,
    restoring_at  INTEGER NOT NULL DEFAULT 0,
    drift_at      INTEGER NOT NULL DEFAULT 0,
    drift_note    TEXT    NOT NULL DEFAULT '',
    drift_id      INTEGER NOT NULL DEFAULT 0,
    trouble_at    INTEGER NOT NULL DEFAULT 0,
    trouble       TEXT    NOT NULL DEFAULT '',
    awaiting      TEXT    NOT NULL DEFAULT '',
    open_plan     TEXT    NOT NULL DEFAULT '',
    state         TEXT    NOT NULL DEFAULT 'unknown' CHECK (state IN ('in_sync', 'drifted', 'stale', 'unknown', 'gone'))
) STRICT, WITHOUT ROWID; -- so that (sort column, id) is a place in the indexes below: SQLite can't seek by a rowid there

CREATE INDEX pbx_by_serial ON pbx (serial) WHERE serial <> '';
-- One index per sort of the fleet's list; the columns behind the id let a filter be judged in the index.
CREATE INDEX pbx_by_name ON pbx (name, id, state, verified_at, region, status);
CREATE INDEX pbx_by_change ON pbx (head_at, id, state, verified_at, region, status);
CREATE INDEX pbx_by_numbers ON pbx (numbers, id, state, verified_at, region, status);
CREATE INDEX pbx_by_age ON pbx (verified_at, id, state, region, status);
CREATE INDEX pbx_in_sync ON pbx (verified_at, region, status) WHERE state = 'in_sync';

CREATE TABLE pbx_tally (
    state  TEXT    NOT NULL,
    region TEXT    NOT NULL,
    status TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (state, region, status)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER pbx_tally_insert AFTER INSERT ON pbx BEGIN
    INSERT INTO pbx_tally (state, region, status, n) VALUES (new.state, new.region, new.status, 1)
        ON CONFLICT (state, region, status) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pbx_tally_update AFTER UPDATE OF state, region, status ON pbx
    WHEN old.state <> new.state OR old.region <> new.region OR old.status <> new.status BEGIN
    UPDATE pbx_tally SET n = n - 1 WHERE state = old.state AND region = old.region AND status = old.status;
    INSERT INTO pbx_tally (state, region, status, n) VALUES (new.state, new.region, new.status, 1)
        ON CONFLICT (state, region, status) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

CREATE VIRTUAL TABLE pbx_fts USING fts5 (name, url, serial, content = '', contentless_delete = 1, tokenize = 'trigram');

-- +goose StatementBegin
CREATE TRIGGER pbx_fts_insert AFTER INSERT ON pbx BEGIN
    INSERT INTO pbx_fts (rowid, name, url, serial) VALUES (new.id, new.name, new.url, new.serial);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pbx_fts_update AFTER UPDATE OF name, url, serial ON pbx
    WHEN old.name <> new.name OR old.url <> new.url OR old.serial <> new.serial BEGIN
    DELETE FROM pbx_fts WHERE rowid = old.id;
    INSERT INTO pbx_fts (rowid, name, url, serial) VALUES (new.id, new.name, new.url, new.serial);
END;
-- +goose StatementEnd

CREATE TABLE trunk (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL DEFAULT '',
    kind          TEXT    NOT NULL DEFAULT '',
    region        TEXT    NOT NULL DEFAULT '',
    headers_known INTEGER NOT NULL DEFAULT 0,
    headers       TEXT    NOT NULL DEFAULT '[]',
    read_at       INTEGER NOT NULL DEFAULT 0,
    deleted_at    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE did (
    id         INTEGER PRIMARY KEY,
    number     TEXT    NOT NULL DEFAULT '',
    keys       TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL DEFAULT '',
    owner      INTEGER NOT NULL DEFAULT 0,
    protected  INTEGER NOT NULL DEFAULT 0,
    read_at    INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX did_nameless ON did (id) WHERE number = '';

CREATE TABLE did_trunk (
    did_id   INTEGER NOT NULL,
    trunk_id INTEGER NOT NULL,
    PRIMARY KEY (did_id, trunk_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX did_trunk_by_trunk ON did_trunk (trunk_id, did_id);

-- What a number can be found by: its digits, and its international form when that differs.
CREATE TABLE did_key (
    key    TEXT    NOT NULL,
    did_id INTEGER NOT NULL,
    PRIMARY KEY (key, did_id)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE did_fts USING fts5 (keys, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE TABLE did_tally (n INTEGER NOT NULL) STRICT;
INSERT INTO did_tally (n) VALUES (0);

-- +goose StatementBegin
CREATE TRIGGER did_tally_insert AFTER INSERT ON did BEGIN
    UPDATE did_tally SET n = n + 1;
END;
-- +goose StatementEnd

CREATE TABLE snapshot (
    pbx_id      INTEGER NOT NULL REFERENCES pbx (id),
    at          INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    source      TEXT    NOT NULL CHECK (source IN ('webhook', 'write', 'reconcile')),
    event       TEXT    NOT NULL DEFAULT '',
    vendor_time INTEGER NOT NULL DEFAULT 0,
    seen_at     INTEGER NOT NULL,
    not_before  INTEGER NOT NULL DEFAULT 0,
    plan_id     TEXT,
    delivery_id INTEGER,
    count       INTEGER NOT NULL,
    n_added     INTEGER NOT NULL,
    n_removed   INTEGER NOT NULL,
    PRIMARY KEY (pbx_id, at)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX snapshot_by_id ON snapshot (id);
CREATE INDEX snapshot_by_plan ON snapshot (plan_id) WHERE plan_id IS NOT NULL;

-- A pair held by a PBX from one snapshot's time on until another's.
CREATE TABLE holding (
    pbx_id   INTEGER NOT NULL,
    to_at    INTEGER NOT NULL,
    trunk_id INTEGER NOT NULL,
    did_id   INTEGER NOT NULL,
    from_at  INTEGER NOT NULL,
    PRIMARY KEY (pbx_id, to_at, trunk_id, did_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX holding_by_start ON holding (pbx_id, from_at, trunk_id, did_id);
CREATE INDEX holding_by_did ON holding (did_id, to_at, from_at);

CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('stored', 'digested', 'duplicate', 'late', 'parked', 'dead')),
    size        INTEGER NOT NULL,
    error       TEXT    NOT NULL DEFAULT '',
    elements    TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX delivery_by_state ON delivery (state, id);

CREATE TABLE delivery_tally (
    state TEXT PRIMARY KEY,
    n     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER delivery_tally_insert AFTER INSERT ON delivery BEGIN
    INSERT INTO delivery_tally (state, n) VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delivery_tally_update AFTER UPDATE OF state ON delivery WHEN old.state <> new.state BEGIN
    UPDATE delivery_tally SET n = n - 1 WHERE state = old.state;
    INSERT INTO delivery_tally (state, n) VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- Which serials the parked elements of a delivery wait for.
CREATE TABLE parked (
    serial      TEXT    NOT NULL,
    delivery_id INTEGER NOT NULL,
    PRIMARY KEY (serial, delivery_id)
) STRICT, WITHOUT ROWID;

-- Bodies as received, byte for byte, until they are packed; large ones squeezed with S2.
CREATE TABLE body (
    delivery_id INTEGER PRIMARY KEY,
    squeezed    INTEGER NOT NULL,
    bytes       BLOB    NOT NULL
) STRICT;

-- Packed bodies: zstd, with the body of another delivery as dictionary unless key_id is 0.
CREATE TABLE packed_body (
    delivery_id INTEGER PRIMARY KEY,
    key_id      INTEGER NOT NULL,
    bytes       BLOB    NOT NULL
) STRICT;

-- The body that the next ones of a serial are packed against, and what that cost since.
CREATE TABLE body_key (
    serial      TEXT    PRIMARY KEY,
    delivery_id INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    spent       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
    id              TEXT    PRIMARY KEY,
    pbx_id          INTEGER NOT NULL REFERENCES pbx (id),
    status          TEXT    NOT NULL CHECK (status IN ('draft', 'applying', 'applied', 'diverged', 'failed', 'stale', 'unknown', 'void', 'expired')),
    author          TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    sent_at         INTEGER NOT NULL DEFAULT 0,
    sent_not_before INTEGER NOT NULL DEFAULT 0,
    confirmed_by    TEXT    NOT NULL DEFAULT '',
    reason          TEXT    NOT NULL DEFAULT '',
    outcome         TEXT    NOT NULL DEFAULT '',
    after_print     TEXT    NOT NULL,
    doc             TEXT    NOT NULL,
    sets            TEXT    NOT NULL
) STRICT;

-- One plan at a time may have a write under way on a PBX.
CREATE UNIQUE INDEX plan_open ON plan (pbx_id) WHERE status IN ('applying', 'unknown');
CREATE INDEX plan_by_time ON plan (created_at, id);
CREATE INDEX plan_by_pbx ON plan (pbx_id, created_at, id);
CREATE INDEX plan_by_status ON plan (status, created_at, id);
CREATE INDEX plan_by_pbx_status ON plan (pbx_id, status, created_at, id);
CREATE INDEX plan_draft ON plan (expires_at) WHERE status = 'draft';
CREATE INDEX plan_sent ON plan (pbx_id, sent_at) WHERE sent_at > 0;

CREATE TABLE plan_tally (
    pbx_id INTEGER NOT NULL,
    status TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (pbx_id, status)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER plan_tally_insert AFTER INSERT ON plan BEGIN
    INSERT INTO plan_tally (pbx_id, status, n) VALUES (0, new.status, 1), (new.pbx_id, new.status, 1)
        ON CONFLICT (pbx_id, status) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER plan_tally_update AFTER UPDATE OF status ON plan WHEN old.status <> new.status BEGIN
    UPDATE plan_tally SET n = n - 1 WHERE pbx_id IN (0, old.pbx_id) AND status = old.status;
    INSERT INTO plan_tally (pbx_id, status, n) VALUES (0, new.status, 1), (new.pbx_id, new.status, 1)
        ON CONFLICT (pbx_id, status) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

CREATE TABLE audit (
    seq               INTEGER PRIMARY KEY,
    at                INTEGER NOT NULL,
    actor             TEXT    NOT NULL,
    action            TEXT    NOT NULL,
    target            TEXT    NOT NULL,
    pbx_id            INTEGER NOT NULL DEFAULT 0,
    plan_id           TEXT    NOT NULL DEFAULT '',
    outcome           TEXT    NOT NULL,
    reason            TEXT    NOT NULL DEFAULT '',
    before            TEXT    NOT NULL DEFAULT '',
    after             TEXT    NOT NULL DEFAULT '',
    vendor_request_id TEXT    NOT NULL DEFAULT '',
    ip                TEXT    NOT NULL DEFAULT '',
    prev              TEXT    NOT NULL,
    hash              TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_actor ON audit (actor, at);
CREATE INDEX audit_by_action ON audit (action, at);
CREATE INDEX audit_by_pbx ON audit (pbx_id, at) WHERE pbx_id <> 0;

-- +goose StatementBegin
CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN
    SELECT RAISE (ABORT, 'audit rows are never deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit BEGIN
    SELECT RAISE (ABORT, 'audit rows are never changed');
END;
-- +goose StatementEnd

CREATE TABLE user (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    role          TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE session (
    hash       BLOB    PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES user (id),
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
