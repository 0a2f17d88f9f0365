package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// paletteEach is how many results of one kind the command palette shows.
const paletteEach = 6

// palettePage answers the command palette, always with a fragment: the pages of the menu and the acts are
// in the browser already.
func (s *Server) palettePage(c echo.Context) error {
	q := strings.TrimSpace(c.QueryParam("q"))
	view := views.Palette{Query: short(q, 100)}
	if q != "" {
		for _, find := range []func(context.Context, string) (views.PaletteGroup, error){s.paletteNumbers, s.palettePBXs, s.paletteTrunks, s.paletteLines} {
			group, err := find(c.Request().Context(), q)
			if err != nil {
				return err
			}
			if len(group.Items) > 0 {
				view.Groups = append(view.Groups, group)
			}
		}
		if group := paletteSettings(q, who(c).user); len(group.Items) > 0 {
			view.Groups = append(view.Groups, group)
		}
	}
	return s.render(c, http.StatusOK, views.PaletteResults(view))
}

func (s *Server) paletteNumbers(ctx context.Context, q string) (views.PaletteGroup, error) {
	group := views.PaletteGroup{Title: "Numbers"}
	if len(digits(q)) < 2 {
		return group, nil
	}
	rows, err := s.Search.FindDIDs(ctx, q, paletteEach)
	if err != nil {
		return group, err
	}
	for _, row := range rows {
		item := views.PaletteItem{Href: href.With(href.Numbers, "number", row.Number), Label: s.phone(row.Number), Hint: "free"}
		if row.Owner != 0 {
			item.Href, item.Hint = href.With(href.DIDs(int64(row.Owner)), "find", row.Number), ownerName(row)
		}
		if row.Protected {
			item.Badge = ui.Badge{Tone: ui.Warn, Label: "Protected"}
		}
		group.Items = append(group.Items, item)
	}
	return group, nil
}

func (s *Server) palettePBXs(ctx context.Context, q string) (views.PaletteGroup, error) {
	group := views.PaletteGroup{Title: "PBXs"}
	page, err := s.Fleet.PBXs(ctx, fleet.PBXFilter{Q: q, Sort: fleetSorts[0], Page: fleet.PageRequest{Limit: paletteEach}}, s.Now(), s.staleAfter())
	if err != nil {
		return group, err
	}
	for _, row := range page.Items {
		item := views.PaletteItem{Href: href.PBX(int64(row.ID)), Label: pbxName(row.PBX), Hint: row.URL,
			Badge: syncBadge(fleet.Judge(row.Standing, s.Now(), s.staleAfter()).State)}
		if row.Matched != "" {
			item.Hint = "has " + s.phone(row.Matched)
		}
		group.Items = append(group.Items, item)
	}
	return group, nil
}

func (s *Server) paletteTrunks(ctx context.Context, q string) (views.PaletteGroup, error) {
	group := views.PaletteGroup{Title: "Trunks"}
	rows, err := s.Trunks.Trunks(ctx)
	if err != nil {
		return group, err
	}
	for _, t := range rows {
		if len(group.Items) == paletteEach || !strings.Contains(strings.ToLower(t.Name), strings.ToLower(q)) {
			continue
		}
		group.Items = append(group.Items, views.PaletteItem{Href: href.Trunk(int64(t.ID)), Label: trunkName(t.Trunk), Hint: thousands(t.Tally.Free()) + " free", Badge: s.standing(t).State})
	}
	return group, nil
}

// paletteLines finds the PBXs' own trunks as they were last told.
func (s *Server) paletteLines(ctx context.Context, q string) (views.PaletteGroup, error) {
	group := views.PaletteGroup{Title: "Trunks of PBXs"}
	page, err := s.Lines.FleetTrunks(ctx, sip.FleetFilter{Q: q, Page: fleet.PageRequest{Limit: paletteEach}})
	if err != nil {
		return group, err
	}
	for _, r := range page.Items {
		group.Items = append(group.Items, views.PaletteItem{Href: href.PBXTrunk(int64(r.PBX), int64(r.Row.ID)), Label: lineName(r.Row), Hint: r.PBXName, Badge: lineBadge(r.Row.Status)})
	}
	return group, nil
}

// sidePage is a page that the menu does not name.
type sidePage struct {
	label, href string
	words       string // other words by which people look for it
	role        team.Role
}

// paletteSettings finds the pages of settings, and others that only a page leads to.
func paletteSettings(q string, u team.User) views.PaletteGroup {
	group := views.PaletteGroup{Title: "More pages"}
	for _, d := range []sidePage{
		{"Trunks of PBXs", href.FleetTrunks, "sip lines register peer account", team.Viewer},
		{"New PBX", href.NewPBX, "create add", team.Operator},
		{"Several new PBXs from a file", href.NewPBXCSV, "create csv import", team.Operator},
		{"Your account", href.Account, "settings password sessions", team.Viewer},
		{"Second factor", href.SecondFactor, "settings totp 2fa authenticator codes", team.Viewer},
		{"API tokens", href.Tokens, "settings scripts bearer keys", team.Viewer},
		{"Webhook setup", href.WebhookSetup, "settings reports secret url", team.Viewer},
		{"Doctor", href.Doctor, "settings health check diagnosis", team.Viewer},
		{"Connection to YCM", href.Yeastar, "settings yeastar client id secret rate", team.Admin},
		{"Users", href.Users, "settings people invite roles", team.Admin},
		{"Guard", href.Guard, "settings limits removal draft", team.Admin},
		{"Schedule of passes", href.Schedule, "settings sync interval stale", team.Admin},
		{"Home region", href.HomeRegion, "settings numbers country", team.Admin},
		{"Notifications", href.Notices, "settings mail smtp alerts webhook", team.Admin},
		{"Second person", href.Approval, "settings approval four eyes", team.Admin},
		{"Backups", href.Backups, "settings restore copies", team.Admin},
	} {
		if u.Can(d.role) && strings.Contains(strings.ToLower(d.label)+" "+d.words, strings.ToLower(q)) {
			group.Items = append(group.Items, views.PaletteItem{Href: d.href, Label: d.label})
		}
	}
	return group
}
