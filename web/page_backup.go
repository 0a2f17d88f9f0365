package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func (s *Server) backupPage(c echo.Context) error { return s.renderBackup(c, http.StatusOK) }

func (s *Server) renderBackup(c echo.Context, status int) error {
	ctx := c.Request().Context()
	state, err := s.Backups.State(ctx)
	if err != nil {
		return err
	}
	config, now := s.Backups.Config(), s.Now()
	view := views.BackupPage{Live: "backup", Make: &views.FormAction{Href: href.Backups, Label: "Back up now", Text: "It takes as long as copying the database does."},
		Empty: ui.Empty{Title: "No backup is here", Text: "Make one now, or have them made by themselves: --backup-every."}}
	if view.State, view.Sentence, view.Trouble, err = s.backupStanding(ctx); err != nil {
		return err
	}
	if last := state.Last; !last.At.IsZero() {
		view.Facts = []ui.Fact{{Label: "Made", Time: ui.At(last.At, now)}, {Label: "File", Copy: ui.Copy{Label: "file name", Text: last.File}}, {Label: "Size", Text: size(last.Bytes)},
			{Label: "Audit head", Copy: ui.Copy{Label: "the head of its audit log", Text: last.Head.String()}}}
	}
	view.Plan = []ui.Fact{{Label: "Folder", Text: config.Folder}, {Label: "Every", Text: every(config.Every)}, {Label: "Kept", Text: "the newest " + strconv.Itoa(config.Keep)},
		{Label: "Set by", Text: "--backup-dir, --backup-every, --backup-keep"}}
	if config.Folder == "" {
		view.Make, view.Plan = nil, []ui.Fact{{Label: "Folder", Text: "none: start Cordboard with --backup-dir"}}
	}
	list, err := s.Backups.List()
	if err != nil {
		s.Log.Warn("the folder of backups can't be read", "request_id", requestID(c), "error", err)
		view.Empty = ui.Empty{Title: "The folder can't be read", Text: "Whether copies are in it is not known."}
	}
	for _, copied := range list {
		view.Rows = append(view.Rows, views.BackupRow{File: copied.File, Time: ui.At(copied.At, now), Size: size(copied.Bytes)})
	}
	return s.render(c, status, views.Backup(s.shell(c, "Backups", views.SectionSettings), view))
}

// backupStanding is how backups stand, in a badge and a sentence, and what people should do about it.
func (s *Server) backupStanding(ctx context.Context) (state ui.Badge, sentence string, trouble ui.Notice, err error) {
	why, since, err := s.Backups.Trouble(ctx)
	if err != nil {
		return state, sentence, trouble, err
	}
	known, err := s.Backups.State(ctx)
	config := s.Backups.Config()
	switch {
	case err != nil:
		return state, sentence, trouble, err
	case why != "":
		return ui.Badge{Tone: ui.Bad, Label: "No fresh backup"}, why,
			ui.Notice{Tone: ui.Bad, Title: "Since " + ui.At(since, s.Now()).UTC, Text: "Look at the folder: is it there, may Cordboard write to it, has its disk room? It is tried again every quarter of an hour."}, nil
	case config.Folder == "":
		return ui.Badge{Tone: ui.Mute, Label: "Off"}, "No folder is set.", trouble, nil
	case known.Last.At.IsZero() && config.Every == 0:
		return ui.Badge{Tone: ui.Mute, Label: "Off"}, "None is made by itself, and none was made by hand.", trouble, nil
	case known.Last.At.IsZero():
		return ui.Badge{Tone: ui.Busy, Label: "Waits"}, "The first one is made some minutes after the start.", trouble, nil
	}
	return ui.Badge{Tone: ui.Ok, Label: "Made"}, "The newest is of " + ui.At(known.Last.At, s.Now()).UTC + ".", trouble, nil
}

// makeBackup makes one. A failure is told by the page too.
func (s *Server) makeBackup(c echo.Context) error {
	if _, err := s.Backups.Make(c.Request().Context(), by(c)); err != nil {
		s.Log.Error("no backup was made", "request_id", requestID(c), "error", err)
		return s.renderBackup(c, http.StatusServiceUnavailable)
	}
	return c.Redirect(http.StatusSeeOther, href.Backups)
}

// size is how large a file is.
func size(n int64) string {
	if n < 1_000_000 {
		return bytesText(int(n))
	}
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
}

// every is a schedule in words.
func every(d time.Duration) string {
	switch {
	case d == 0:
		return "only when asked"
	case d == 24*time.Hour:
		return "day"
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d min", d/time.Minute)
}

// backupRow is the line of backups on the page of settings.
func (s *Server) backupRow(ctx context.Context) (views.SettingsRow, error) {
	row := views.SettingsRow{Link: ui.Link{Label: "Backups", Href: href.Backups}}
	var err error
	row.State, row.Text, _, err = s.backupStanding(ctx)
	return row, err
}
