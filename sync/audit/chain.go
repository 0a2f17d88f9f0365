package audit

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Seal puts e behind the row with hash prev: the first row's prev is empty. What is sealed has one
// form: the time is cut to microseconds, which is what the database keeps, texts are UTF-8, and
// documents have neither spaces nor lines, so that no byte can be changed unseen.
func Seal(seq int64, prev string, e Entry) (Entry, error) {
	e.Seq, e.Prev, e.Hash = seq, prev, ""
	e.At = e.At.UTC().Truncate(time.Microsecond)
	for _, text := range []*string{&e.Actor, (*string)(&e.Action), &e.Target, (*string)(&e.Plan), (*string)(&e.Outcome), &e.Reason, &e.VendorRequestID, &e.IP} {
		*text = strings.ToValidUTF8(*text, "\uFFFD")
	}
	var err error
	if e.Before, err = canonical(e.Before); err == nil {
		e.After, err = canonical(e.After)
	}
	var text []byte
	if err == nil {
		text, err = json.Marshal(e)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("audit.Seal %d: %w", seq, err)
	}
	sum := sha256.Sum256(text)
	e.Hash = hex.EncodeToString(sum[:])
	return e, nil
}

// canonical is the one form in which a document is sealed and kept.
func canonical(doc json.RawMessage) (json.RawMessage, error) {
	if len(doc) == 0 {
		return nil, nil
	}
	return json.Marshal(doc)
}

// Check says what is wrong with e as the row behind prev (the zero Entry before the first), or nil.
func Check(prev, e Entry) error {
	if e.Seq != prev.Seq+1 {
		return fmt.Errorf("audit: row %d follows row %d: rows are missing or moved", e.Seq, prev.Seq)
	}
	if e.Prev != prev.Hash {
		return fmt.Errorf("audit: row %d does not continue the chain", e.Seq)
	}
	want, err := Seal(e.Seq, e.Prev, e)
	if err != nil {
		return fmt.Errorf("audit: row %d was changed: %w", e.Seq, err)
	}
	if want.Hash != e.Hash || !want.same(e) {
		return fmt.Errorf("audit: row %d was changed", e.Seq)
	}
	return nil
}

// same reports whether both have the same bytes: hashes are made of the sealed form alone.
func (e Entry) same(other Entry) bool {
	return e.Actor == other.Actor && e.Action == other.Action && e.Target == other.Target && e.Plan == other.Plan && e.Outcome == other.Outcome &&
		e.Reason == other.Reason && e.VendorRequestID == other.VendorRequestID && e.IP == other.IP &&
		bytes.Equal(e.Before, other.Before) && bytes.Equal(e.After, other.After)
}

// Head is the newest row of the record at some moment. Who kept one elsewhere can tell later that
// no row was cut off.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// String is the form in which people and files keep a head: 1234:9f86d0…
func (h Head) String() string {
	if h.Seq == 0 {
		return "none"
	}
	return strconv.FormatInt(h.Seq, 10) + ":" + h.Hash
}

// ParseHead reads what String gave.
func ParseHead(text string) (Head, error) {
	number, hash, _ := strings.Cut(strings.TrimSpace(text), ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	_, bad := hex.DecodeString(hash)
	if cmp.Or(err, bad) != nil || seq < 1 || len(hash) != hex.EncodedLen(sha256.Size) {
		return Head{}, errors.New("a head is a row's number, a colon and its hash, such as Cordboard's audit page shows it")
	}
	return Head{seq, hash}, nil
}

// Check says what is wrong with a record that ends with last, as far as it was checked for itself: at
// is its row of the head's number.
func (h Head) Check(last, at Entry) error {
	switch {
	case h.Seq == 0:
		return nil
	case last.Seq < h.Seq:
		return fmt.Errorf("audit: the record ends with row %d, and it once had row %d: rows were cut off at its end", last.Seq, h.Seq)
	case at.Hash != h.Hash:
		return fmt.Errorf("audit: row %d is not the one that it was: the record was written anew", h.Seq)
	}
	return nil
}
