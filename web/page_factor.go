package web

import (
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/factor"
	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// factorPage offers a fresh secret. Nothing is stored before a code of it was shown.
func (s *Server) factorPage(c echo.Context) error {
	offer, err := s.Factors.Offer(who(c).user)
	if err != nil {
		return err
	}
	return s.renderFactor(c, http.StatusOK, factorForm(offer))
}

func factorForm(o factor.Offer) views.FactorPage {
	return views.FactorPage{
		Image: "data:image/png;base64," + base64.StdEncoding.EncodeToString(o.Image), Key: o.Key, Sealed: o.Sealed,
		Code: ui.Field{Name: "code", Label: "Code that the app shows", Autocomplete: "one-time-code", Mono: true, Required: true},
	}
}

func (s *Server) renderFactor(c echo.Context, status int, page views.FactorPage) error {
	_, err := s.Factors.Of(c.Request().Context(), who(c).user.ID)
	if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
		return err
	}
	page.Replaces = err == nil
	return s.render(c, status, views.Factor(s.shell(c, "Second factor", views.SectionSettings), page))
}

// setFactor stores the secret whose code was shown, and answers with the recovery codes: they are in
// that answer and nowhere else.
func (s *Server) setFactor(c echo.Context) error {
	r, user := c.Request(), who(c).user
	sealed := r.PostForm.Get("sealed")
	codes, err := s.Factors.Enable(r.Context(), by(c), user, sealed, r.PostForm.Get("code"))
	if wrong, ok := errors.AsType[*fleet.Error](err); ok && wrong.Kind == fleet.KindInvalid {
		offer, err := s.Factors.Reopen(user, sealed)
		if err != nil {
			if offer, err = s.Factors.Offer(user); err != nil {
				return err
			}
		}
		page := factorForm(offer)
		page.Errors = fieldErrors(wrong, &page.Code)
		return s.renderFactor(c, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.showCodes(c, codes)
}

func (s *Server) showCodes(c echo.Context, codes []string) error {
	return s.render(c, http.StatusOK, views.Codes(s.shell(c, "Recovery codes", views.SectionSettings), views.CodesPage{Codes: codes}))
}

func (s *Server) newCodes(c echo.Context) error {
	codes, err := s.Factors.Renew(c.Request().Context(), by(c), who(c).user)
	if err != nil {
		return err
	}
	return s.showCodes(c, codes)
}

func (s *Server) dropFactor(c echo.Context) error {
	if err := s.Factors.Drop(c.Request().Context(), by(c), who(c).user); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Account)
}
