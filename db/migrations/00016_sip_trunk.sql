-- +goose Up

-- The SIP trunks of all PBXs as they were last listed and read, for searching. doc is empty as long as
-- only the list named a trunk. No secret is in it.
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

CREATE INDEX sip_trunk_by_name ON sip_trunk (name, id);
CREATE INDEX sip_trunk_by_health ON sip_trunk (health, name, id);

CREATE TABLE sip_trunk_tally (
    health TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (health, kind)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER sip_trunk_tally_insert AFTER INSERT ON sip_trunk BEGIN
    INSERT INTO sip_trunk_tally (health, kind, n) VALUES (new.health, new.kind, 1) ON CONFLICT (health, kind) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sip_trunk_tally_update AFTER UPDATE OF health, kind ON sip_trunk WHEN old.health <> new.health OR old.kind <> new.kind BEGIN
    UPDATE sip_trunk_tally SET n = n - 1 WHERE health = old.health AND kind = old.kind;
    INSERT INTO sip_trunk_tally (health, kind, n) VALUES (new.health, new.kind, 1) ON CONFLICT (health, kind) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sip_trunk_tally_delete AFTER DELETE ON sip_trunk BEGIN
    UPDATE sip_trunk_tally SET n = n - 1 WHERE health = old.health AND kind = old.kind;
    DELETE FROM sip_fts WHERE rowid = old.id;
END;
-- +goose StatementEnd

CREATE VIRTUAL TABLE sip_fts USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');

-- When each PBX was last asked for its trunks, and what it said when it could not be read.
CREATE TABLE sip_look (
    pbx_id   INTEGER PRIMARY KEY REFERENCES pbx (id),
    asked_at INTEGER NOT NULL,
    read_at  INTEGER NOT NULL DEFAULT 0,
    trouble  TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX sip_look_by_time ON sip_look (asked_at, pbx_id);
