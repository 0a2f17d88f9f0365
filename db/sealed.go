package db

import (
	"context"
	"encoding/hex"
	"fmt"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// sealedColumn is a place where secrets are kept that the installation's key sealed, each under the name
// prefix + row.
type sealedColumn struct{ table, column, row, prefix string }

// sealedColumns are all such places. One that is missing here is found by [DB.Reseal], which then refuses.
var sealedColumns = []sealedColumn{
	{"setting", "value", "key", ""}, // those that begin as sealed things do: settings are texts otherwise
	{"factor", "sealed", "user_id", "factor.sealed."},
	{"pbx_access", "secret", "pbx_id", "pbx_access.secret "},
	{"pbx_access", "token", "pbx_id", "pbx_access.token "},
	{"plan_password", "sealed", "plan_id", "plan_password "},
}

// Reseal hands everything that is sealed to anew, with its name, and keeps what it answers: all of it with the
// entry or nothing. It says how many changed. Nothing that begins with one of the old heads may be left
// anywhere: who drops a key must be sure.
func (d *DB) Reseal(ctx context.Context, oldHeads [][]byte, anew func(name string, sealed []byte) ([]byte, error), entry func(n int) audit.Entry) (n int, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		n = 0
		for _, place := range sealedColumns {
			k, err := place.reseal(ctx, c, anew)
			if err != nil {
				return err
			}
			n += k
		}
		for _, head := range oldHeads {
			if err := noneLeft(ctx, c, head); err != nil {
				return err
			}
		}
		if n == 0 {
			return nil
		}
		return appendAudit(ctx, c, entry(n))
	})
	return n, fail("Reseal", err)
}

// sealedRow is one sealed thing.
type sealedRow struct {
	row    string
	sealed []byte
}

func (p sealedColumn) reseal(ctx context.Context, c *conn, anew func(string, []byte) ([]byte, error)) (n int, err error) {
	rows, err := list(ctx, c, func(s scanner) (r sealedRow, err error) { return r, s.Scan(&r.row, &r.sealed) },
		fmt.Sprintf(`SELECT CAST(%[3]s AS TEXT), %[2]s FROM %[1]s WHERE substr(%[2]s, 1, 1) = x'01'`, p.table, p.column, p.row))
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		sealed, err := anew(p.prefix+r.row, r.sealed)
		if err != nil {
			return n, fmt.Errorf("%s of %s %s: %w", p.column, p.table, r.row, err)
		}
		if string(sealed) == string(r.sealed) {
			continue
		}
		if _, err := c.exec(ctx, fmt.Sprintf(`UPDATE %s SET %s = ? WHERE CAST(%s AS TEXT) = ?`, p.table, p.column, p.row), sealed, r.row); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// noneLeft looks through every column that may hold bytes for something that begins with head.
func noneLeft(ctx context.Context, c *conn, head []byte) error {
	type column struct{ table, name string }
	columns, err := list(ctx, c, func(s scanner) (k column, err error) { return k, s.Scan(&k.table, &k.name) }, selectBlobColumns)
	if err != nil {
		return err
	}
	for _, k := range columns {
		var left bool
		query := fmt.Sprintf(`SELECT EXISTS (SELECT 1 FROM %q WHERE substr(%q, 1, %d) = x'%s')`, k.table, k.name, len(head), hex.EncodeToString(head))
		if err := c.row(ctx, query).Scan(&left); err != nil {
			return err
		}
		if left {
			return &fleet.Error{Kind: fleet.KindInternal, Op: "db.Reseal", Msg: fmt.Sprintf("Column %s of table %s still holds something that an old key sealed. Nothing was changed.", k.name, k.table)}
		}
	}
	return nil
}

const selectBlobColumns = `SELECT t.name, k.name FROM sqlite_schema t JOIN pragma_table_info(t.name) k
	WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%' AND t.name NOT LIKE '%\_fts\_%' ESCAPE '\' AND k.type = 'BLOB'`
