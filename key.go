package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// keySize is the length of the key, in bytes: AES-256.
const keySize = 32

// keyFile is the name of the key's file in the data folder.
const keyFile = "cordboard.key"

func (c config) checkKey() error {
	if c.Key.IsZero() {
		return nil
	}
	_, err := decodeKeys(c.Key.Reveal())
	return err
}

// decodeKeys reads the key of today, and behind it those that it replaced: with a comma or a line each.
func decodeKeys(text string) ([][]byte, error) {
	var keys [][]byte
	for _, part := range strings.FieldsFunc(strings.TrimSpace(text), func(r rune) bool { return r == ',' || r == '\n' }) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(part))
		if err != nil || len(key) != keySize {
			return nil, errNoKey
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errNoKey
	}
	return keys, nil
}

var errNoKey = fmt.Errorf("this is not %d bytes in base64 (openssl rand -base64 %d makes one)", keySize, keySize)

func encodeKeys(keys ...[]byte) string {
	var text strings.Builder
	for _, key := range keys {
		text.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	}
	return text.String()
}

func newKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key) // never fails, says crypto/rand
	return key
}

// loadKey returns the key: the configured one, else that of the file in the data folder,
// which is made when it is missing. A damaged file is an error and is left alone, since
// what is stored can be read with the old key only.
func (c config) loadKey(log *slog.Logger) ([]byte, error) {
	if !c.Key.IsZero() {
		keys, err := decodeKeys(c.Key.Reveal())
		if err != nil {
			return nil, err
		}
		return keys[0], nil
	}
	path := filepath.Join(c.Data, keyFile)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("make the key: %w", err)
		}
		log.Info("made a key for secrets at rest; keep it with the backups", "file", path)
	}
	keys, err := c.readKeys()
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		log.Warn("others can read the key", "file", path, "mode", info.Mode().Perm().String(), "want", "-rw-------")
	}
	return keys[0], nil
}

// readKeys reads the file in the data folder.
func (c config) readKeys() ([][]byte, error) {
	path := filepath.Join(c.Data, keyFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	keys, err := decodeKeys(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

// oldKeys are those that the key of today replaced, as long as they are given beside it.
func (c config) oldKeys() ([][]byte, error) {
	read := c.readKeys
	if !c.Key.IsZero() {
		read = func() ([][]byte, error) { return decodeKeys(c.Key.Reveal()) }
	}
	keys, err := read()
	if err != nil {
		return nil, err
	}
	return keys[1:], nil
}

// makeKey writes a new key beside path and links it into place: path is never half
// written, and a key that another process made meanwhile stays.
func makeKey(path string) error {
	draft, err := draftKeys(path, newKey())
	if err != nil {
		return err
	}
	defer os.Remove(draft)
	if err := os.Link(draft, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// draftKeys writes keys into a file beside path, durably, mode 0600.
func draftKeys(path string, keys ...[]byte) (draft string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), keyFile+".*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(encodeKeys(keys...))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// replaceKeys puts other keys into the file: it holds the old ones or the new ones, whatever happens.
func replaceKeys(path string, keys ...[]byte) error {
	draft, err := draftKeys(path, keys...)
	if err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
