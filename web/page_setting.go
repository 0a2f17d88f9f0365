package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/settings"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// fieldOther is the box that says that another account took the place of the one on record; fieldAct is the button.
const (
	fieldOther = "other_account"
	fieldAct   = "act"
)

// settingPage shows one part of the settings.
func (s *Server) settingPage(p settings.Part) echo.HandlerFunc {
	return func(c echo.Context) error {
		view, err := s.presentSetting(c, p, s.Settings.Current())
		if err != nil {
			return err
		}
		return s.renderSetting(c, http.StatusOK, view)
	}
}

func (s *Server) renderSetting(c echo.Context, status int, view views.SettingPage) error {
	return s.render(c, status, views.Setting(s.shell(c, view.Title, views.SectionSettings), view))
}

// saveSetting stores one part, or only tries a connection.
func (s *Server) saveSetting(p settings.Part) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := c.Request().ParseForm(); err != nil {
			return unreadable(err)
		}
		v := c.Request().PostForm
		typed, bad := form.Settings(p, s.Settings.Current(), texts(p, v))
		if len(bad) > 0 {
			return s.refuseSetting(c, p, typed, v, fleet.Invalid("web.saveSetting", "The settings were not saved.", bad...))
		}
		if p == settings.Connection && v.Get(fieldAct) == "test" {
			return s.testConnection(c, typed, v)
		}
		err := s.keepSetting(c.Request().Context(), by(c), p, typed, v.Get(fieldOther) == "true")
		if err != nil && fleet.KindOf(err) == fleet.KindInvalid {
			return s.refuseSetting(c, p, typed, v, err)
		}
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, settingForms[p].path)
	}
}

// keepSetting stores one part of what was typed.
func (s *Server) keepSetting(ctx context.Context, who audit.By, p settings.Part, typed settings.All, other bool) error {
	switch p {
	case settings.Connection:
		return s.Settings.SaveYeastar(ctx, who, settings.Connecting{Yeastar: typed.Yeastar, OtherAccount: other})
	case settings.Limits:
		return s.Settings.SaveGuard(ctx, who, typed.Guard)
	case settings.Schedule:
		return s.Settings.SaveSync(ctx, who, typed.Sync)
	}
	return s.Settings.SaveNumbers(ctx, who, typed.Numbers)
}

// texts are the values of a part that a form sent.
func texts(p settings.Part, v url.Values) map[settings.Field]string {
	sent := map[settings.Field]string{}
	for _, f := range p.Fields() {
		if v.Has(string(f)) {
			sent[f] = v.Get(string(f))
		}
	}
	return sent
}

// refuseSetting shows the page again, with what was typed, secrets excepted, and what is wrong with it.
func (s *Server) refuseSetting(c echo.Context, p settings.Part, typed settings.All, v url.Values, cause error) error {
	fe, _ := errors.AsType[*fleet.Error](cause)
	view, err := s.presentSetting(c, p, typed)
	if err != nil {
		return err
	}
	for i, f := range view.Form.Fields {
		if f.Type != "password" && v.Has(f.Name) {
			view.Form.Fields[i].Value = short(v.Get(f.Name), 500)
		}
	}
	for _, bad := range fe.Fields {
		id := ""
		for i, f := range view.Form.Fields {
			if f.Name == bad.Name {
				view.Form.Fields[i].Error, id = bad.Rule, bad.Name
			}
		}
		if bad.Name == fieldOther {
			view.Form.Agree, id = views.SettingAgree{Name: fieldOther, Text: "This account took the place of the other one. PBXs that it does not know count as deleted."}, fieldOther
		}
		view.Form.Errors = append(view.Form.Errors, ui.FieldError{Field: id, Message: bad.Rule})
	}
	if fe.VendorRequestID != "" {
		view.Facts = append([]ui.Fact{{Label: "Yeastar's request id", Copy: ui.Copy{Label: "Yeastar's request id", Text: fe.VendorRequestID}}}, view.Facts...)
	}
	return s.renderSetting(c, http.StatusUnprocessableEntity, view)
}

// settingForm is what one part's page says of itself.
type settingForm struct {
	path, title, lead string
	fields            []ui.Field
}

