CREATE TABLE approval (
    plan_id TEXT    NOT NULL REFERENCES plan (id),
    print   TEXT    NOT NULL,
    person  TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (plan_id, person)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX audit_by_action ON audit (action, at);

CREATE INDEX audit_by_actor ON audit (actor, at);

CREATE INDEX audit_by_outcome ON audit (outcome, at);

CREATE INDEX audit_by_pbx ON audit (pbx_id, at) WHERE pbx_id <> 0;

CREATE INDEX audit_by_time ON audit (at);

CREATE TRIGGER audit_is_indexed AFTER INSERT ON audit BEGIN
    INSERT INTO audit_fts (rowid, actor, action, outcome, pbx, words)
    VALUES (new.seq, new.actor, new.action, new.outcome, new.pbx_id,
        new.target || ' ' || new.reason || ' ' || new.plan_id || ' ' || new.vendor_request_id || ' ' || new.ip || ' ' || substr(new.before, 1, 4000) || ' ' || substr(new.after, 1, 4000));
END;

CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN
    SELECT RAISE (ABORT, 'audit rows are never deleted');
END;

CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit BEGIN
    SELECT RAISE (ABORT, 'audit rows are never changed');
END;

CREATE VIRTUAL TABLE audit_fts USING fts5 (actor, action, outcome, pbx, words, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE body (
    delivery_id INTEGER PRIMARY KEY,
    squeezed    INTEGER NOT NULL,
    bytes       BLOB    NOT NULL
) STRICT;

CREATE TABLE body_key (
    serial      TEXT    PRIMARY KEY,
    delivery_id INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    spent       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bulk_review (
    id         TEXT    PRIMARY KEY,
    created_at INTEGER NOT NULL,
    doc        TEXT    NOT NULL
) STRICT;

CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('stored', 'digested', 'duplicate', 'late', 'parked', 'dead')),
    size        INTEGER NOT NULL,
    error       TEXT    NOT NULL DEFAULT '',
    elements    TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX delivery_by_state ON delivery (state, id);

CREATE TRIGGER delivery_day_digested AFTER UPDATE OF state ON delivery WHEN old.state = 'stored' AND new.state <> 'stored' BEGIN
    INSERT INTO delivery_day (day, n) VALUES (new.received_at / 86400000000, 1) ON CONFLICT (day) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER delivery_day_reopened AFTER UPDATE OF state ON delivery WHEN old.state <> 'stored' AND new.state = 'stored' BEGIN
    UPDATE delivery_day SET n = n - 1 WHERE day = new.received_at / 86400000000;
END;

CREATE TRIGGER delivery_tally_insert AFTER INSERT ON delivery BEGIN
    INSERT INTO delivery_tally (state, n) VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER delivery_tally_update AFTER UPDATE OF state ON delivery WHEN old.state <> new.state BEGIN
    UPDATE delivery_tally SET n = n - 1 WHERE state = old.state;
    INSERT INTO delivery_tally (state, n) VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;

CREATE TABLE delivery_day (
    day INTEGER PRIMARY KEY,
    n   INTEGER NOT NULL
) STRICT;

CREATE TABLE delivery_tally (
    state TEXT PRIMARY KEY,
    n     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE did (
    id         INTEGER PRIMARY KEY,
    number     TEXT    NOT NULL DEFAULT '',
    keys       TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL DEFAULT '',
    owner      INTEGER NOT NULL DEFAULT 0,
    protected  INTEGER NOT NULL DEFAULT 0,
    read_at    INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER NOT NULL DEFAULT 0
, named_at INTEGER NOT NULL DEFAULT 0, formers INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TRIGGER did_tally_insert AFTER INSERT ON did BEGIN
    UPDATE did_tally SET n = n + 1;
END;

CREATE TRIGGER did_trunk_follow AFTER UPDATE OF number, owner, protected, deleted_at ON did
    WHEN old.number <> new.number OR old.owner <> new.owner OR old.protected <> new.protected OR (old.deleted_at > 0) <> (new.deleted_at > 0) BEGIN
    UPDATE did_trunk SET number = new.number, protected = new.protected, deleted = new.deleted_at > 0,
        used = new.owner <> 0 OR EXISTS (SELECT 1 FROM holding WHERE did_id = new.id AND to_at = 9223372036854775807)
        WHERE did_id = new.id;
END;

CREATE VIRTUAL TABLE did_fts USING fts5 (keys, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE TABLE did_key (
    key    TEXT    NOT NULL,
    did_id INTEGER NOT NULL,
    PRIMARY KEY (key, did_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE did_tally (n INTEGER NOT NULL) STRICT;

CREATE TABLE did_trunk (
    did_id   INTEGER NOT NULL,
    trunk_id INTEGER NOT NULL, number TEXT NOT NULL DEFAULT '', used INTEGER NOT NULL DEFAULT 0, protected INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (did_id, trunk_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX did_trunk_by_number ON did_trunk (trunk_id, used, number, did_id) WHERE deleted = 0;

CREATE INDEX did_trunk_protected ON did_trunk (trunk_id, number, did_id) WHERE protected = 1 AND deleted = 0;

CREATE TRIGGER did_trunk_delete AFTER DELETE ON did_trunk WHEN old.deleted = 0 BEGIN
    UPDATE trunk_tally SET n = n - 1, used = used - old.used, protected = protected - old.protected WHERE trunk_id = old.trunk_id;
END;

CREATE TRIGGER did_trunk_insert AFTER INSERT ON did_trunk WHEN new.deleted = 0 BEGIN
    INSERT INTO trunk_tally (trunk_id, n, used, protected) VALUES (new.trunk_id, 1, new.used, new.protected)
        ON CONFLICT (trunk_id) DO UPDATE SET n = n + 1, used = used + excluded.used, protected = protected + excluded.protected;
END;

CREATE TRIGGER did_trunk_update AFTER UPDATE OF used, protected, deleted ON did_trunk
    WHEN old.used <> new.used OR old.protected <> new.protected OR old.deleted <> new.deleted BEGIN
    UPDATE trunk_tally SET
        n = n + old.deleted - new.deleted,
        used = used + new.used * (1 - new.deleted) - old.used * (1 - old.deleted),
        protected = protected + new.protected * (1 - new.deleted) - old.protected * (1 - old.deleted)
        WHERE trunk_id = new.trunk_id;
END;

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

CREATE INDEX drift_by_pbx ON drift (pbx_id, opened_at, id);

CREATE INDEX drift_by_state ON drift (state, opened_at, id);

CREATE INDEX drift_by_time ON drift (opened_at, id);

CREATE UNIQUE INDEX drift_open ON drift (pbx_id) WHERE state = 'open';

CREATE TRIGGER drift_tally_insert AFTER INSERT ON drift BEGIN
    INSERT INTO drift_tally (state, cause, n) VALUES (new.state, new.cause, 1) ON CONFLICT (state, cause) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER drift_tally_update AFTER UPDATE OF state, cause ON drift WHEN old.state <> new.state OR old.cause <> new.cause BEGIN
    UPDATE drift_tally SET n = n - 1 WHERE state = old.state AND cause = old.cause;
    INSERT INTO drift_tally (state, cause, n) VALUES (new.state, new.cause, 1) ON CONFLICT (state, cause) DO UPDATE SET n = n + 1;
END;

CREATE TABLE drift_tally (
    state TEXT    NOT NULL,
    cause TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (state, cause)
) STRICT, WITHOUT ROWID;

CREATE TABLE factor (
    user_id INTEGER PRIMARY KEY REFERENCES user (id),
    sealed  BLOB    NOT NULL,
    step    INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE holding (
    pbx_id   INTEGER NOT NULL,
    to_at    INTEGER NOT NULL,
    trunk_id INTEGER NOT NULL,
    did_id   INTEGER NOT NULL,
    from_at  INTEGER NOT NULL,
    PRIMARY KEY (pbx_id, to_at, trunk_id, did_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX holding_by_did ON holding (did_id, to_at, from_at);

CREATE INDEX holding_by_start ON holding (pbx_id, from_at, trunk_id, did_id);

CREATE TRIGGER holding_begins AFTER INSERT ON holding BEGIN
    UPDATE did_trunk SET used = 1 WHERE did_id = new.did_id AND used = 0 AND new.to_at = 9223372036854775807;
    INSERT INTO trunk_pbx (trunk_id, pbx_id, n) VALUES (new.trunk_id, new.pbx_id, new.to_at = 9223372036854775807)
        ON CONFLICT (trunk_id, pbx_id) DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER holding_ends AFTER UPDATE OF to_at ON holding WHEN old.to_at = 9223372036854775807 AND new.to_at < old.to_at BEGIN
    UPDATE trunk_pbx SET n = n - 1 WHERE trunk_id = old.trunk_id AND pbx_id = old.pbx_id;
    UPDATE did SET owner = 0 WHERE id = old.did_id AND owner = old.pbx_id
        AND NOT EXISTS (SELECT 1 FROM holding WHERE did_id = old.did_id AND to_at = 9223372036854775807);
    UPDATE did_trunk SET used = EXISTS (SELECT 1 FROM did WHERE id = old.did_id AND owner <> 0)
            OR EXISTS (SELECT 1 FROM holding WHERE did_id = old.did_id AND to_at = 9223372036854775807)
        WHERE did_id = old.did_id;
END;

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

CREATE UNIQUE INDEX invite_open ON invite (name) WHERE ended_at = 0;

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

CREATE UNIQUE INDEX job_alone ON job (pbx_id) WHERE kind = 'change_pbx' AND state IN ('running', 'needs_attention');

CREATE INDEX job_by_state ON job (state, created_at, id);

CREATE INDEX job_by_time ON job (created_at, id);

CREATE INDEX job_running ON job (created_at, id) WHERE state = 'running';

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

CREATE TABLE packed_body (
    delivery_id INTEGER PRIMARY KEY,
    key_id      INTEGER NOT NULL,
    bytes       BLOB    NOT NULL
) STRICT;

CREATE TABLE parked (
    serial      TEXT    NOT NULL,
    delivery_id INTEGER NOT NULL,
    PRIMARY KEY (serial, delivery_id)
) STRICT, WITHOUT ROWID;

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
) STRICT, WITHOUT ROWID;

CREATE INDEX pbx_by_age ON pbx (verified_at, id, state, region, status);

CREATE INDEX pbx_by_change ON pbx (head_at, id, state, verified_at, region, status);

CREATE INDEX pbx_by_name ON pbx (name, id, state, verified_at, region, status);

CREATE INDEX pbx_by_numbers ON pbx (numbers, id, state, verified_at, region, status);

CREATE INDEX pbx_by_serial ON pbx (serial) WHERE serial <> '';

CREATE INDEX pbx_drifted ON pbx (drift_at) WHERE drift_at > 0;

CREATE INDEX pbx_in_sync ON pbx (verified_at, region, status) WHERE state = 'in_sync';

CREATE TRIGGER pbx_fts_insert AFTER INSERT ON pbx BEGIN
    INSERT INTO pbx_fts (rowid, name, url, serial) VALUES (new.id, new.name, new.url, new.serial);
END;

CREATE TRIGGER pbx_fts_update AFTER UPDATE OF name, url, serial ON pbx
    WHEN old.name <> new.name OR old.url <> new.url OR old.serial <> new.serial BEGIN
    DELETE FROM pbx_fts WHERE rowid = old.id;
    INSERT INTO pbx_fts (rowid, name, url, serial) VALUES (new.id, new.name, new.url, new.serial);
END;

CREATE TRIGGER pbx_tally_insert AFTER INSERT ON pbx BEGIN
    INSERT INTO pbx_tally (state, region, status, n) VALUES (new.state, new.region, new.status, 1)
        ON CONFLICT (state, region, status) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER pbx_tally_update AFTER UPDATE OF state, region, status ON pbx
    WHEN old.state <> new.state OR old.region <> new.region OR old.status <> new.status BEGIN
    UPDATE pbx_tally SET n = n - 1 WHERE state = old.state AND region = old.region AND status = old.status;
    INSERT INTO pbx_tally (state, region, status, n) VALUES (new.state, new.region, new.status, 1)
        ON CONFLICT (state, region, status) DO UPDATE SET n = n + 1;
END;

CREATE TABLE pbx_access (
    pbx_id    INTEGER PRIMARY KEY REFERENCES pbx (id),
    transport TEXT NOT NULL CHECK (transport IN ('relay', 'direct')),
    base_url  TEXT NOT NULL DEFAULT '',
    client_id TEXT NOT NULL DEFAULT '',
    pin       TEXT NOT NULL DEFAULT '',
    ca        TEXT NOT NULL DEFAULT '',
    secret    BLOB,
    token     BLOB
) STRICT;

CREATE VIRTUAL TABLE pbx_fts USING fts5 (name, url, serial, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE TABLE pbx_stated (
    pbx_id    INTEGER PRIMARY KEY,
    stated_at INTEGER NOT NULL,
    features  TEXT    NOT NULL
) STRICT;

CREATE TABLE pbx_tally (
    state  TEXT    NOT NULL,
    region TEXT    NOT NULL,
    status TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (state, region, status)
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
, kind TEXT NOT NULL DEFAULT 'bindings' CHECK (kind IN ('bindings', 'trunk')), trunk_id INTEGER NOT NULL DEFAULT 0, line TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX plan_by_pbx ON plan (pbx_id, created_at, id);

CREATE INDEX plan_by_pbx_status ON plan (pbx_id, status, created_at, id);

CREATE INDEX plan_by_status ON plan (status, created_at, id);

CREATE INDEX plan_by_time ON plan (created_at, id);

CREATE INDEX plan_by_trunk ON plan (pbx_id, trunk_id, created_at, id) WHERE trunk_id > 0;

CREATE INDEX plan_draft ON plan (expires_at) WHERE status = 'draft';

CREATE INDEX plan_followed ON plan (id) WHERE line = 'followed';

CREATE UNIQUE INDEX plan_open ON plan (pbx_id) WHERE status IN ('applying', 'unknown');

CREATE INDEX plan_sent ON plan (pbx_id, sent_at) WHERE sent_at > 0;

CREATE TRIGGER plan_password_over AFTER UPDATE OF status ON plan WHEN new.status NOT IN ('draft', 'applying') BEGIN
    DELETE FROM plan_password WHERE plan_id = new.id;
END;

CREATE TRIGGER plan_tally_insert AFTER INSERT ON plan BEGIN
    INSERT INTO plan_tally (pbx_id, status, n) VALUES (0, new.status, 1), (new.pbx_id, new.status, 1)
        ON CONFLICT (pbx_id, status) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER plan_tally_update AFTER UPDATE OF status ON plan WHEN old.status <> new.status BEGIN
    UPDATE plan_tally SET n = n - 1 WHERE pbx_id IN (0, old.pbx_id) AND status = old.status;
    INSERT INTO plan_tally (pbx_id, status, n) VALUES (0, new.status, 1), (new.pbx_id, new.status, 1)
        ON CONFLICT (pbx_id, status) DO UPDATE SET n = n + 1;
END;

CREATE TABLE plan_password (
    plan_id TEXT PRIMARY KEY REFERENCES plan (id),
    sealed  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_tally (
    pbx_id INTEGER NOT NULL,
    status TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (pbx_id, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_code (
    user_id INTEGER NOT NULL REFERENCES user (id),
    hash    BLOB    NOT NULL,
    used_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE report_names (
    pbx_id INTEGER PRIMARY KEY,
    sum    INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    hash       BLOB    PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES user (id),
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
, proved_at INTEGER NOT NULL DEFAULT 0, ip TEXT NOT NULL DEFAULT '', agent TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;

CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE sip_fts USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE TABLE sip_look (
    pbx_id   INTEGER PRIMARY KEY REFERENCES pbx (id),
    asked_at INTEGER NOT NULL,
    read_at  INTEGER NOT NULL DEFAULT 0,
    trouble  TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX sip_look_by_time ON sip_look (asked_at, pbx_id);

CREATE TABLE sip_reading (
    id       INTEGER PRIMARY KEY,
    pbx_id   INTEGER NOT NULL REFERENCES pbx (id),
    trunk_id INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    seen_at  INTEGER NOT NULL,
    plan_id  TEXT    NOT NULL DEFAULT '',
    print    TEXT    NOT NULL,
    doc      TEXT    NOT NULL
) STRICT;

CREATE INDEX sip_reading_by_trunk ON sip_reading (pbx_id, trunk_id, id);

CREATE TABLE sip_trunk (
    id        INTEGER PRIMARY KEY,
    pbx_id    INTEGER NOT NULL REFERENCES pbx (id),
    trunk_id  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    type      TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    health    TEXT    NOT NULL,
    status    INTEGER NOT NULL,
    host_port TEXT    NOT NULL,
    cid       TEXT    NOT NULL,
    username  TEXT    NOT NULL,
    shared    INTEGER NOT NULL,
    listed_at INTEGER NOT NULL,
    read_at   INTEGER NOT NULL DEFAULT 0,
    doc       TEXT    NOT NULL DEFAULT '',
    UNIQUE (pbx_id, trunk_id)
) STRICT;

CREATE INDEX sip_trunk_by_health ON sip_trunk (health, name, id);

CREATE INDEX sip_trunk_by_name ON sip_trunk (name, id);

CREATE TRIGGER sip_trunk_tally_delete AFTER DELETE ON sip_trunk BEGIN
    UPDATE sip_trunk_tally SET n = n - 1 WHERE health = old.health AND kind = old.kind;
    DELETE FROM sip_fts WHERE rowid = old.id;
END;

CREATE TRIGGER sip_trunk_tally_insert AFTER INSERT ON sip_trunk BEGIN
    INSERT INTO sip_trunk_tally (health, kind, n) VALUES (new.health, new.kind, 1) ON CONFLICT (health, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER sip_trunk_tally_update AFTER UPDATE OF health, kind ON sip_trunk WHEN old.health <> new.health OR old.kind <> new.kind BEGIN
    UPDATE sip_trunk_tally SET n = n - 1 WHERE health = old.health AND kind = old.kind;
    INSERT INTO sip_trunk_tally (health, kind, n) VALUES (new.health, new.kind, 1) ON CONFLICT (health, kind) DO UPDATE SET n = n + 1;
END;

CREATE TABLE sip_trunk_tally (
    health TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (health, kind)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX snapshot_found ON snapshot (seen_at) WHERE source = 'reconcile' AND not_before > 0 AND n_added + n_removed > 0;

CREATE INDEX snapshot_unechoed ON snapshot (seen_at) WHERE source = 'write' AND vendor_time = 0 AND n_added + n_removed > 0;

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

CREATE TABLE trunk (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL DEFAULT '',
    kind          TEXT    NOT NULL DEFAULT '',
    region        TEXT    NOT NULL DEFAULT '',
    headers_known INTEGER NOT NULL DEFAULT 0,
    headers       TEXT    NOT NULL DEFAULT '[]',
    read_at       INTEGER NOT NULL DEFAULT 0,
    deleted_at    INTEGER NOT NULL DEFAULT 0
, named_at INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT '', status_reason TEXT NOT NULL DEFAULT '', status_at INTEGER NOT NULL DEFAULT 0, status_trouble TEXT NOT NULL DEFAULT '', status_asked_at INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE trunk_pbx (
    trunk_id INTEGER NOT NULL,
    pbx_id   INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (trunk_id, pbx_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX trunk_pbx_by_numbers ON trunk_pbx (trunk_id, n, pbx_id);

CREATE TRIGGER trunk_pbx_insert AFTER INSERT ON trunk_pbx WHEN new.n > 0 BEGIN
    INSERT INTO trunk_tally (trunk_id, pbxs) VALUES (new.trunk_id, 1) ON CONFLICT (trunk_id) DO UPDATE SET pbxs = pbxs + 1;
END;

CREATE TRIGGER trunk_pbx_update AFTER UPDATE OF n ON trunk_pbx WHEN (old.n > 0) <> (new.n > 0) BEGIN
    INSERT INTO trunk_tally (trunk_id, pbxs) VALUES (new.trunk_id, 1)
        ON CONFLICT (trunk_id) DO UPDATE SET pbxs = pbxs + (new.n > 0) - (old.n > 0);
END;

CREATE TABLE trunk_tally (
    trunk_id  INTEGER PRIMARY KEY,
    n         INTEGER NOT NULL DEFAULT 0,
    used      INTEGER NOT NULL DEFAULT 0,
    protected INTEGER NOT NULL DEFAULT 0,
    pbxs      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE trunk_was (
    trunk_id INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    since_at INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    PRIMARY KEY (trunk_id, until_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    role          TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER NOT NULL DEFAULT 0
, seen_at INTEGER NOT NULL DEFAULT 0, issuer TEXT NOT NULL DEFAULT '', subject TEXT NOT NULL DEFAULT '') STRICT;

CREATE UNIQUE INDEX user_by_subject ON user (issuer, subject) WHERE subject <> '';

CREATE VIRTUAL TABLE was_fts USING fts5 (keys, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE TABLE was_key (
    key    TEXT    NOT NULL,
    was_id INTEGER NOT NULL,
    PRIMARY KEY (key, was_id)
) STRICT, WITHOUT ROWID;
