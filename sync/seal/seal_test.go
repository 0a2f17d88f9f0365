package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"cordboard/sync/seal"
)

func sealer(t *testing.T, fill byte) *seal.Sealer {
	t.Helper()
	s, err := seal.New(bytes.Repeat([]byte{fill}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatIsSealedOpensUnderItsNameAndKeyAlone(t *testing.T) {
	s, plain := sealer(t, 1), []byte("hush, a secret")
	sealed := s.Seal("setting.mail", plain)
	if bytes.Contains(sealed, plain[:4]) {
		t.Fatal("the secret can be read in what is stored")
	}
	if got, err := sealer(t, 1).Open("setting.mail", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("opened: %q, %v", got, err)
	}
	if _, err := s.Open("setting.webhook", sealed); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("under another name: %v", err)
	}
	if _, err := sealer(t, 2).Open("setting.mail", sealed); !errors.Is(err, seal.ErrOtherKey) {
		t.Errorf("with another key: %v", err)
	}
	for i := range sealed {
		bent := bytes.Clone(sealed)
		bent[i] ^= 1
		if _, err := s.Open("setting.mail", bent); err == nil {
			t.Errorf("byte %d was changed, and nobody noticed", i)
		}
		if _, err := s.Open("setting.mail", sealed[:i]); err == nil {
			t.Errorf("cut to %d bytes, and nobody noticed", i)
		}
	}
}

func TestSealingTwiceGivesDifferentBytes(t *testing.T) {
	s := sealer(t, 1)
	if bytes.Equal(s.Seal("a", []byte("same")), s.Seal("a", []byte("same"))) {
		t.Error("equal secrets look equal in the database")
	}
	if got, err := s.Open("a", s.Seal("a", nil)); err != nil || len(got) != 0 {
		t.Errorf("nothing, sealed and opened: %q, %v", got, err)
	}
}

func TestAKeyOfAnotherLengthIsRefused(t *testing.T) {
	if _, err := seal.New([]byte("short")); err == nil {
		t.Error("a short key was taken")
	}
}

func TestWhatAnOldKeySealedOpensAndIsSealedAnew(t *testing.T) {
	was, is := sealer(t, 1), sealer(t, 2)
	old := was.Seal("a", []byte("hush"))
	both, err := seal.New(bytes.Repeat([]byte{2}, seal.KeySize), bytes.Repeat([]byte{1}, seal.KeySize))
	if err != nil || both.ID() != is.ID() || both.ID() == was.ID() {
		t.Fatal(err, both.ID())
	}
	if heads := both.OldHeads(); len(heads) != 1 || !bytes.HasPrefix(old, heads[0]) {
		t.Errorf("heads %x of %x", heads, old)
	}
	anew, err := both.Reseal("a", old)
	if err != nil || bytes.HasPrefix(anew, old[:5]) {
		t.Fatalf("%x %v", anew, err)
	}
	if got, err := is.Open("a", anew); err != nil || string(got) != "hush" {
		t.Errorf("opened: %q, %v", got, err)
	}
	if again, err := both.Reseal("a", anew); err != nil || !bytes.Equal(again, anew) {
		t.Errorf("sealed a third time: %v", err)
	}
	if _, err := both.Reseal("b", old); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("under another name: %v", err)
	}
	if _, err := is.Reseal("a", old); !errors.Is(err, seal.ErrOtherKey) {
		t.Errorf("without the old key: %v", err)
	}
	if _, err := seal.New(bytes.Repeat([]byte{2}, seal.KeySize), []byte("short")); err == nil {
		t.Error("a short old key was taken")
	}
}
