package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// The fields of how a PBX's own API is reached (interfaces.md).
const (
	fieldWay      = "transport"
	fieldBaseURL  = "base_url"
	fieldClientID = "client_id"
	fieldSecret   = "client_secret"
	fieldPin      = "pin"
	fieldCA       = "ca"
)

// reach is how a PBX's own API is reached, as its page shows it.
type reach struct {
	row     fleet.PBXRow
	access  sip.Access
	typed   url.Values
	wrong   []fleet.Field
	notices []ui.Notice
}

func (s *Server) readReach(c echo.Context) (*reach, error) {
	row, err := s.openPBX(c)
	if err != nil {
		return nil, err
	}
	a, err := s.Access.Access(c.Request().Context(), row.ID)
	return &reach{row: row, access: a}, err
}

func (s *Server) accessPage(c echo.Context) error {
	r, err := s.readReach(c)
	if err != nil {
		return err
	}
	return s.renderReach(c, http.StatusOK, r)
}

func (s *Server) saveAccess(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return unreadable(err)
	}
	r, err := s.readReach(c)
	if err != nil {
		return err
	}
	r.typed = c.Request().PostForm
	text := func(name string) string { return strings.TrimSpace(r.typed.Get(name)) }
	a := sip.Access{PBX: r.row.ID, Way: sip.Way(text(fieldWay)), BaseURL: text(fieldBaseURL), ClientID: text(fieldClientID), Pin: text(fieldPin), CA: text(fieldCA)}
	cause := s.setAccess(c, a, r.typed.Get(fieldSecret))
	if cause == nil {
		return c.Redirect(http.StatusSeeOther, href.Access(int64(r.row.ID)))
	}
	fe, ok := errors.AsType[*fleet.Error](cause)
	if !ok || fe.Kind == fleet.KindInternal {
		return cause
	}
	if r.wrong = fe.Fields; len(r.wrong) == 0 {
		r.notices = []ui.Notice{{Tone: ui.Bad, Title: "Nothing was saved", Text: fe.Msg}}
	}
	return s.renderReach(c, describe(fe).Status, r)
}

// setAccess stores how a PBX is reached.
func (s *Server) setAccess(c echo.Context, a sip.Access, secret string) error {
	if a.Way != sip.Relay && a.Way != sip.Direct {
		return fleet.Invalid("web.setAccess", "There is no such way.", fleet.Field{Name: fieldWay, Rule: "relay or direct."})
	}
	if err := s.Access.SetAccess(c.Request().Context(), by(c), a, secret); err != nil {
		e := audit.Entry{Action: audit.PBXAccess, Target: "PBX " + a.PBX.String(), PBX: a.PBX}
		return s.refused(c, ownNames(err), e)
	}
	s.Hub.Announce("pbx:" + a.PBX.String())
	return nil
}

// ownNames gives what was refused the names of the form and of JSON.
func ownNames(err error) error {
	fe, ok := errors.AsType[*fleet.Error](err)
	if !ok {
		return err
	}
	names := map[string]string{"way": fieldWay, "secret": fieldSecret}
	renamed := *fe
	renamed.Fields = nil
	for _, f := range fe.Fields {
		renamed.Fields = append(renamed.Fields, fleet.Field{Name: cmp.Or(names[f.Name], f.Name), Rule: f.Rule})
	}
	return &renamed
}

