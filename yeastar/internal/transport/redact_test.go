package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cordboard/yeastar"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJ4IjoxfQ.abc-DEF_123"

// TestSecretsAppearInNoErrorAndNoDebugLog lets a vendor repeat every secret it
// was given, in every place of an answer, and reads all errors and logs.
func TestSecretsAppearInNoErrorAndNoDebugLog(t *testing.T) {
	echo := func(r *http.Request) string {
		return "you sent " + r.Header.Get("Authorization") + " for " + plantedSecret + " " + jwt
	}
	answers := map[string]http.HandlerFunc{
		"messages of the envelope": func(w http.ResponseWriter, r *http.Request) {
			answer(400, fmt.Sprintf(`{"status":"Failed","errno":1000004,"requestId":%q,"errmsg":%q,"detailMsg":{"access_token":%q}}`, echo(r), echo(r), echo(r)))(w, r)
		},
		"HTML": func(w http.ResponseWriter, r *http.Request) { answer(200, "<p>"+echo(r)+"</p>")(w, r) },
		"truncated trunk with its password": func(w http.ResponseWriter, r *http.Request) {
			answer(200, `{"status":"Success","data":{"id":1,"password":"planted-sip-password","authName":"x`)(w, r)
		},
		"a password with quotes in it": func(w http.ResponseWriter, r *http.Request) {
			answer(200, `{"sipPassword" : "a\"planted-sip-password","x":1}`)(w, r)
		},
		"a form": func(w http.ResponseWriter, r *http.Request) {
			answer(502, "grant_type=x&client_secret="+url.QueryEscape(plantedSecret)+"&refresh_token="+plantedRefresh+"-1&password=planted-sip-password")(w, r)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/x?access_token="+url.QueryEscape(r.Header.Get("Authorization")), http.StatusTemporaryRedirect)
		},
		"a malformed response line": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			_, _ = fmt.Fprintf(conn, "%s\r\n\r\n", echo(r))
			_ = conn.Close()
		},
		"a closed connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"rejected tokens": func(w http.ResponseWriter, r *http.Request) {
			answer(401, `{"error":"invalid_token","error_description":"`+echo(r)+`"}`)(w, r)
		},
	}
	for name, api := range answers {
		t.Run(name, func(t *testing.T) {
			v := newVendor(t, api)
			v.Config.ErrorLog = nil
			log, logged := debugLog()
			c := v.client(t, func(cfg *Config) { cfg.Log = log })
			for _, call := range []Call{read, write} {
				call.Query = url.Values{"url": {"planted-query"}}
				_, err := c.Do(background, call)
				if err == nil {
					t.Fatal("no error")
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					noSecrets(t, "an error", fmt.Sprintf("%v %+v %#v %q", e, e, e, e))
				}
			}
			noSecrets(t, "the status", fmt.Sprintf("%+v", c.Status()))
			noSecrets(t, "the log", logged.String())
			if !strings.Contains(logged.String(), "vendor call") || !strings.Contains(logged.String(), "vendor token") {
				t.Error("nothing was logged: this test proves nothing")
			}
		})
	}
}

func TestTheTokenEndpointsErrorsHoldNoSecrets(t *testing.T) {
	v := newVendor(t, answer(200, success))
	v.token = func(w http.ResponseWriter, form url.Values) {
		answer(401, fmt.Sprintf(`{"error":"invalid_client","error_description":%q}`, form.Encode()))(w, nil)
	}
	log, logged := debugLog()
	c := v.client(t, func(cfg *Config) { cfg.Log = log })
	_, err := c.Do(background, read)
	failed(t, err, yeastar.KindCredentials, yeastar.SentNo)
	noSecrets(t, "the error", fmt.Sprintf("%v %+v", err, c.Status()))
	noSecrets(t, "the log", logged.String())
	noSecrets(t, "the client, printed", fmt.Sprintf("%+v", Config{ClientSecret: c.clientSecret}))
}

func TestConnectionErrorsNeverShowTheURL(t *testing.T) {
	closed := httptest.NewServer(answer(200, success))
	closed.Close()
	c := clientOf(t, closed.URL, nil)
	c.tokens.current, c.tokens.renewAt = bearer{token: plantedAccess, number: 1}, time.Now().Add(time.Hour)
	call := read
	call.Query = url.Values{"access_token": {"planted-query"}}
	ctx, cancel := context.WithTimeout(background, time.Second)
	defer cancel()
	_, err := c.Do(ctx, call)
	if _, ok := errors.AsType[*url.Error](err); ok || strings.Contains(err.Error(), "?") {
		t.Errorf("the URL is in %v", err)
	}
	noSecrets(t, "the error", err.Error())
}

func TestAnExcerptIsShortPrintableAndCleanedBeforeItIsCut(t *testing.T) {
	r := newRedactor(yeastar.NewSecret(plantedSecret))
	body := strings.Repeat("ä\x00\n\t ", 98) + plantedSecret + strings.Repeat("z", 500)
	got := r.excerpt([]byte(body + "\xff\xfe"))
	if utf8.RuneCountInString(got) > excerptRunes+1 || strings.ContainsAny(got, "\x00\n\t") || strings.Contains(got, "planted") {
		t.Errorf("excerpt is %q", got)
	}
	if r.excerpt(nil) != "" || r.excerpt([]byte("<html>  down </html>")) != "<html> down </html>" {
		t.Error("plain text did not survive")
	}
}

func TestAShortSecretDoesNotGarbleEveryText(t *testing.T) {
	r := newRedactor(yeastar.NewSecret("a"), yeastar.Secret{})
	if got := r.clean("a banana"); got != "a banana" {
		t.Errorf("got %q", got)
	}
}

func TestOldTokensAreForgottenInTheEndAndNewOnesAreNot(t *testing.T) {
	r := newRedactor(yeastar.NewSecret(plantedSecret))
	for i := range 3 * remembered {
		r.learn(fmt.Sprintf("token-number-%03d-of-many", i))
	}
	if len(r.recent) != remembered {
		t.Errorf("%d are kept", len(r.recent))
	}
	if got := r.clean("x token-number-047-of-many " + plantedSecret); got != "x ••• •••" {
		t.Errorf("got %q", got)
	}
}
