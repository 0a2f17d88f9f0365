-- +goose Up
CREATE INDEX audit_by_outcome ON audit (outcome, at);

-- The words of the record. Nothing leaves it, so the index keeps no copy of what it was made of.
CREATE VIRTUAL TABLE audit_fts USING fts5 (actor, action, outcome, pbx, words, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');

INSERT INTO audit_fts (rowid, actor, action, outcome, pbx, words)
    SELECT seq, actor, action, outcome, pbx_id, target || ' ' || reason || ' ' || plan_id || ' ' || vendor_request_id || ' ' || ip || ' ' || substr(before, 1, 4000) || ' ' || substr(after, 1, 4000)
    FROM audit ORDER BY seq;

-- +goose StatementBegin
CREATE TRIGGER audit_is_indexed AFTER INSERT ON audit BEGIN
    INSERT INTO audit_fts (rowid, actor, action, outcome, pbx, words)
    VALUES (new.seq, new.actor, new.action, new.outcome, new.pbx_id,
        new.target || ' ' || new.reason || ' ' || new.plan_id || ' ' || new.vendor_request_id || ' ' || new.ip || ' ' || substr(new.before, 1, 4000) || ' ' || substr(new.after, 1, 4000));
END;
-- +goose StatementEnd

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
