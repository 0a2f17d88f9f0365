package pseries_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/yeastartest"
)

// plain is what must be in no text: passwords, the client secret and tokens.
func plain(t *testing.T, w *world, where, text string) {
	t.Helper()
	secrets := []string{"planted", w.PBXAPI(pbxID).ClientSecret, "access_token="}
	for _, r := range w.Requests() {
		if _, token, ok := strings.Cut(r.Query, "access_token="); ok {
			secrets = append(secrets, token[:32])
		}
	}
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%s has %q in it: %s", where, s, text)
		}
	}
}

// Whatever goes wrong, no text has a secret in it, the debug log included.
func TestNoTextHasASecretInIt(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	var log bytes.Buffer
	debug := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c := w.direct(t, func(d *pseries.Direct) { d.Log = debug; d.Tokens = &shelf{} })
	echo := `{"errcode":40002,"errmsg":"bad planted-new-password","submsg":"planted-new-password","invalid_param_list":[{"field":"password","value":"planted-new-password"},{"field":"x","value":"planted-new-password"}]}`
	faults := []yeastartest.Fault{
		yeastartest.HTML(), yeastartest.Truncated(), yeastartest.CutOff(), yeastartest.CloseBeforeCommit(), yeastartest.CloseAfterCommit(),
		yeastartest.PBXCode(10004), yeastartest.PBXCode(-1), yeastartest.PBXCode(1), yeastartest.Status(500, "planted-new-password"),
		yeastartest.Status(200, echo), yeastartest.Status(200, `"password":"planted-sip-password"`), yeastartest.Status(200, `{"errcode":0,"data":{"id":11,"password":{"x":"planted-sip-password"}}}`),
	}
	for i, f := range faults {
		for _, at := range []string{"/trunk/update", "/trunk/get"} {
			w.Fail(yeastartest.Match{PathSuffix: at, Times: 5}, f)
		}
		_, err := c.UpdateTrunk(background, w.register, pseries.RegisterChange{Password: ptr(yeastar.NewSecret("planted-new-password"))})
		plain(t, w, fmt.Sprintf("the error of fault %d", i), fmt.Sprintf("%v %+v %#v", err, err, err))
		_, err = c.Trunk(background, w.register)
		plain(t, w, fmt.Sprintf("the error of reading with fault %d", i), fmt.Sprintf("%v %+v %#v", err, err, err))
		w.ClearFaults()
		c.Resume()
	}
	got, err := c.Trunk(background, w.register)
	must(t, err)
	plain(t, w, "a trunk", fmt.Sprintf("%v %+v %#v", got, got, got))
	must(t, c.Close(background))
	dead := directOf(t, pseries.Direct{BaseURL: "http://127.0.0.1:1", ClientID: "an-id", ClientSecret: yeastar.NewSecret("planted-secret"), Log: debug, RetryBase: time.Microsecond}, nil)
	_, err = dead.System(background)
	plain(t, w, "the error of a dead address", fmt.Sprintf("%v %+v", err, err))
	plain(t, w, "the log", log.String())
	if log.Len() == 0 {
		t.Error("the log is empty")
	}
}

func TestOneWithAMistakeIsNotMade(t *testing.T) {
	good := pseries.Direct{BaseURL: "https://pbx.test", ClientID: "an-id", ClientSecret: yeastar.NewSecret("planted-secret")}
	for name, change := range map[string]func(*pseries.Direct){
		"http":         func(d *pseries.Direct) { d.BaseURL = "http://pbx.test" },
		"no host":      func(d *pseries.Direct) { d.BaseURL = "https://" },
		"a user":       func(d *pseries.Direct) { d.BaseURL = "https://planted@pbx.test" },
		"a query":      func(d *pseries.Direct) { d.BaseURL = "https://pbx.test?access_token=planted" },
		"no id":        func(d *pseries.Direct) { d.ClientID = "" },
		"no secret":    func(d *pseries.Direct) { d.ClientSecret = yeastar.Secret{} },
		"a short pin":  func(d *pseries.Direct) { d.PinSHA256 = "ab:cd" },
		"no PEM":       func(d *pseries.Direct) { d.CAPEM = "nothing" },
		"pin and CA":   func(d *pseries.Direct) { d.CAPEM, d.PinSHA256 = "x", "y" },
		"a limit of -": func(d *pseries.Direct) { d.MaxInFlight = -1 },
	} {
		cfg := good
		change(&cfg)
		if _, err := pseries.NewDirect(cfg); err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := pseries.NewRelay(pseries.Relay{Serial: "x"}); err == nil {
		t.Error("a relay without YCM")
	}
	if _, err := pseries.NewDirect(good); err != nil {
		t.Error(err)
	}
}

// A certificate that the system does not trust is trusted by its authority or by its pin, and in no
// other way.
func TestAnOwnCertificateNeedsItsCAOrItsPin(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	s := httptest.NewTLSServer(http.HandlerFunc(w.ServeHTTP))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	t.Cleanup(s.Close)
	api := w.PBXAPI(pbxID)
	path := strings.TrimPrefix(api.BaseURL, w.URL())
	sum := sha256.Sum256(s.Certificate().Raw)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	colons := strings.ToUpper(strings.Join(strings.Split(fmt.Sprintf("% x", sum), " "), ":"))
	for name, tc := range map[string]struct {
		pin, ca string
		good    bool
	}{
		"nothing": {}, "the CA": {ca: ca, good: true}, "the pin": {pin: hex.EncodeToString(sum[:]), good: true},
		"the pin with colons": {pin: colons, good: true}, "another pin": {pin: strings.Repeat("ab", 32)},
	} {
		c := directOf(t, pseries.Direct{BaseURL: s.URL + path, ClientID: api.ClientID, ClientSecret: yeastar.NewSecret(api.ClientSecret),
			PinSHA256: tc.pin, CAPEM: tc.ca, RetryBase: time.Microsecond}, nil)
		_, err := c.System(background)
		if tc.good != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			failed(t, err, yeastar.KindUnavailable, yeastar.SentNo)
		}
	}
}
