package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/doctor"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// examine judges the installation as far as whoever asks can tell something of it too: how they came.
func (s *Server) examine(c echo.Context) ([]doctor.Finding, error) {
	facts, err := s.Doctor.Examine(c.Request().Context())
	if err != nil {
		return nil, err
	}
	facts.Plain = !isHTTPS(c.Request()) && !address(c).IsLoopback()
	return doctor.Examine(facts), nil
}

func (s *Server) doctorPage(c echo.Context) error {
	found, err := s.examine(c)
	if err != nil {
		return err
	}
	view := views.DoctorPage{Headline: "Nothing is wrong", Sentence: "What was looked at, just now."}
	wrong, look := 0, 0
	for _, f := range found {
		row := views.DoctorRow{State: levelBadge(f.Level), Check: f.Check, What: f.What, Mend: f.Mend}
		switch f.Level {
		case doctor.Wrong:
			wrong++
		case doctor.Look:
			look++
		case doctor.Fine:
		}
		if f.Level != doctor.Fine && f.Path != "" && (who(c).user.Can(team.Admin) || !forAdmins(f.Path)) {
			row.Link = ui.Link{Label: "Go there", Href: f.Path}
		}
		view.Rows = append(view.Rows, row)
	}
	switch {
	case wrong > 0:
		view.Headline = count(wrong, "thing") + " wrong with this installation"
	case look > 0:
		view.Headline = count(look, "thing") + " to look at"
	}
	return s.render(c, http.StatusOK, views.Doctor(s.shell(c, "Doctor", views.SectionSettings), view))
}

// forAdmins reports whether a page of settings is closed to others.
func forAdmins(path string) bool {
	return strings.HasPrefix(path, href.Settings+"/") && path != href.WebhookSetup
}

func levelBadge(l doctor.Level) ui.Badge {
	switch l {
	case doctor.Wrong:
		return ui.Badge{Tone: ui.Bad, Label: "Wrong"}
	case doctor.Look:
		return ui.Badge{Tone: ui.Warn, Label: "Look"}
	}
	return ui.Badge{Tone: ui.Ok, Label: "Fine"}
}

// doctorRow is the doctor among the pages of settings.
func (s *Server) doctorRow(c echo.Context) (views.SettingsRow, error) {
	found, err := s.examine(c)
	if err != nil {
		return views.SettingsRow{}, err
	}
	row := views.SettingsRow{Link: ui.Link{Label: "Doctor", Href: href.Doctor}, State: levelBadge(doctor.Worst(found)), Text: "Nothing is wrong with this installation."}
	if worst := found[0]; worst.Level != doctor.Fine {
		row.Text = worst.Check + ": " + worst.What
	}
	return row, nil
}

// apiDoctor answers with what was found, the worst first.
func (s *Server) apiDoctor(c echo.Context) error {
	found, err := s.examine(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, doctorJSON{Level: doctor.Worst(found), Findings: found})
}

type doctorJSON struct {
	Level    doctor.Level     `json:"level"`
	Findings []doctor.Finding `json:"findings"`
}
