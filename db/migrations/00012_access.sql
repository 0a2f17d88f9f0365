-- +goose Up

-- How a PBX's own API is reached; without a row, through YCM's relay. secret and token are sealed.
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
