package db

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/fleet"

	"github.com/klauspost/compress/zstd"
)

// Bodies are evidence: they are kept byte for byte for ever. One report of a PBX is nearly the one
// before it, so a digested body is compressed against an earlier one of the same serial, its key.
// Keys are compressed alone: reading a body takes two steps at most.

// findBody reads a body as it came.
func findBody(ctx context.Context, c *conn, id int64) (body []byte, err error) {
	err = c.row(ctx, selectBody, id).Scan(&body)
	if !errors.Is(err, sql.ErrNoRows) {
		return body, err
	}
	var key int64
	var packed []byte
	if err := c.row(ctx, selectPacked, id).Scan(&key, &packed); err != nil {
		return nil, fmt.Errorf("body of delivery %d: %w", id, err)
	}
	var dictionary []byte
	if key != 0 {
		if dictionary, err = findBody(ctx, c, key); err != nil {
			return nil, err
		}
	}
	return unpack(packed, dictionary)
}

const (
	selectBody   = `SELECT bytes FROM body WHERE delivery_id = ?`
	selectPacked = `SELECT key_id, bytes FROM packed_body WHERE delivery_id = ?`
)

// dictionaryID names the only dictionary there ever is in a frame.
const dictionaryID = 1

// maxBody is more than any body that is accepted: what unpacks to more is damaged.
const maxBody = 64 << 20

func unpack(packed, dictionary []byte) ([]byte, error) {
	options := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBody)}
	if dictionary != nil {
		options = append(options, zstd.WithDecoderDictRaw(dictionaryID, dictionary))
	}
	decoder, err := zstd.NewReader(nil, options...)
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	return decoder.DecodeAll(packed, nil)
}

func newPacker(dictionary []byte) (*zstd.Encoder, error) {
	options := []zstd.EOption{
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderCRC(false),
		zstd.WithLowerEncoderMem(true),
	}
	if dictionary != nil {
		options = append(options, zstd.WithEncoderDictRaw(dictionaryID, dictionary))
	}
	return zstd.NewWriter(nil, options...)
}

// packFor bounds how long one transaction of Pack holds the writer.
const packFor = 15 * time.Millisecond

// Pack compresses up to max bodies whose deliveries are digested or dead, oldest first, and says
// how many it took; 0 means that there is nothing to do. It is for the background: others write in
// between.
func (d *DB) Pack(ctx context.Context, max int) (taken int, err error) {
	for taken < max {
		n, err := d.packSome(ctx, max-taken)
		if err != nil {
			return taken, fail("Pack", err)
		}
		if n == 0 {
			break
		}
		taken += n
	}
	return taken, nil
}

func (d *DB) packSome(ctx context.Context, max int) (taken int, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		began := time.Now()
		taken = 0
		ripe, err := list(ctx, c, scanRipe, findRipe, min(max, packAtOnce))
		if err != nil {
			return err
		}
		for _, r := range ripe {
			if taken > 0 && time.Since(began) > packFor {
				return nil
			}
			if err := packOne(ctx, c, r); err != nil {
				return fmt.Errorf("delivery %d: %w", r.id, err)
			}
			taken++
		}
		return nil
	})
	return taken, err
}

// packAtOnce bounds how many bodies are read for one transaction.
const packAtOnce = 64

// ripeBody is a body that may be packed.
type ripeBody struct {
	id     int64
	serial string // of its first element; empty when it has none
	bytes  []byte
}

func scanRipe(s scanner) (r ripeBody, err error) {
	var elements string
	if err := s.Scan(&r.id, &elements, &r.bytes); err != nil || elements == "" {
		return r, err
	}
	var list []fleet.Element
	if err := json.Unmarshal([]byte(elements), &list); err != nil {
		return r, err
	}
	r.serial = list[0].Serial
	return r, nil
}

const findRipe = `SELECT b.delivery_id, v.elements, b.bytes FROM body b JOIN delivery v ON v.id = b.delivery_id
	WHERE v.state NOT IN ('stored', 'parked') ORDER BY b.delivery_id LIMIT ?`

// bodyKey is what the next bodies of a serial are packed against.
type bodyKey struct {
	delivery    int64
	size, spent int // bytes of the key itself, and of all that was packed against it
}

func packOne(ctx context.Context, c *conn, r ripeBody) error {
	key, err := findBodyKey(ctx, c, r.serial)
	if err != nil {
		return err
	}
	if key.delivery != 0 && key.spent < keyPays*key.size {
		packed, err := packAgainst(ctx, c, key.delivery, r.bytes)
		if err != nil {
			return err
		}
		if packed != nil && len(packed) < key.size {
			if _, err := c.exec(ctx, spendKey, len(packed), r.serial); err != nil {
				return err
			}
			return replaceBody(ctx, c, r.id, key.delivery, packed)
		}
	}
	packed, err := pack(nil, r.bytes)
	if err != nil {
		return err
	}
	if r.serial != "" {
		if _, err := c.exec(ctx, saveKey, r.serial, r.id, len(packed)); err != nil {
			return err
		}
	}
	return replaceBody(ctx, c, r.id, 0, packed)
}

// keyPays says when a key is too old: bodies drift away from it, so what is packed against it
// grows. A new key is due when the old one has cost this many times its own size since.
const keyPays = 2

func findBodyKey(ctx context.Context, c *conn, serial string) (key bodyKey, err error) {
	err = c.row(ctx, selectKey, serial).Scan(&key.delivery, &key.size, &key.spent)
	if errors.Is(err, sql.ErrNoRows) {
		return bodyKey{}, nil
	}
	return key, err
}

const (
	selectKey = `SELECT delivery_id, size, spent FROM body_key WHERE serial = ?`
	spendKey  = `UPDATE body_key SET spent = spent + ? WHERE serial = ?`
	saveKey   = `INSERT INTO body_key (serial, delivery_id, size, spent) VALUES (?, ?, ?, 0)
		ON CONFLICT (serial) DO UPDATE SET delivery_id = excluded.delivery_id, size = excluded.size, spent = 0`
	insertPacked = `INSERT INTO packed_body (delivery_id, key_id, bytes) VALUES (?, ?, ?)`
	deleteBody   = `DELETE FROM body WHERE delivery_id = ?`
)

func packAgainst(ctx context.Context, c *conn, key int64, body []byte) ([]byte, error) {
	dictionary, err := findBody(ctx, c, key)
	if err != nil || len(dictionary) == 0 {
		return nil, err
	}
	return pack(dictionary, body)
}

// pack compresses body and proves that it comes back byte for byte.
func pack(dictionary, body []byte) ([]byte, error) {
	packer, err := newPacker(dictionary)
	if err != nil {
		return nil, err
	}
	packed := packer.EncodeAll(body, nil)
	if err := packer.Close(); err != nil {
		return nil, err
	}
	back, err := unpack(packed, dictionary)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(back, body) {
		return nil, errors.New("a packed body does not come back as it was")
	}
	return packed, nil
}

func replaceBody(ctx context.Context, c *conn, id, key int64, packed []byte) error {
	if _, err := c.exec(ctx, insertPacked, id, key, packed); err != nil {
		return err
	}
	_, err := c.exec(ctx, deleteBody, id)
	return err
}
