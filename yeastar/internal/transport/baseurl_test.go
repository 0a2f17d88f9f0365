package transport

import (
	"strings"
	"testing"
)

func TestABaseURLIsHTTPSOrThisMachine(t *testing.T) {
	good := map[string]string{
		"https://ycm.yeastar.com":      "https://ycm.yeastar.com",
		" https://ycm.yeastar.com/ ":   "https://ycm.yeastar.com",
		"https://host:8443/prefix/":    "https://host:8443/prefix",
		"http://127.0.0.1:8080":        "http://127.0.0.1:8080",
		"http://127.8.9.10":            "http://127.8.9.10",
		"http://[::1]:8080":            "http://[::1]:8080",
		"http://localhost:9000":        "http://localhost:9000",
		"HTTPS://YCM.example.com":      "https://YCM.example.com",
		"http://[::ffff:127.0.0.1]:80": "http://[::ffff:127.0.0.1]:80",
	}
	for in, want := range good {
		u, err := ParseBaseURL(in)
		if err != nil || u.String() != want {
			t.Errorf("%q gave %v, %v", in, u, err)
		}
	}
	for _, in := range []string{
		"", "ycm.yeastar.com", "//ycm.yeastar.com", "ftp://ycm.yeastar.com", "https:", "https://", "https:ycm", "http://ycm.yeastar.com",
		"http://127.0.0.1.evil.com", "http://localhost.evil.com", "http://0.0.0.0", "http://10.0.0.1", "http://[::2]", "http://2130706433",
		"https://user:planted@ycm.yeastar.com", "https://ycm.yeastar.com?token=planted", "https://ycm.yeastar.com?", "https://ycm.yeastar.com#planted",
		"https://ycm yeastar", "https://%zz:planted@host", "javascript:alert(1)",
	} {
		u, err := ParseBaseURL(in)
		if err == nil {
			t.Errorf("%q passed as %v", in, u)
		} else if strings.Contains(err.Error(), "planted") {
			t.Errorf("%q: the error repeats it: %v", in, err)
		}
	}
}
