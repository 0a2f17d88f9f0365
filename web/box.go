package web

import (
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
)

// What is boxed travels through the browser and back, signed and encrypted: nobody reads it there, and
// it is worth nothing under another name, or later.

// pack boxes a value under a name.
func (s *sessionStore) pack(name string, value any) (string, error) {
	return securecookie.EncodeMulti(name, value, s.boxes...)
}

// unpack opens a box into a value, and reports whether it was one.
func (s *sessionStore) unpack(name, text string, value any) bool {
	return text != "" && securecookie.DecodeMulti(name, text, value, s.boxes...) == nil
}

// lend gives the browser a boxed value in a cookie of its own, for a short while.
func (s *sessionStore) lend(w http.ResponseWriter, r *http.Request, name string, value any, lasts time.Duration) error {
	text, err := s.pack(name, value)
	if err != nil {
		return err
	}
	http.SetCookie(w, boxCookie(r, name, text, int(lasts/time.Second)))
	return nil
}

// lent opens what was lent.
func (s *sessionStore) lent(r *http.Request, name string, value any) bool {
	cookie, err := r.Cookie(name)
	return err == nil && s.unpack(name, cookie.Value, value)
}

// takeBack ends what was lent.
func takeBack(w http.ResponseWriter, r *http.Request, name string) {
	http.SetCookie(w, boxCookie(r, name, "", -1))
}

func boxCookie(r *http.Request, name, value string, age int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: isHTTPS(r), MaxAge: age}
}
