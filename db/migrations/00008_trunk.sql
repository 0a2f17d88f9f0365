-- +goose Up

-- How a shared trunk stands with its provider, as its status was last read. status is empty as long
-- as no reading worked; status_trouble says why the last one did not.
ALTER TABLE trunk ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE trunk ADD COLUMN status_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE trunk ADD COLUMN status_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trunk ADD COLUMN status_trouble TEXT NOT NULL DEFAULT '';
ALTER TABLE trunk ADD COLUMN status_asked_at INTEGER NOT NULL DEFAULT 0;

-- What a trunk's list of numbers is sorted and filtered by, kept beside the pair itself. used: some
-- PBX has the number, over this trunk or another one.
ALTER TABLE did_trunk ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE did_trunk ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE did_trunk ADD COLUMN protected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE did_trunk ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;

DROP INDEX did_trunk_by_trunk;

CREATE TABLE trunk_tally (
    trunk_id  INTEGER PRIMARY KEY,
    n         INTEGER NOT NULL DEFAULT 0,
    used      INTEGER NOT NULL DEFAULT 0,
    protected INTEGER NOT NULL DEFAULT 0,
    pbxs      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- How many pairs a PBX has over a trunk now. A row with 0 says that it had some once.
CREATE TABLE trunk_pbx (
    trunk_id INTEGER NOT NULL,
    pbx_id   INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (trunk_id, pbx_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX trunk_pbx_by_numbers ON trunk_pbx (trunk_id, n, pbx_id);

-- Digested deliveries by the day of their arrival: days since 1970 in UTC.
CREATE TABLE delivery_day (
    day INTEGER PRIMARY KEY,
    n   INTEGER NOT NULL
) STRICT;

UPDATE did_trunk SET (number, protected, deleted, used) = (
    SELECT d.number, d.protected, d.deleted_at > 0,
        d.owner <> 0 OR EXISTS (SELECT 1 FROM holding h WHERE h.did_id = d.id AND h.to_at = 9223372036854775807)
    FROM did d WHERE d.id = did_trunk.did_id)
    WHERE did_id IN (SELECT id FROM did);

CREATE INDEX did_trunk_by_number ON did_trunk (trunk_id, used, number, did_id) WHERE deleted = 0;
CREATE INDEX did_trunk_protected ON did_trunk (trunk_id, number, did_id) WHERE protected = 1 AND deleted = 0;

INSERT INTO trunk_pbx (trunk_id, pbx_id, n)
    SELECT trunk_id, pbx_id, sum(to_at = 9223372036854775807) FROM holding GROUP BY trunk_id, pbx_id;

INSERT INTO trunk_tally (trunk_id, n, used, protected)
    SELECT trunk_id, count(*), sum(used), sum(protected) FROM did_trunk WHERE deleted = 0 GROUP BY trunk_id;

INSERT INTO trunk_tally (trunk_id, pbxs)
    SELECT trunk_id, count(*) FROM trunk_pbx WHERE n > 0 GROUP BY trunk_id
    ON CONFLICT (trunk_id) DO UPDATE SET pbxs = excluded.pbxs;

INSERT INTO delivery_day (day, n)
    SELECT received_at / 86400000000, count(*) FROM delivery WHERE state <> 'stored' GROUP BY 1;

-- +goose StatementBegin
CREATE TRIGGER did_trunk_insert AFTER INSERT ON did_trunk WHEN new.deleted = 0 BEGIN
    INSERT INTO trunk_tally (trunk_id, n, used, protected) VALUES (new.trunk_id, 1, new.used, new.protected)
        ON CONFLICT (trunk_id) DO UPDATE SET n = n + 1, used = used + excluded.used, protected = protected + excluded.protected;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER did_trunk_delete AFTER DELETE ON did_trunk WHEN old.deleted = 0 BEGIN
    UPDATE trunk_tally SET n = n - 1, used = used - old.used, protected = protected - old.protected WHERE trunk_id = old.trunk_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER did_trunk_update AFTER UPDATE OF used, protected, deleted ON did_trunk
    WHEN old.used <> new.used OR old.protected <> new.protected OR old.deleted <> new.deleted BEGIN
    UPDATE trunk_tally SET
        n = n + old.deleted - new.deleted,
        used = used + new.used * (1 - new.deleted) - old.used * (1 - old.deleted),
        protected = protected + new.protected * (1 - new.deleted) - old.protected * (1 - old.deleted)
        WHERE trunk_id = new.trunk_id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER did_trunk_follow AFTER UPDATE OF number, owner, protected, deleted_at ON did
    WHEN old.number <> new.number OR old.owner <> new.owner OR old.protected <> new.protected OR (old.deleted_at > 0) <> (new.deleted_at > 0) BEGIN
    UPDATE did_trunk SET number = new.number, protected = new.protected, deleted = new.deleted_at > 0,
        used = new.owner <> 0 OR EXISTS (SELECT 1 FROM holding WHERE did_id = new.id AND to_at = 9223372036854775807)
        WHERE did_id = new.id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER trunk_pbx_insert AFTER INSERT ON trunk_pbx WHEN new.n > 0 BEGIN
    INSERT INTO trunk_tally (trunk_id, pbxs) VALUES (new.trunk_id, 1) ON CONFLICT (trunk_id) DO UPDATE SET pbxs = pbxs + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER trunk_pbx_update AFTER UPDATE OF n ON trunk_pbx WHEN (old.n > 0) <> (new.n > 0) BEGIN
    INSERT INTO trunk_tally (trunk_id, pbxs) VALUES (new.trunk_id, 1)
        ON CONFLICT (trunk_id) DO UPDATE SET pbxs = pbxs + (new.n > 0) - (old.n > 0);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER holding_begins AFTER INSERT ON holding BEGIN
    UPDATE did_trunk SET used = 1 WHERE did_id = new.did_id AND used = 0 AND new.to_at = 9223372036854775807;
    INSERT INTO trunk_pbx (trunk_id, pbx_id, n) VALUES (new.trunk_id, new.pbx_id, new.to_at = 9223372036854775807)
        ON CONFLICT (trunk_id, pbx_id) DO UPDATE SET n = n + excluded.n;
END;
-- +goose StatementEnd
-- A number that no PBX holds any more is nobody's: what YCM said of its owner before is older.
-- +goose StatementBegin
CREATE TRIGGER holding_ends AFTER UPDATE OF to_at ON holding WHEN old.to_at = 9223372036854775807 AND new.to_at < old.to_at BEGIN
    UPDATE trunk_pbx SET n = n - 1 WHERE trunk_id = old.trunk_id AND pbx_id = old.pbx_id;
    UPDATE did SET owner = 0 WHERE id = old.did_id AND owner = old.pbx_id
        AND NOT EXISTS (SELECT 1 FROM holding WHERE did_id = old.did_id AND to_at = 9223372036854775807);
    UPDATE did_trunk SET used = EXISTS (SELECT 1 FROM did WHERE id = old.did_id AND owner <> 0)
            OR EXISTS (SELECT 1 FROM holding WHERE did_id = old.did_id AND to_at = 9223372036854775807)
        WHERE did_id = old.did_id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER delivery_day_digested AFTER UPDATE OF state ON delivery WHEN old.state = 'stored' AND new.state <> 'stored' BEGIN
    INSERT INTO delivery_day (day, n) VALUES (new.received_at / 86400000000, 1) ON CONFLICT (day) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delivery_day_reopened AFTER UPDATE OF state ON delivery WHEN old.state <> 'stored' AND new.state = 'stored' BEGIN
    UPDATE delivery_day SET n = n - 1 WHERE day = new.received_at / 86400000000;
END;
-- +goose StatementEnd

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
