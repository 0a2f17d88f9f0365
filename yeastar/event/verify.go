package event

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"cordboard/yeastar"
)

// signatureLength is the length of 32 bytes in padded Base64.
const signatureLength = 44

// Verify reports whether signature, the value of the X-Signature header, was made
// over exactly these raw body bytes with one of secrets, and with which (index,
// −1 when with none). Two secrets are right during a rotation. The comparison
// takes constant time; an empty secret never verifies. The scheme binds neither
// time nor address: a captured report verifies for ever (contract §6.2).
func Verify(secrets []yeastar.Secret, body []byte, signature string) (index int, ok bool) {
	if len(signature) != signatureLength {
		return -1, false
	}
	given, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || len(given) != sha256.Size {
		return -1, false
	}
	for i, secret := range secrets {
		if !secret.IsZero() && hmac.Equal(given, sum(secret, body)) {
			return i, true
		}
	}
	return -1, false
}

// Sign gives the X-Signature value of body: Base64(HMAC-SHA256(secret, body)),
// the key being the secret's characters as they stand (contract §6.2).
func Sign(secret yeastar.Secret, body []byte) string {
	return base64.StdEncoding.EncodeToString(sum(secret, body))
}

// sum is the raw HMAC.
func sum(secret yeastar.Secret, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write(body)
	return mac.Sum(nil)
}
