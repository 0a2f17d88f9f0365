package web_test

import (
	"strings"
	"testing"

	"cordboard/web/webtest"
)

func TestEveryAnswerTellsBrowsersWhatTheyMayNotDo(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	c := h.Stranger(t)
	for _, path := range []string{"/login", "/nothing-is-here", "/healthz", "/api/v1/pbxs"} {
		a := c.Get(path, "X-Forwarded-Proto", "https")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=(), microphone=(), geolocation=()", "Strict-Transport-Security": "max-age=31536000",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		policy := a.Header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, rule) || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: the policy lacks %s: %s", path, rule, policy)
			}
		}
		if a.Header.Get("Server") != "" || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
	if got := c.Get("/login").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("without https: %s", got)
	}
}
