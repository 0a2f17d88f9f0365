package transport

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ParseBaseURL checks and normalises the address of a vendor API: https to any
// host, http only to loopback addresses (simulators); no user, query or
// fragment. A trailing slash is dropped. The error never repeats a user or a
// query, which may hold secrets.
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, errors.New("base URL: not a URL")
	}
	if u.Hostname() == "" || u.Opaque != "" {
		return nil, errors.New("base URL: it needs a scheme and a host, such as https://ycm.yeastar.com")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("base URL: user, query and fragment are not allowed in it")
	}
	switch u.Scheme {
	case "https":
	case "http":
		if !loopback(u.Hostname()) {
			return nil, fmt.Errorf("base URL: http is allowed to loopback addresses only, %s needs https", u.Host)
		}
	default:
		return nil, fmt.Errorf("base URL: scheme %q is neither https nor http", u.Scheme)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// loopback reports whether host is this machine by its own name or number.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
