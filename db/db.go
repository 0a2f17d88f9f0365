package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Config says where the database is. Only Path is needed.
type Config struct {
	Path string           // the file; made when it is not there, mode 0600. Its folder must exist
	Log  *slog.Logger     // nil: silent
	Now  func() time.Time // nil: time.Now

	// Keys gives the forms under which a stored or typed number is found, each made of what a
	// phone can dial; the first is the main one. nil: [DigitKeys].
	Keys func(number string) []string
	// KeysVersion names the rule behind Keys, such as the home region: when it differs from that
	// of the last start, all keys are made anew.
	KeysVersion string

	// Unparked is told when a PBX's serial became known: deliveries that were parked for it are
	// stored again. nil: nobody is told.
	Unparked func()
}

// DB is the open database.
type DB struct {
	path      string
	log       *slog.Logger
	now       func() time.Time
	keys      func(string) []string
	unparked  func()
	writePool *sql.DB
	readPool  *sql.DB
	writer    *writer
	readers   chan *conn
	idle      []*conn       // the same connections, to close them
	packing   sync.Mutex    // one Pack at a time: each builds on the keys that the last one left
	digesting sync.Mutex    // one Digest at a time
	rest      time.Duration // that the next Digest leaves to others first
	closing   sync.Once
	closeErr  error
}

// Open opens the database, making or migrating it first. A database of a newer Cordboard is
// refused untouched.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	return open(ctx, cfg, embedded())
}

func open(ctx context.Context, cfg Config, migrations fs.FS) (*DB, error) {
	if cfg.Path == "" {
		return nil, errors.New("db.Open: Config.Path is empty")
	}
	d := &DB{path: cfg.Path, log: cfg.Log, now: cfg.Now, keys: cfg.Keys, unparked: cfg.Unparked}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.keys == nil {
		d.keys = DigitKeys
	}
	if err := d.open(ctx, migrations); err != nil {
		return nil, errors.Join(fail("Open", err), d.shut())
	}
	if cfg.Keys != nil { // who only looks or copies leaves the record as it is
		if err := d.Start(ctx, cfg.Keys, cfg.KeysVersion); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

// Start begins the run of a server whose Keys come from the settings: Open without Keys, then this, before anything
// else is done with the database.
func (d *DB) Start(ctx context.Context, keys func(string) []string, version string) error {
	d.keys = keys
	return fail("Open", errors.Join(d.begin(ctx), d.refreshKeys(ctx, version)))
}

func (d *DB) open(ctx context.Context, migrations fs.FS) (err error) {
	if err := private(d.path); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, d.path)
	if err != nil {
		return err
	}
	if d.writePool, err = sql.Open("sqlite", writerDSN(d.path)); err != nil {
		return err
	}
	d.writePool.SetMaxOpenConns(1)
	if err := migrate(ctx, d.writePool, migrations, version, d.path, d.log); err != nil {
		return err
	}
	c, err := newConn(ctx, d.writePool)
	if err != nil {
		return err
	}
	d.writer = startWriter(c)

	readers := max(2, runtime.NumCPU())
	if d.readPool, err = sql.Open("sqlite", readerDSN(d.path)); err != nil {
		return err
	}
	d.readPool.SetMaxOpenConns(readers)
	d.readers = make(chan *conn, readers)
	for range readers {
		c, err := newConn(ctx, d.readPool)
		if err != nil {
			return err
		}
		d.idle = append(d.idle, c)
		d.readers <- c
	}
	return nil
}

// private makes the file readable to its owner alone: it holds password hashes and customers'
// numbers. SQLite gives the -wal and -shm files the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unavailable("db.Open", fmt.Sprintf("The database %s can't be opened for writing.", filepath.Base(path)), err)
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// Close waits for what is being written, folds the write-ahead log into the file and closes it.
// Calls that come later fail as unavailable. Closing twice is harmless.
func (d *DB) Close() error {
	d.closing.Do(func() { d.closeErr = d.shut() })
	return d.closeErr
}

func (d *DB) shut() error {
	var err error
	if d.writer != nil {
		d.writer.stop()
	}
	for range d.idle {
		err = errors.Join(err, (<-d.readers).close())
	}
	if d.readPool != nil {
		err = errors.Join(err, d.readPool.Close())
	}
	if d.writer != nil {
		// Busy means that another process reads: it will fold the log when it closes. A replicator reads all the
		// time, so that waiting for it would only make a stop long.
		if folded := d.writer.conn.script(context.Background(), "PRAGMA busy_timeout(200); PRAGMA wal_checkpoint(TRUNCATE)"); folded != nil && !endsTransaction(folded) {
			err = errors.Join(err, folded)
		}
		err = errors.Join(err, d.writer.conn.close())
	}
	if d.writePool != nil {
		err = errors.Join(err, d.writePool.Close())
	}
	if err != nil {
		return fmt.Errorf("db.Close: %w", err)
	}
	return nil
}

// Ready reports whether the database answers.
func (d *DB) Ready(ctx context.Context) error {
	return fail("Ready", d.read(ctx, func(ctx context.Context, c *conn) error {
		var n int
		return c.row(ctx, "SELECT n FROM did_tally").Scan(&n)
	}))
}
