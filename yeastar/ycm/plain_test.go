package ycm

import (
	"encoding/json"
	"slices"
	"testing"

	"cordboard/yeastar/internal/wire"
)

func FuzzPlainIDsAreWhatTheCarefulDecoderReads(f *testing.F) {
	for _, seed := range []string{`[1,2,3]`, `[50030]`, `[]`, `[0]`, `[1,0]`, `["7"]`, `[1, 2]`, `[1.5]`, `[1e3]`, `[-4]`, `[null]`, `[999999999999999999]`, `[9223372036854775807]`, `[[1]]`, ` [1]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data := json.RawMessage(text)
		if !json.Valid(data) || first(data) != '[' || data[0] != '[' {
			return
		}
		ids, ok := plainIDs(data)
		if !ok {
			return
		}
		var careful []wire.ID
		if err := json.Unmarshal(data, &careful); err != nil || !slices.Equal(ids, wire.Int64s(careful)) || slices.Contains(ids, 0) {
			t.Errorf("%s: %v, and with care %v, %v", text, ids, careful, err)
		}
	})
}
