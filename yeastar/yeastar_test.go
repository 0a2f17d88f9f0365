package yeastar_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"cordboard/yeastar"
)

const planted = "hunter2-planted"

func TestASecretNeverPrints(t *testing.T) {
	s := yeastar.NewSecret(planted)
	type nested struct {
		Open   yeastar.Secret
		hidden yeastar.Secret
		Ptr    *yeastar.Secret
		List   []yeastar.Secret
		Map    map[string]yeastar.Secret
	}
	all := nested{s, s, &s, []yeastar.Secret{s}, map[string]yeastar.Secret{"k": s}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", s, all, &all)
	}
	out.WriteString(s.String() + s.GoString())
	out.WriteString(fmt.Errorf("wrapped: %w", fmt.Errorf("%v %v", s, all)).Error())
	js, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(js)
	var logged bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(h).Info("a line", "secret", s, "all", all)
	}
	out.Write(logged.Bytes())
	for _, form := range []string{planted, fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret leaked as %s:\n%s", form, out.String())
		}
	}
	if !strings.Contains(out.String(), "•••") {
		t.Error("nothing shows that a secret stood there")
	}
	if s.Reveal() != planted || all.hidden.Reveal() != planted {
		t.Error("Reveal does not give the value")
	}
}

func TestAnEmptySecretIsZeroAndPrintsTheSame(t *testing.T) {
	var zero yeastar.Secret
	if !zero.IsZero() || !yeastar.NewSecret("").IsZero() || zero.Reveal() != "" || zero.String() != "•••" {
		t.Errorf("the zero secret is %v, %q", zero.IsZero(), zero.Reveal())
	}
	if yeastar.NewSecret("x").IsZero() {
		t.Error("a secret that holds something is zero")
	}
}

func TestAnErrorTellsWhatHappenedInOneLineAndKeepsItsCause(t *testing.T) {
	err := fmt.Errorf("upstream: %w", &yeastar.Error{
		Op: "update the DID bindings of PBX 4808", Kind: yeastar.KindInvalid, Sent: yeastar.SentAnswered, HTTPStatus: 400,
		Code: 1000004, Symbol: "INVALID_PARAMETER", Msg: "INVALID_PARAMETER", Detail: "trunkId", RequestID: "d42c", Err: context.Canceled,
	})
	want := "upstream: update the DID bindings of PBX 4808: invalid: INVALID_PARAMETER (1000004): trunkId: context canceled [sent: answered, HTTP 400, request d42c]"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if !errors.Is(err, context.Canceled) || yeastar.KindOf(err) != yeastar.KindInvalid || yeastar.SentOf(err) != yeastar.SentAnswered {
		t.Errorf("kind %v, sent %v", yeastar.KindOf(err), yeastar.SentOf(err))
	}
}

func TestTheFateOfAStrangeErrorIsUnknown(t *testing.T) {
	var zero yeastar.Error
	if zero.Sent != yeastar.SentUnknown || yeastar.SentOf(errors.New("x")) != yeastar.SentUnknown || yeastar.KindOf(nil) != 0 {
		t.Error("the zero value claims to know the fate of a request")
	}
}

func TestEveryKindAndFateHasItsOwnWord(t *testing.T) {
	words := map[string]bool{}
	for k := yeastar.Kind(0); k <= yeastar.KindIncomplete; k++ {
		words[k.String()] = true
	}
	if len(words) != int(yeastar.KindIncomplete)+1 {
		t.Errorf("kinds share words: %v", words)
	}
	if yeastar.SentNo.String() != "no" || yeastar.SentAnswered.String() != "answered" || yeastar.SentUnknown.String() != "unknown" {
		t.Error("a fate has the wrong word")
	}
}
