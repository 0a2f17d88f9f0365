package db

import (
	"context"
	"database/sql"
	"errors"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/sip"
)

// PBXAccess is how a PBX's own API is reached. One that nobody set is YCM's relay.
func (d *DB) PBXAccess(ctx context.Context, id fleet.PBXID) (k sip.Kept, err error) {
	k = sip.Kept{Access: sip.Access{PBX: id, Way: sip.Relay}}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		err := c.row(ctx, selectAccess, int64(id)).Scan(&k.Way, &k.BaseURL, &k.ClientID, &k.Pin, &k.CA, &k.Secret, &k.Token)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	k.HasSecret = k.Secret != nil
	return k, fail("PBXAccess", err)
}

// KeepPBXAccess stores how a PBX's own API is reached, with its audit entry. The token that was kept is
// forgotten: it belongs to what was there before.
func (d *DB) KeepPBXAccess(ctx context.Context, k sip.Kept, e audit.Entry) error {
	return fail("KeepPBXAccess", d.write(ctx, func(ctx context.Context, c *conn) error {
		if _, err := c.exec(ctx, saveAccess, int64(k.PBX), string(k.Way), k.BaseURL, k.ClientID, k.Pin, k.CA, blob(k.Secret)); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

// KeepPBXToken stores the sealed token pair of a PBX that is reached directly; nil forgets it.
func (d *DB) KeepPBXToken(ctx context.Context, id fleet.PBXID, sealed []byte) error {
	return fail("KeepPBXToken", d.write(ctx, func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, saveToken, int64(id), blob(sealed))
		return err
	}))
}

// blob is bytes for a column that may be NULL.
func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

const (
	selectAccess = `SELECT transport, base_url, client_id, pin, ca, secret, token FROM pbx_access WHERE pbx_id = ?`
	saveAccess   = `INSERT INTO pbx_access (pbx_id, transport, base_url, client_id, pin, ca, secret) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
		ON CONFLICT (pbx_id) DO UPDATE SET transport = ?2, base_url = ?3, client_id = ?4, pin = ?5, ca = ?6, secret = ?7, token = NULL`
	saveToken = `UPDATE pbx_access SET token = ?2 WHERE pbx_id = ?1`
)
