package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// paletteEach is how many results of one kind the command palette shows.
const paletteEach = 6

// palettePage answers the command palette, always with a fragment: the pages and acts are in the
// browser already.
func (s *Server) palettePage(c echo.Context) error {
	q := strings.TrimSpace(c.QueryParam("q"))
	view := views.Palette{Query: short(q, 100)}
	if q != "" {
		for _, find := range []func(context.Context, string) (views.PaletteGroup, error){s.paletteNumbers, s.palettePBXs, s.paletteTrunks} {
			group, err := find(c.Request().Context(), q)
			if err != nil {
				return err
			}
			if len(group.Items) > 0 {
				view.Groups = append(view.Groups, group)
			}
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
