package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/settings"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// presentConnection tells how the connection stands.
func (s *Server) presentConnection(c echo.Context, view *views.SettingPage) error {
	now := s.Settings.Current().Yeastar
	connected := now.ClientID != "" && now.Secret != ""
	view.Form.Button, view.Form.Test = "Test and connect", "Only test"
	view.Stands, view.Live = "How it stands", "fleet"
	for i, f := range view.Form.Fields {
		if f.Name == string(settings.ClientSecret) {
			view.Form.Fields[i].Help = secretHelp(now.Secret != "", "It is stored encrypted.")
		}
	}
	if connected {
		view.Form.Button = "Test and save"
	}
	if len(view.Form.Fields) == 0 { // there is nothing to save, but what is given can be tried
		view.Form.Present, view.Form.Button, view.Form.Test = true, "", "Test"
	}
	if trouble := s.Settings.Trouble(); trouble != "" {
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Bad, Title: "The stored connection can't be opened", Text: trouble})
	}
	if !connected {
		view.Facts = []ui.Fact{{Label: "State", Badge: ui.Badge{Tone: ui.Ask, Label: "Not connected"}}}
		view.Text = []string{"In YCM, open System > API, switch the API on, and copy the client id and the client secret. If YCM restricts the API to addresses, add the one that Cordboard calls from.",
			"A test makes one sign-in and a few reads. Nothing in YCM is changed by it."}
		return nil
	}
	state := ui.Badge{Tone: ui.Ok, Label: "In use"}
	if since, _ := s.Line.Stopped(); !since.IsZero() {
		state = ui.Badge{Tone: ui.Bad, Label: "Sign-in refused"}
	}
	card, err := s.passCard(c.Request().Context())
	if err != nil {
		return err
	}
	view.Facts = []ui.Fact{{Label: "State", Badge: state}, {Label: "Clock", Text: clockWords(s.Line.ClockOffset())}, {Label: "Requests per minute", Text: strconv.Itoa(now.Rate)}, {Label: "Last pass", Text: card.Sentence}}
	if card.Href != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "See it", Link: ui.Link{Label: "The pass", Href: card.Href}})
	}
	return nil
}

// testConnection tells what a connection sees, in words.
func (s *Server) testConnection(c echo.Context, typed settings.All, v url.Values) error {
	account, err := s.Settings.TryYeastar(c.Request().Context(), typed.Yeastar)
	if err != nil && fleet.KindOf(err) == fleet.KindInvalid {
		return s.refuseSetting(c, settings.Connection, typed, v, err)
	}
	if err != nil {
		return err
	}
	view, err := s.presentSetting(c, settings.Connection, typed)
	if err != nil {
		return err
	}
	text := "Nothing was saved."
	if typed.Yeastar.Secret != "" && len(view.Form.Fields) > 0 {
		text += " Enter the secret once more to save it: it is never sent back."
	}
	view.Notices = append(view.Notices, ui.Notice{Tone: ui.Ok, Title: "YCM accepts this client id and secret", Text: text})
	if account.Foreign() {
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Warn, Title: "This is another account", Text: "It knows none of the PBXs that are on record."})
	}
	view.Stands, view.Text, view.Facts, view.Live = "What the test saw", nil, accountFacts(account, typed.Yeastar.Rate), ""
	return s.renderSetting(c, http.StatusOK, view)
}

func accountFacts(a fleet.Account, rate int) []ui.Fact {
	facts := []ui.Fact{
		{Label: "Regions", Text: wordsOr(a.Regions, "None")}, {Label: "PBXs", Text: thousands(a.PBXs)}, {Label: "Shared trunks", Text: thousands(a.Trunks)},
		{Label: "Numbers", Text: thousands(a.Numbers)}, {Label: "Clock", Text: clockWords(a.ClockOffset)}, {Label: "Requests per minute", Text: strconv.Itoa(rate)},
	}
	if a.Asked > 0 {
		facts = append(facts, ui.Fact{Label: "PBXs on record", Text: fmt.Sprintf("It knows %d of the %d that were asked for", a.Ours, a.Asked)})
	}
	return facts
}

func wordsOr(words []string, none string) string {
	if len(words) == 0 {
		return none
	}
	return strings.Join(words, ", ")
}

// clockWords says how YCM's clock differs from ours. It tells whole seconds, so that less than two are nothing.
func clockWords(offset time.Duration) string {
	switch {
	case offset > 0:
		return "YCM's clock is " + fleet.Span(offset) + " ahead of this machine's"
	case offset < 0:
		return "YCM's clock is " + fleet.Span(-offset) + " behind this machine's"
	}
	return "The same as this machine's, to two seconds"
}

// connectionRow is the connection among the pages of settings.
func (s *Server) connectionRow() views.SettingsRow {
	row := views.SettingsRow{Link: ui.Link{Label: "Connection to YCM", Href: href.Yeastar}, State: ui.Badge{Tone: ui.Ok, Label: "In use"}, Text: s.Settings.Current().Yeastar.BaseURL}
	if trouble := s.Picker.Trouble(); trouble != "" {
		row.State, row.Text = ui.Badge{Tone: ui.Bad, Label: "Not in use"}, trouble
	}
	return row
}
