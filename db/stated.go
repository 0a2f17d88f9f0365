package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"cordboard/sync/fleet"
)

// KeepPBX keeps a direct read of one PBX, such as a new one that no listing has shown yet. Its serial
// is answered when it was not known before: deliveries may be parked for it.
func (d *DB) KeepPBX(ctx context.Context, p fleet.PBX) (fresh string, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		fresh = ""
		isNew, err := d.upsertPBX(ctx, c, p)
		if isNew {
			fresh = p.Serial
		}
		return err
	})
	return fresh, fail("KeepPBX", err)
}

// Stated is what people last stated of a PBX's name and switches; the zero value when nobody did.
func (d *DB) Stated(ctx context.Context, id fleet.PBXID) (f fleet.PBXFeatures, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		var text string
		err := c.row(ctx, findStated, int64(id)).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &f)
	})
	return f, fail("Stated", err)
}

const findStated = `SELECT features FROM pbx_stated WHERE pbx_id = ?`

// KeepStated keeps what a person stated of a PBX, once YCM has accepted it.
func (d *DB) KeepStated(ctx context.Context, id fleet.PBXID, f fleet.PBXFeatures, at time.Time) error {
	text, err := json.Marshal(f)
	if err != nil {
		return fail("KeepStated", err)
	}
	return fail("KeepStated", d.write(ctx, func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, saveStated, int64(id), micros(at), string(text))
		return err
	}))
}

const saveStated = `INSERT INTO pbx_stated (pbx_id, stated_at, features) VALUES (?1, ?2, ?3)
	ON CONFLICT (pbx_id) DO UPDATE SET stated_at = ?2, features = ?3`
