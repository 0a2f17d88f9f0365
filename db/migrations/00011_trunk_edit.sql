-- +goose Up

-- A plan of kind trunk changes one SIP trunk of a PBX, by the PBX's own id of it. line is how far its
-- trunk was followed after it was applied: 'followed' until somebody saw it settle.
ALTER TABLE plan ADD COLUMN kind TEXT NOT NULL DEFAULT 'bindings' CHECK (kind IN ('bindings', 'trunk'));
ALTER TABLE plan ADD COLUMN trunk_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plan ADD COLUMN line TEXT NOT NULL DEFAULT '';

CREATE INDEX plan_by_trunk ON plan (pbx_id, trunk_id, created_at, id) WHERE trunk_id > 0;
CREATE INDEX plan_followed ON plan (id) WHERE line = 'followed';

-- A new password, sealed, from the draft until the plan is sent or over. It is never kept longer.
CREATE TABLE plan_password (
    plan_id TEXT PRIMARY KEY REFERENCES plan (id),
    sealed  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER plan_password_over AFTER UPDATE OF status ON plan WHEN new.status NOT IN ('draft', 'applying') BEGIN
    DELETE FROM plan_password WHERE plan_id = new.id;
END;
-- +goose StatementEnd

-- What PBXs told of their trunks, whenever it was something else than before. No secret is in it.
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
