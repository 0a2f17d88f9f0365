package web

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// maxAgent is how much is kept of what a browser calls itself.
const maxAgent = 200

const (
	cookieName = "cordboard"
	valueKey   = "key" // the session's key, the only thing in the cookie
	valueRow   = "row" // the session's row, never in the cookie
)

// sessionStore is gorilla's Store on our own table: the cookie, signed and encrypted, carries a
// random key, and the table knows its hash. Deleting the row ends the session everywhere.
type sessionStore struct {
	codecs []securecookie.Codec
	boxes  []securecookie.Codec // for what a form or a short cookie carries; its age is in it
	rows   Sessions
	now    func() time.Time
}

var _ sessions.Store = (*sessionStore)(nil)

func newSessionStore(key []byte, rows Sessions, now func() time.Time) (*sessionStore, error) {
	made, err := hkdf.Key(sha256.New, key, nil, "cordboard session cookie", 64)
	if err != nil {
		return nil, fmt.Errorf("web: session keys: %w", err)
	}
	codec := securecookie.New(made[:32], made[32:]).MaxAge(int(team.SessionLifetime / time.Second))
	box := securecookie.New(made[:32], made[32:]).MaxAge(0).MaxLength(0)
	return &sessionStore{codecs: []securecookie.Codec{codec}, boxes: []securecookie.Codec{box}, rows: rows, now: now}, nil
}

// Get is the request's session, new if it has none.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the cookie. One that is forged, expired or revoked gives a new session, no error.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.IsNew = true
	session.Options = &sessions.Options{
		Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: isHTTPS(r),
		MaxAge: int(team.SessionLifetime / time.Second),
	}
	cookie, err := r.Cookie(name)
	if err != nil {
		return session, nil
	}
	var key string
	if err := securecookie.DecodeMulti(name, cookie.Value, &key, s.codecs...); err != nil {
		return session, nil
	}
	row, err := s.rows.Session(r.Context(), team.SessionKey(key).Hash())
	switch {
	case err != nil && fleet.KindOf(err) == fleet.KindNotFound:
		return session, nil
	case err != nil:
		return session, fmt.Errorf("web: session: %w", err)
	}
	if !row.Live(s.now()) {
		return session, nil
	}
	session.IsNew = false
	session.Values[valueKey], session.Values[valueRow] = key, row
	return session, nil
}

// Save stores the session's row and sets the cookie; a negative MaxAge deletes both.
func (s *sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	row, ok := session.Values[valueRow].(team.Session)
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		if !ok {
			return nil
		}
		return s.rows.DeleteSession(r.Context(), row.Hash)
	}
	if !ok {
		return nil
	}
	if err := errors.Join(s.rows.PruneSessions(r.Context(), s.now()), s.rows.SaveSession(r.Context(), row)); err != nil {
		return fmt.Errorf("web: session: %w", err)
	}
	key, _ := session.Values[valueKey].(string)
	encoded, err := securecookie.EncodeMulti(session.Name(), key, s.codecs...)
	if err != nil {
		return fmt.Errorf("web: session cookie: %w", err)
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), encoded, session.Options))
	return nil
}

// current is the live session of a request, or the zero one. It keeps a used session awake.
func (s *sessionStore) current(r *http.Request) (team.Session, error) {
	session, err := s.Get(r, cookieName)
	if err != nil {
		return team.Session{}, err
	}
	row, _ := session.Values[valueRow].(team.Session)
	if row.User != 0 && row.NeedsTouch(s.now()) {
		row.SeenAt = s.now().UTC()
		session.Values[valueRow] = row
		if err := noted(s.rows.TouchSession(r.Context(), row)); err != nil {
			return team.Session{}, fmt.Errorf("web: session: %w", err)
		}
	}
	return row, nil
}

// noted is nil for a use that could not be noted now: on a full disk people still read, and see why nothing can be
// written. The next request tries again.
func noted(err error) error {
	if fleet.KindOf(err) == fleet.KindUnavailable {
		return nil
	}
	return err
}

// prove keeps that the session's person has just proved who they are.
func (s *sessionStore) prove(r *http.Request) (team.Session, error) {
	session, err := s.Get(r, cookieName)
	if err != nil {
		return team.Session{}, err
	}
	row, _ := session.Values[valueRow].(team.Session)
	row.SeenAt, row.ProvedAt = s.now().UTC(), s.now().UTC()
	session.Values[valueRow] = row
	return row, s.rows.TouchSession(r.Context(), row)
}

// begin signs a user in: always a new key, so that a planted cookie is worth nothing.
func (s *sessionStore) begin(w http.ResponseWriter, r *http.Request, user team.UserID, ip string) error {
	session, err := s.Get(r, cookieName)
	if err != nil {
		return err
	}
	if old, ok := session.Values[valueRow].(team.Session); ok {
		if err := s.rows.DeleteSession(r.Context(), old.Hash); err != nil {
			return err
		}
	}
	row, key := team.NewSession(user, s.now())
	row.IP, row.Agent = ip, short(strings.ToValidUTF8(r.UserAgent(), "?"), maxAgent)
	session.Values[valueKey], session.Values[valueRow] = string(key), row
	return session.Save(r, w)
}

// end signs out.
func (s *sessionStore) end(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Get(r, cookieName)
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return session.Save(r, w)
}
