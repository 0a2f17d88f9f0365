package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/seal"
	"cordboard/sync/station"
)

type rotateKeyCommand struct{}

// Run gives the data folder a new key and seals everything anew with it. Until that is done the file has both keys, so
// that whatever the process dies at, everything opens.
func (rotateKeyCommand) Run(ctx context.Context, c config, s streams) (err error) {
	if !c.Key.IsZero() {
		return errors.New("the key is given by --key (CORDBOARD_KEY): make a new one (openssl rand -base64 32), put it before the old one with a comma, and start the server, " +
			"which seals everything anew; then take the old one out")
	}
	if err := c.mustExist(); err != nil {
		return err
	}
	release, err := c.hold()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	old, err := c.readKeys()
	if err != nil {
		return err
	}
	path, key := filepath.Join(c.Data, keyFile), newKey()
	if err := replaceKeys(path, append([][]byte{key}, old...)...); err != nil {
		return err
	}
	n, err := reseal(ctx, c, key, old, s)
	if err != nil {
		return fmt.Errorf("the key was not replaced; the file has the old and the new one, and both are good: %w", err)
	}
	kept := path + ".until-" + time.Now().UTC().Format("20060102T150405Z")
	if err := errors.Join(replaceKeys(kept, old...), replaceKeys(path, key)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "There is a new key. Secrets sealed anew with it: %d. Everybody signs in again. The old key is in %s:\n"+
		"backups made before need it. Keep it with them, and delete it with them.\n", n, kept)
	return err
}

func reseal(ctx context.Context, c config, key []byte, old [][]byte, s streams) (n int, err error) {
	sealer, err := seal.New(key, old...)
	if err != nil {
		return 0, err
	}
	opened, err := db.Open(ctx, db.Config{Path: c.database(), Log: newLog(c, s.err)})
	if err != nil {
		return 0, err
	}
	n, err = station.Reseal(ctx, opened, sealer, audit.By{Actor: terminal}, time.Now())
	return n, errors.Join(err, opened.Close())
}
