package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"cordboard/sync/fleet"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

func embedded() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return migrationFiles // the path is a constant: it can't be invalid
	}
	return sub
}

// migrate brings the schema up to date, each step in a transaction of its own. What was there
// before is copied first, beside the database.
func migrate(ctx context.Context, pool *sql.DB, migrations fs.FS, have int64, path string, log *slog.Logger) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, migrations, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	switch {
	case have == newest:
		return nil
	case have > newest:
		return newer(have, newest)
	case have > 0:
		if err := keepCopy(ctx, pool, path, have, log); err != nil {
			return err
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating from schema %d to %d: %w", have, newest, err)
	}
	log.InfoContext(ctx, "database migrated", "from", have, "to", newest)
	return nil
}

// newer refuses a database that a later version made.
func newer(have, newest int64) error {
	return &fleet.Error{Kind: fleet.KindUnavailable, Op: "db.Open", Msg: fmt.Sprintf(
		"This database was written by a newer Cordboard (schema %d; this one knows %d). It was left untouched: start the newer version.", have, newest)}
}

// newestVersion is the schema that this version makes.
func newestVersion() (int64, error) {
	sources, err := fs.Glob(embedded(), "*.sql")
	if err != nil || len(sources) == 0 {
		return 0, errors.Join(errors.New("no migrations"), err)
	}
	return goose.NumericComponent(slices.Max(sources))
}

// keepCopy keeps the database as it is before a migration. A copy from an attempt that was cut
// off stays: it is the older one of the same schema.
func keepCopy(ctx context.Context, pool *sql.DB, path string, version int64, log *slog.Logger) error {
	file := fmt.Sprintf("%s.schema%d", path, version)
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	if _, err := copyInto(ctx, pool, file, time.Now()); err != nil {
		return fmt.Errorf("copying before the migration: %w", err)
	}
	log.InfoContext(ctx, "database copied before migrating", "file", file)
	return nil
}

// schemaVersion reads the newest migration that was applied: 0 for a fresh file. It looks through
// a connection of its own that changes nothing, not even the journal mode.
func schemaVersion(ctx context.Context, path string) (version int64, err error) {
	pool, err := sql.Open("sqlite", dsn(path, []string{"busy_timeout(5000)", "query_only(1)"}, "deferred"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	var tables int
	if err := pool.QueryRowContext(ctx, findGooseTable).Scan(&tables); err != nil {
		return 0, err
	}
	if tables == 0 {
		var others int
		if err := pool.QueryRowContext(ctx, countTables).Scan(&others); err != nil {
			return 0, err
		}
		if others > 0 {
			return 0, &fleet.Error{Kind: fleet.KindUnavailable, Op: "db.Open", Msg: "This file is a database of another program. It was left untouched."}
		}
		return 0, nil
	}
	err = pool.QueryRowContext(ctx, findVersion).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return version, err
}

const (
	findGooseTable = `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'goose_db_version'`
	countTables    = `SELECT count(*) FROM sqlite_schema WHERE type = 'table'`
	findVersion    = `SELECT version_id FROM goose_db_version WHERE is_applied = 1 ORDER BY version_id DESC LIMIT 1`
)
