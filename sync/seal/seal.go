package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// KeySize is the length of the installation's key, in bytes.
const KeySize = 32

// Sealer seals and opens with keys that are made from the installation's own.
type Sealer struct {
	aead cipher.AEAD
	id   []byte
	mark []byte // the key of marks
}

// The purposes for which keys are made of the installation's key, as HKDF wants them told apart.
const (
	forSecrets = "cordboard secrets at rest 1"
	forKeyID   = "cordboard key id 1"
	forMarks   = "cordboard marks of secrets 1"
)

// form is the first byte of everything that is sealed: how the rest is to be read.
const form = 1

// idSize is enough to tell a few keys apart, and tells nothing about the key itself.
const idSize = 4

// New makes a sealer of the installation's key.
func New(key []byte) (*Sealer, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("seal: the key has %d bytes, not %d", len(key), KeySize)
	}
	own, err := hkdf.Key(sha256.New, key, nil, forSecrets, KeySize)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	id, err := hkdf.Key(sha256.New, key, nil, forKeyID, idSize)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	mark, err := hkdf.Key(sha256.New, key, nil, forMarks, KeySize)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &Sealer{aead, id, mark}, nil
}

// ErrOtherKey is what opening gives when another key sealed it: the data folder and the key do not
// belong together.
var ErrOtherKey = errors.New("it was sealed with another key")

// ErrBroken is what opening gives when the bytes, or the name, are not what was sealed.
var ErrBroken = errors.New("it is damaged, or was sealed under another name")

// Seal encrypts plain under a name: the table, column and row, or the key of the setting, in which
// it is kept. What is moved elsewhere does not open.
func (s *Sealer) Seal(name string, plain []byte) []byte {
	head := append([]byte{form}, s.id...)
	return s.aead.Seal(head, nil, plain, []byte(name))
}

// Open gives back what was sealed under a name.
func (s *Sealer) Open(name string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+idSize || sealed[0] != form {
		return nil, fmt.Errorf("seal: %s: %w", name, ErrBroken)
	}
	if !bytes.Equal(sealed[1:1+idSize], s.id) {
		return nil, fmt.Errorf("seal: %s: %w", name, ErrOtherKey)
	}
	plain, err := s.aead.Open(nil, nil, sealed[1+idSize:], []byte(name))
	if err != nil {
		return nil, fmt.Errorf("seal: %s: %w", name, ErrBroken)
	}
	return plain, nil
}

// Mark tells equal secrets under a name from different ones, without giving them away: a keyed hash behind
// the id of its key. Marks of different keys say nothing about each other.
func (s *Sealer) Mark(name string, plain []byte) string {
	mac := hmac.New(sha256.New, s.mark)
	mac.Write([]byte(name))
	mac.Write([]byte{0})
	mac.Write(plain)
	return hex.EncodeToString(s.id) + ":" + hex.EncodeToString(mac.Sum(nil)[:16])
}