// testAccess asks the PBX who it is, and shows its answer.
func (s *Server) testAccess(c echo.Context) error {
	r, err := s.readReach(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	sentence, cause := s.Access.TestAccess(ctx, r.row.ID)
	if cause != nil && fleet.KindOf(cause) == fleet.KindInternal {
		return cause
	}
	if r.access, err = s.Access.Access(ctx, r.row.ID); err != nil {
		return err
	}
	if cause != nil {
		r.notices = []ui.Notice{{Tone: ui.Bad, Title: "The PBX could not be reached", Text: describe(cause).Detail}}
		return s.renderReach(c, describe(cause).Status, r)
	}
	r.notices = []ui.Notice{{Tone: ui.Ok, Title: "The PBX answered", Text: sentence}}
	return s.renderReach(c, http.StatusOK, r)
}

func (s *Server) renderReach(c echo.Context, status int, r *reach) error {
	view := presentReach(r)
	var err error
	if view.Header, err = s.pbxHeader(c, r.row, tabTrunks); err != nil {
		return err
	}
	return s.render(c, status, views.Access(s.shell(c, "How "+pbxName(r.row.PBX)+" is reached", views.SectionFleet), view))
}

func presentReach(r *reach) views.AccessPage {
	id, a := int64(r.row.ID), r.access
	v := url.Values{fieldWay: {string(sip.Relay)}, fieldBaseURL: {a.BaseURL}, fieldClientID: {a.ClientID}, fieldPin: {a.Pin}, fieldCA: {a.CA}}
	if a.Way != "" {
		v.Set(fieldWay, string(a.Way))
	}
	for name, values := range r.typed {
		v[name] = values
	}
	f := fields{v: v, wrong: r.wrong}
	view := views.AccessPage{
		Back: ui.Link{Label: "Trunks", Href: href.PBXTrunks(id)}, Action: href.Access(id), Notices: r.notices,
		Way: f.radios(ui.Radios{Name: fieldWay, Label: "Reach it", Help: "The relay uses Cordboard's own sign-in at YCM. The direct way needs credentials of the PBX: Integrations, API."},
			string(sip.Relay), "Through YCM's relay", string(sip.Direct), "Directly"),
		Fields: []ui.Control{
			f.text(ui.Field{Name: fieldBaseURL, Label: "Address", Type: "url", Help: "https:// and the PBX's domain, as its users know it.", Placeholder: "https://" + r.row.URL}),
			f.text(ui.Field{Name: fieldClientID, Label: "Client ID", Mono: true}), f.secret(a),
		},
		Trust: []ui.Control{
			f.text(ui.Field{Name: fieldPin, Label: "Fingerprint", Mono: true, Help: "SHA-256 of the PBX's certificate, in hex: exactly that one is trusted."}),
			f.text(ui.Field{Name: fieldCA, Label: "Certificate authority", Mono: true, Rows: "4", Help: "In PEM: certificates signed by it are trusted."}),
		},
		Test:  views.FormAction{Href: href.TestAccess(id), Label: "Test it", Text: "Asks the PBX who it is, as saved."},
		Facts: reachFacts(a),
	}
	for _, w := range r.wrong {
		view.Errors = append(view.Errors, ui.FieldError{Field: w.Name, Message: w.Rule})
	}
	return view
}

func (f fields) secret(a sip.Access) ui.Field {
	c := ui.Field{Name: fieldSecret, Label: "Client secret", Type: "password", Autocomplete: "new-password", Error: f.of(fieldSecret), Focus: f.first(fieldSecret)}
	if a.HasSecret {
		c.Help, c.Placeholder = "Set. Type a new one to replace it; it is never shown.", "stays as it is"
	}
	return c
}

func reachFacts(a sip.Access) []ui.Fact {
	facts := []ui.Fact{{Label: "Way", Text: wayWords(a)}}
	if a.Way == sip.Direct {
		secret := "not set"
		if a.HasSecret {
			secret = "set"
		}
		facts = append(facts, ui.Fact{Label: "Secret", Text: secret})
	}
	state := ui.Badge{Tone: ui.Ok, Label: "Nothing known against it"}
	switch {
	case a.Stopped:
		state = ui.Badge{Tone: ui.Bad, Label: "Stopped"}
	case a.Trouble != "":
		state = ui.Badge{Tone: ui.Warn, Label: "Trouble"}
	}
	facts = append(facts, ui.Fact{Label: "State", Badge: state})
	if a.Trouble != "" {
		facts = append(facts, ui.Fact{Label: "Why", Text: a.Trouble})
	}
	return facts
}
