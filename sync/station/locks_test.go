package station_test

import (
	"database/sql"
	"errors"
	"net"

	_ "modernc.org/sqlite"
)

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// lockDatabase takes SQLite's write lock from outside, as another program would; release gives
// it back.
func lockDatabase(path string) (release func() error, err error) {
	pool, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		return nil, err
	}
	tx, err := pool.Begin()
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return func() error { return errors.Join(tx.Rollback(), pool.Close()) }, nil
}
