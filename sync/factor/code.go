package factor

import (
	"crypto/rand"
	"encoding/base32"
	"strings"

	"cordboard/sync/team"
)

// Recovery codes: ten of 80 bits each, so that their plain hashes are worth nothing to a thief of the
// database.
const (
	recoveryCodes  = 10
	recoveryLength = 16
)

func newCodes() (shown []string, hashes []team.KeyHash) {
	for range recoveryCodes {
		code := rand.Text()[:recoveryLength]
		shown = append(shown, strings.ReplaceAll(grouped(code), " ", "-"))
		hashes = append(hashes, team.Key(code).Hash())
	}
	return shown, hashes
}

// plain is a code as people type it, without what they put between, in capitals.
func plain(typed string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\t", "", "\n", "", "\r", "").Replace(typed))
}

func encode(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}