var settingForms = map[settings.Part]settingForm{
	settings.Connection: {href.Yeastar, "Connection to YCM", "The account whose PBXs Cordboard looks after. Its id and secret stand in YCM under System > API.", []ui.Field{
		{Name: string(settings.BaseURL), Label: "Address of YCM", Mono: true, Help: "https://ycm.yeastar.com for the hosted YCM. Always https://; http:// to this machine alone."},
		{Name: string(settings.ClientID), Label: "Client id", Mono: true},
		{Name: string(settings.ClientSecret), Label: "Client secret", Type: "password", Mono: true},
		{Name: string(settings.Rate), Label: "Requests per minute", Type: "number", Help: "Our own limit. Half of what may go at once is kept for people. Lower it when Yeastar says that we are too fast."},
	}},
	settings.Limits: {href.Guard, "Guard", "When a plan needs the typed name of the PBX and a reason. It holds for plans that are made from now on.", []ui.Field{
		{Name: string(settings.MaxShare), Label: "Numbers that a plan may take away, percent", Type: "number", Help: "Of the numbers that the PBX has. 0: every removal needs a reason."},
		{Name: string(settings.MaxCount), Label: "Numbers that a plan may take away, count", Type: "number", Help: "Whichever limit is reached first counts. A plan that leaves a PBX without any number always needs a reason."},
		{Name: string(settings.Lifetime), Label: "How long a draft may wait", Mono: true, Help: "From 1m to 168h, such as 30m. After that it is made anew."},
	}},
	settings.Schedule: {href.Schedule, "Schedule of passes", "How often Cordboard reads the whole fleet, and from when on it calls its knowledge stale.", []ui.Field{
		{Name: string(settings.Interval), Label: "Time between two passes", Mono: true, Help: "Such as 10m or 1h. 0: none starts by itself; reads that a report or a page asks for still run."},
		{Name: string(settings.StaleAfter), Label: "Stale after", Mono: true, Help: "Such as 45m. 0: after three intervals, and not before 30 minutes."},
	}},
	settings.Dialling: {href.HomeRegion, "Home region", "Whose national forms of numbers are understood: with GB, 020 7946 0000 is found as +44 20 7946 0000.", []ui.Field{
		{Name: string(settings.HomeRegion), Label: "Country", Mono: true, Placeholder: "GB", Help: "ISO code of two letters, such as AT or GB. Empty: international forms only."},
	}},
}

// presentSetting is the page of one part, with values as they are or as they were typed.
func (s *Server) presentSetting(c echo.Context, p settings.Part, values settings.All) (views.SettingPage, error) {
	about := settingForms[p]
	view := views.SettingPage{Title: about.title, Lead: about.lead, Form: views.SettingForm{Action: about.path, Button: "Save"},
		Record: ui.Link{Label: "See who changed settings", Href: href.With(href.Audit, "action", string(audit.SettingsUpdate))}}
	for _, f := range about.fields {
		name := settings.Field(f.Name)
		if by := s.Settings.Fixed(name); by != "" {
			view.Given = append(view.Given, ui.Fact{Label: f.Label, Text: givenText(values, name) + " · fixed by " + by})
			continue
		}
		f.Value = form.SettingText(values, name)
		view.Form.Fields = append(view.Form.Fields, f)
	}
	view.Form.Present = len(view.Form.Fields) > 0
	switch p {
	case settings.Connection:
		return view, s.presentConnection(c, &view)
	case settings.Schedule:
		view.Stands, view.Text = "What holds now", []string{s.passesStart(), "A PBX is stale when it was not verified for " + fleet.Span(s.staleAfter()) + "."}
	case settings.Dialling:
		s.presentRegion(&view)
	}
	return view, nil
}

// givenText is a fixed value; of a secret only that it is set.
func givenText(a settings.All, f settings.Field) string {
	if f == settings.ClientSecret {
		return "Set"
	}
	text := form.SettingText(a, f)
	if text == "" {
		return "None"
	}
	return text
}

// presentRegion says whether what is set is what runs.
func (s *Server) presentRegion(view *views.SettingPage) {
	view.Stands, view.Text = "When it takes effect", []string{"At the next start of Cordboard: what numbers are found by is made anew for all of them then.",
		"Light, dark or the system's look is each person's own choice, in the menu under their name."}
	if set := s.Settings.Current().Numbers.HomeRegion; s.Phone.Region() != set {
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Warn, Title: "Start Cordboard again to use this region", Text: "Until then numbers are read " + regionWords(s.Phone.Region()) + "."})
	}
}

func regionWords(region string) string {
	if region == "" {
		return "in international forms only"
	}
	return "with " + region
}
