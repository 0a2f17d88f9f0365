-- +goose Up
-- One act of a PBX's life at a time. A new PBX has no id before YCM gives it one.
CREATE UNIQUE INDEX job_alone ON job (pbx_id) WHERE kind = 'change_pbx' AND state IN ('running', 'needs_attention');

-- What people stated of a PBX that no read of YCM returns: internal chat and the like.
CREATE TABLE pbx_stated (
    pbx_id    INTEGER PRIMARY KEY,
    stated_at INTEGER NOT NULL,
    features  TEXT    NOT NULL
) STRICT;

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
