package db

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/fleet"

	"github.com/klauspost/compress/zstd"
)

// Bodies are evidence: they are kept byte for byte for ever. One report of a PBX is nearly the one
// before it, so a digested body is compressed against an earlier one of the same serial, its key.
// Keys are compressed alone: reading a body takes two steps at most.

// findBody reads a body as it came.
func findBody(ctx context.Context, c *conn, id int64) (body []byte, err error) {
	var squeezed bool
	err = c.row(ctx, selectBody, id).Scan(&squeezed, &body)
	if err == nil {
		return unsqueeze(body, squeezed)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
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
	selectBody   = `SELECT squeezed, bytes FROM body WHERE delivery_id = ?`
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
		// The best level makes a body a tenth smaller and takes fifteen times as long.
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderCRC(false),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(windowFor(len(dictionary))),
	}
	if dictionary != nil {
		options = append(options, zstd.WithEncoderDictRaw(dictionaryID, dictionary))
	}
	return zstd.NewWriter(nil, options...)
}

// windowFor is wide enough to reach back from a body into a dictionary of about the same size.
func windowFor(size int) int {
	window := 128 << 10
	for window < 4*size && window < 8<<20 {
		window *= 2
	}
	return window
}

// Pack compresses up to max bodies whose deliveries are digested or dead, oldest first, and says
// how many it took; 0 means that there is nothing to do. It is for the background: the work is done
// outside of the writer, which only swaps the results in.
func (d *DB) Pack(ctx context.Context, max int) (taken int, err error) {
	d.packing.Lock()
	defer d.packing.Unlock()
	for taken < max {
		n, err := d.packSome(ctx, min(max-taken, packAtOnce))
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

// packAtOnce bounds how many bodies are swapped in one transaction.
const packAtOnce = 64

func (d *DB) packSome(ctx context.Context, max int) (int, error) {
	p := packing{keys: make(map[string]*bodyKey)}
	err := d.read(ctx, func(ctx context.Context, c *conn) error {
		ripe, err := list(ctx, c, scanRipe, findRipe, max)
		if err != nil {
			return err
		}
		// A packer costs far more to make than to use: bodies of one serial go through one packer.
		slices.SortStableFunc(ripe, func(a, b ripeBody) int { return strings.Compare(a.serial, b.serial) })
		for _, r := range ripe {
			if err := p.add(ctx, c, r); err != nil {
				return fmt.Errorf("delivery %d: %w", r.id, err)
			}
		}
		return nil
	})
	if err != nil || len(p.done) == 0 {
		return 0, errors.Join(err, p.close())
	}
	if err := p.close(); err != nil {
		return 0, err
	}
	return len(p.done), d.write(ctx, p.swap)
}

// ripeBody is a body that may be packed.
type ripeBody struct {
	id     int64
	serial string // of its first element; empty when it has none
	bytes  []byte
}

func scanRipe(s scanner) (r ripeBody, err error) {
	var elements string
	var kept []byte
	var squeezed bool
	if err := s.Scan(&r.id, &elements, &squeezed, &kept); err != nil {
		return r, err
	}
	if r.bytes, err = unsqueeze(kept, squeezed); err != nil || elements == "" {
		return r, err
	}
	var list []fleet.Element
	if err := json.Unmarshal([]byte(elements), &list); err != nil {
		return r, err
	}
	r.serial = list[0].Serial
	return r, nil
}

const findRipe = `SELECT b.delivery_id, v.elements, b.squeezed, b.bytes FROM body b JOIN delivery v ON v.id = b.delivery_id
	WHERE v.state NOT IN ('stored', 'parked') ORDER BY b.delivery_id LIMIT ?`

// bodyKey is what the next bodies of a serial are packed against.
type bodyKey struct {
	delivery    int64
	body        []byte // as it came
	size, spent int    // bytes of the key itself, and of all that was packed against it
}

// keyPays says when a key is too old: bodies drift away from it, so what is packed against it
// grows. A new key is due when the old one has cost this many times its own size since.
const keyPays = 2

// packing is one batch on its way.
type packing struct {
	keys   map[string]*bodyKey // by serial
	packer *zstd.Encoder       // for the key of the serial in work
	serial string
	done   []packedBody
}

type packedBody struct {
	id, key int64
	bytes   []byte
}

// add packs one body. Bodies of one serial come one after the other.
func (p *packing) add(ctx context.Context, c *conn, r ripeBody) error {
	key, err := p.key(ctx, c, r.serial)
	if err != nil {
		return err
	}
	if key.delivery != 0 && key.spent < keyPays*key.size {
		packed, err := p.against(key, r)
		if err != nil {
			return err
		}
		if len(packed) < key.size {
			key.spent += len(packed)
			p.done = append(p.done, packedBody{r.id, key.delivery, packed})
			return nil
		}
	}
	alone, err := newPacker(nil)
	if err != nil {
		return err
	}
	packed, err := pack(alone, nil, r.bytes)
	if err := errors.Join(err, alone.Close()); err != nil {
		return err
	}
	p.done = append(p.done, packedBody{r.id, 0, packed})
	if r.serial == "" || len(r.bytes) == 0 {
		return nil
	}
	p.keys[r.serial] = &bodyKey{delivery: r.id, body: r.bytes, size: len(packed)}
	return p.close() // the packer of the old key
}

// key is the current key of a serial; its delivery is 0 when there is none.
func (p *packing) key(ctx context.Context, c *conn, serial string) (*bodyKey, error) {
	if key, ok := p.keys[serial]; ok {
		return key, nil
	}
	key := &bodyKey{}
	if serial == "" {
		return key, nil
	}
	err := c.row(ctx, selectKey, serial).Scan(&key.delivery, &key.size, &key.spent)
	if errors.Is(err, sql.ErrNoRows) {
		return key, nil
	}
	if err != nil {
		return nil, err
	}
	key.body, err = findBody(ctx, c, key.delivery)
	p.keys[serial] = key
	return key, err
}

func (p *packing) against(key *bodyKey, r ripeBody) ([]byte, error) {
	if p.packer == nil || p.serial != r.serial {
		if err := p.close(); err != nil {
			return nil, err
		}
		packer, err := newPacker(key.body)
		if err != nil {
			return nil, err
		}
		p.packer, p.serial = packer, r.serial
	}
	return pack(p.packer, key.body, r.bytes)
}

func (p *packing) close() error {
	if p.packer == nil {
		return nil
	}
	packer := p.packer
	p.packer = nil
	return packer.Close()
}

// pack compresses body and proves that it comes back byte for byte.
func pack(packer *zstd.Encoder, dictionary, body []byte) ([]byte, error) {
	packed := packer.EncodeAll(body, []byte{})
	back, err := unpack(packed, dictionary)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(back, body) {
		return nil, errors.New("a packed body does not come back as it was")
	}
	return packed, nil
}

// swap puts the packed bodies in the place of the bodies.
func (p *packing) swap(ctx context.Context, c *conn) error {
	for _, b := range p.done {
		if _, err := c.exec(ctx, insertPacked, b.id, b.key, b.bytes); err != nil {
			return fmt.Errorf("delivery %d: %w", b.id, err)
		}
		if _, err := c.exec(ctx, deleteBody, b.id); err != nil {
			return fmt.Errorf("delivery %d: %w", b.id, err)
		}
	}
	for serial, key := range p.keys {
		if _, err := c.exec(ctx, saveKey, serial, key.delivery, key.size, key.spent); err != nil {
			return fmt.Errorf("key of %s: %w", serial, err)
		}
	}
	return nil
}

const (
	selectKey = `SELECT delivery_id, size, spent FROM body_key WHERE serial = ?`
	saveKey   = `INSERT INTO body_key (serial, delivery_id, size, spent) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (serial) DO UPDATE SET delivery_id = ?2, size = ?3, spent = ?4`
	insertPacked = `INSERT INTO packed_body (delivery_id, key_id, bytes) VALUES (?, ?, ?)`
	deleteBody   = `DELETE FROM body WHERE delivery_id = ?`
)
