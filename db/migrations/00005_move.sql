-- +goose Up
CREATE INDEX job_by_state ON job (state, created_at, id);

-- +goose Down
SELECT 'there is no way back: restore the copy that was made before the migration';
