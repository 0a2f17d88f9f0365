-- +goose Up
CREATE TABLE bulk_review (
    id         TEXT    PRIMARY KEY,
    created_at INTEGER NOT NULL,
    doc        TEXT    NOT NULL
) STRICT;

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
