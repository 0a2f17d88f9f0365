package web_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sync/sip"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestThePaletteFindsWhatTheMenuDoesNotName(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	rows := []sip.Row{{ID: 31, Name: "carrier-a", Type: "register", Status: 1}}
	if err := h.DB.KeepSIPList(t.Context(), 4808, rows, nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	admin, viewer := h.As(t, team.Admin), h.As(t, team.Viewer)
	reads(t, admin, "/palette?q=carrier-a", "Trunks of PBXs", "carrier-a", "Acme HQ")
	reads(t, admin, "/palette?q=settings", "Connection to YCM", "Schedule of passes", "Notifications", "Backups")
	reads(t, viewer, "/palette?q=2FA", "Second factor")
	if text := viewer.Get("/palette?q=settings").Parse(t).Text(); strings.Contains(text, "Users") || !strings.Contains(text, "Your account") {
		t.Errorf("a viewer is led to pages of admins, or not to the own: %s", text)
	}
}
