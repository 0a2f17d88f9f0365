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

// Sealer seals and opens with keys that are made from the installation's own. What older keys sealed
// opens too, as long as they are given.
type Sealer struct {
	rings []ring // the first one seals
}

// ring is what is made of one key.
type ring struct {
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

// New makes a sealer of the installation's key. What is sealed with one of the old keys opens too: see [Sealer.Reseal].
func New(key []byte, old ...[]byte) (*Sealer, error) {
	s := &Sealer{}
	for _, k := range append([][]byte{key}, old...) {
		r, err := newRing(k)
		if err != nil {
			return nil, fmt.Errorf("seal: %w", err)
		}
		s.rings = append(s.rings, r)
	}
	return s, nil
}

func newRing(key []byte) (r ring, err error) {
	if len(key) != KeySize {
		return r, fmt.Errorf("the key has %d bytes, not %d", len(key), KeySize)
	}
	own, err := hkdf.Key(sha256.New, key, nil, forSecrets, KeySize)
	if err != nil {
		return r, err
	}
	if r.id, err = hkdf.Key(sha256.New, key, nil, forKeyID, idSize); err != nil {
		return r, err
	}
	if r.mark, err = hkdf.Key(sha256.New, key, nil, forMarks, KeySize); err != nil {
		return r, err
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		return r, err
	}
	r.aead, err = cipher.NewGCMWithRandomNonce(block)
	return r, err
}

func (r ring) head() []byte { return append([]byte{form}, r.id...) }

// ID names the key that seals. It tells nothing about the key itself.
func (s *Sealer) ID() string { return hex.EncodeToString(s.rings[0].id) }

// OldHeads are the first bytes of everything that the old keys sealed.
func (s *Sealer) OldHeads() [][]byte {
	var heads [][]byte
	for _, r := range s.rings[1:] {
		heads = append(heads, r.head())
	}
	return heads
}

// ErrOtherKey is what opening gives when another key sealed it: the data folder and the key do not
// belong together.
var ErrOtherKey = errors.New("it was sealed with another key")

// ErrBroken is what opening gives when the bytes, or the name, are not what was sealed.
var ErrBroken = errors.New("it is damaged, or was sealed under another name")

// Seal encrypts plain under a name: the table, column and row, or the key of the setting, in which
// it is kept. What is moved elsewhere does not open.
func (s *Sealer) Seal(name string, plain []byte) []byte {
	r := s.rings[0]
	return r.aead.Seal(r.head(), nil, plain, []byte(name))
}

// Open gives back what was sealed under a name.
func (s *Sealer) Open(name string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+idSize || sealed[0] != form {
		return nil, fmt.Errorf("seal: %s: %w", name, ErrBroken)
	}
	for _, r := range s.rings {
		if !bytes.Equal(sealed[1:1+idSize], r.id) {
			continue
		}
		plain, err := r.aead.Open(nil, nil, sealed[1+idSize:], []byte(name))
		if err != nil {
			return nil, fmt.Errorf("seal: %s: %w", name, ErrBroken)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("seal: %s: %w", name, ErrOtherKey)
}

// Reseal seals anew what an old key had sealed. What the key of today sealed comes back as it is.
func (s *Sealer) Reseal(name string, sealed []byte) ([]byte, error) {
	plain, err := s.Open(name, sealed)
	if err != nil || bytes.HasPrefix(sealed, s.rings[0].head()) {
		return sealed, err
	}
	return s.Seal(name, plain), nil
}

// Mark tells equal secrets under a name from different ones, without giving them away: a keyed hash behind
// the id of its key. Marks of different keys say nothing about each other.
func (s *Sealer) Mark(name string, plain []byte) string {
	mac := hmac.New(sha256.New, s.rings[0].mark)
	mac.Write([]byte(name))
	mac.Write([]byte{0})
	mac.Write(plain)
	return s.ID() + ":" + hex.EncodeToString(mac.Sum(nil)[:16])
}
