package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cordboard/sync/fleet"
)

// Setting reads a value that SetSetting stored; KindNotFound when there is none.
func (d *DB) Setting(ctx context.Context, key string) (value []byte, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		value, err = findSetting(ctx, c, key)
		return err
	})
	return value, fail("Setting", err)
}

// SetSetting stores a value under a key, replacing what was there. Secrets come encrypted.
func (d *DB) SetSetting(ctx context.Context, key string, value []byte) error {
	return fail("SetSetting", d.write(ctx, func(ctx context.Context, c *conn) error { return saveSetting(ctx, c, key, value) }))
}

func findSetting(ctx context.Context, c *conn, key string) (value []byte, err error) {
	err = c.row(ctx, selectSetting, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fleet.NotFound("db.findSetting", fmt.Sprintf("The setting %q", key))
	}
	return value, err
}

func saveSetting(ctx context.Context, c *conn, key string, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	_, err := c.exec(ctx, upsertSetting, key, value)
	return err
}

const (
	selectSetting = `SELECT value FROM setting WHERE key = ?`
	upsertSetting = `INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2`
)
