package event_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"cordboard/yeastar"
	"cordboard/yeastar/event"
)

func secrets(values ...string) []yeastar.Secret {
	var out []yeastar.Secret
	for _, v := range values {
		out = append(out, yeastar.NewSecret(v))
	}
	return out
}

// known was computed with: printf '[]' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef -binary | base64
const (
	knownSecret    = "0123456789abcdef0123456789abcdef"
	knownSignature = "rRL9sT/wq4b/bHEYZ9cTStz3nTP4NKdBvhKYj/hGt+I="
)

func TestASignatureMadeElsewhereVerifies(t *testing.T) {
	if i, ok := event.Verify(secrets(knownSecret), []byte("[]"), knownSignature); !ok || i != 0 {
		t.Errorf("gave %d, %v", i, ok)
	}
	if got := event.Sign(yeastar.NewSecret(knownSecret), []byte("[]")); got != knownSignature {
		t.Errorf("Sign gave %s", got)
	}
}

func TestDuringARotationBothSecretsVerifyAndTheIndexSaysWhich(t *testing.T) {
	body := sample(t, "seed002_did_change.json")
	two := secrets("the old secret", "the new secret")
	for want, s := range two {
		if i, ok := event.Verify(two, body, event.Sign(s, body)); !ok || i != want {
			t.Errorf("secret %d gave %d, %v", want, i, ok)
		}
	}
}

func TestWhatIsNotSignedWithOneOfTheSecretsIsRefused(t *testing.T) {
	body := []byte(`[{"event":"did_change"}]`)
	good := event.Sign(yeastar.NewSecret(knownSecret), body)
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		secrets   []yeastar.Secret
		body      []byte
		signature string
	}{
		{"another secret", secrets("another"), body, good},
		{"no secrets", nil, body, good},
		{"an empty secret", secrets(""), body, event.Sign(yeastar.Secret{}, body)},
		{"an empty secret beside another", secrets("", "another"), body, event.Sign(yeastar.Secret{}, body)},
		{"a byte changed", secrets(knownSecret), bytes.Replace(body, []byte("did"), []byte("dib"), 1), good},
		{"a space added", secrets(knownSecret), append(bytes.Clone(body), ' '), good},
		{"no signature", secrets(knownSecret), body, ""},
		{"hexadecimal", secrets(knownSecret), body, strings.Repeat("ab", 32)},
		{"without padding", secrets(knownSecret), body, strings.TrimRight(good, "=")},
		{"the URL alphabet", secrets(knownSecret), []byte("7"), strings.NewReplacer("+", "-", "/", "_").Replace(urlUnlike(t))},
		{"33 bytes", secrets(knownSecret), body, base64.StdEncoding.EncodeToString(append(raw, 0))},
		{"a line break in it", secrets(knownSecret), body, good[:10] + "\n" + good[11:]},
		{"two signatures", secrets(knownSecret), body, good + "," + good},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if i, ok := event.Verify(tt.secrets, tt.body, tt.signature); ok || i != -1 {
				t.Errorf("gave %d, %v", i, ok)
			}
		})
	}
}

// urlUnlike gives the signature of "7", which holds a character that the two
// Base64 alphabets spell differently.
func urlUnlike(t *testing.T) string {
	t.Helper()
	s := event.Sign(yeastar.NewSecret(knownSecret), []byte("7"))
	if !strings.ContainsAny(s, "+/") {
		t.Fatalf("%s has neither + nor /: choose another body", s)
	}
	return s
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte("[]"), knownSignature, knownSecret)
	f.Add([]byte(""), "", "")
	f.Fuzz(func(t *testing.T, body []byte, signature, secret string) {
		i, ok := event.Verify(secrets(secret), body, signature)
		mine := secret != "" && signature == event.Sign(yeastar.NewSecret(secret), body)
		if ok != mine || (ok && i != 0) || (!ok && i != -1) {
			t.Fatalf("Verify gave %d, %v for %q", i, ok, signature)
		}
		if secret == "" {
			return
		}
		if _, ok := event.Verify(secrets("x"+secret, secret), body, event.Sign(yeastar.NewSecret(secret), body)); !ok {
			t.Fatal("its own signature does not verify")
		}
	})
}
