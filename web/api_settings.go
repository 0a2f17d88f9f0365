package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/settings"
	"cordboard/web/form"
)

// partJSON is one part of the settings: the fields of the others are absent. The secret is never among them.
type partJSON struct {
	Name              settings.Part             `json:"name"`
	BaseURL           *string                   `json:"base_url,omitempty"`
	ClientID          *string                   `json:"client_id,omitempty"`
	ClientSecretSet   *bool                     `json:"client_secret_set,omitempty"`
	RatePerMinute     *int                      `json:"rate_per_minute,omitempty"`
	MaxShare          *int                      `json:"max_share,omitempty"`
	MaxCount          *int                      `json:"max_count,omitempty"`
	DraftLifetime     *string                   `json:"draft_lifetime,omitempty"`
	ReconcileInterval *string                   `json:"reconcile_interval,omitempty"`
	StaleAfter        *string                   `json:"stale_after,omitempty"`
	HomeRegion        *string                   `json:"home_region,omitempty"`
	Fixed             map[settings.Field]string `json:"fixed"`
}

// partInJSON is what changes. An absent field stays as it is.
type partInJSON struct {
	BaseURL           *string `json:"base_url"`
	ClientID          *string `json:"client_id"`
	ClientSecret      *string `json:"client_secret"`
	RatePerMinute     *int    `json:"rate_per_minute"`
	MaxShare          *int    `json:"max_share"`
	MaxCount          *int    `json:"max_count"`
	DraftLifetime     *string `json:"draft_lifetime"`
	ReconcileInterval *string `json:"reconcile_interval"`
	StaleAfter        *string `json:"stale_after"`
	HomeRegion        *string `json:"home_region"`
	OtherAccount      bool    `json:"other_account"`
}

// texts are the values that are there.
func (in partInJSON) texts() map[settings.Field]string {
	sent := map[settings.Field]string{}
	for f, text := range map[settings.Field]*string{settings.BaseURL: in.BaseURL, settings.ClientID: in.ClientID, settings.ClientSecret: in.ClientSecret,
		settings.Lifetime: in.DraftLifetime, settings.Interval: in.ReconcileInterval, settings.StaleAfter: in.StaleAfter, settings.HomeRegion: in.HomeRegion} {
		if text != nil {
			sent[f] = *text
		}
	}
	for f, n := range map[settings.Field]*int{settings.Rate: in.RatePerMinute, settings.MaxShare: in.MaxShare, settings.MaxCount: in.MaxCount} {
		if n != nil {
			sent[f] = strconv.Itoa(*n)
		}
	}
	return sent
}

func settingsPart(c echo.Context) (settings.Part, error) {
	p := settings.Part(c.Param("name"))
	if !slices.Contains(settings.Parts(), p) {
		return "", fleet.NotFound("web.settingsPart", "The settings")
	}
	return p, nil
}

func (s *Server) apiSettingsPart(c echo.Context) error {
	p, err := settingsPart(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.partJSON(p))
}

func (s *Server) partJSON(p settings.Part) partJSON {
	now := s.Settings.Current()
	out := partJSON{Name: p, Fixed: map[settings.Field]string{}}
	for _, f := range p.Fields() {
		if by := s.Settings.Fixed(f); by != "" {
			out.Fixed[f] = by
		}
	}
	text := func(f settings.Field) *string { return new(form.SettingText(now, f)) }
	switch p {
	case settings.Connection:
		out.BaseURL, out.ClientID, out.ClientSecretSet, out.RatePerMinute = &now.Yeastar.BaseURL, &now.Yeastar.ClientID, new(now.Yeastar.Secret != ""), &now.Yeastar.Rate
	case settings.Limits:
		out.MaxShare, out.MaxCount, out.DraftLifetime = &now.Guard.MaxShare, &now.Guard.MaxCount, text(settings.Lifetime)
	case settings.Schedule:
		out.ReconcileInterval, out.StaleAfter = text(settings.Interval), text(settings.StaleAfter)
	case settings.Dialling:
		out.HomeRegion = text(settings.HomeRegion)
	}
	return out
}

// apiSaveSettings stores one part. What the start fixed can't be sent.
func (s *Server) apiSaveSettings(c echo.Context) error {
	p, err := settingsPart(c)
	if err != nil {
		return err
	}
	var in partInJSON
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	sent := in.texts()
	typed, bad := form.Settings(p, s.Settings.Current(), sent)
	for f := range sent {
		switch by := s.Settings.Fixed(f); {
		case !slices.Contains(p.Fields(), f):
			bad = append(bad, fleet.Field{Name: string(f), Rule: "It does not belong to these settings."})
		case by != "":
			bad = append(bad, fleet.Field{Name: string(f), Rule: "It is fixed by " + by + "."})
		}
	}
	if len(bad) > 0 {
		return fleet.Invalid("web.apiSaveSettings", "The settings were not saved.", bad...)
	}
	if err := s.keepSetting(c.Request().Context(), by(c), p, typed, in.OtherAccount); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.partJSON(p))
}
