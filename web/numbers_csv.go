package web

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/web/form"
)

var numberColumns = []string{"asked", "number", "state", "certain", "pbx", "pbx_id", "trunk", "trunk_id", "did_id", "from_earliest", "from", "to_earliest", "to", "note"}

// numbersCSV is the answer as a file: all pages for one number, every line of a list.
func (s *Server) numbersCSV(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	ask := s.readAsk(r.Form)
	if len(ask.lines) == 0 {
		ask.wrong = append(ask.wrong, fleet.Field{Name: "number", Rule: "Which number?"})
	}
	if len(ask.wrong) > 0 {
		return fleet.Invalid("web.numbersCSV", "The search could not be read.", ask.wrong...)
	}
	ctx, t := r.Context(), s.teller(ask.when)
	if err := t.learn(ctx); err != nil {
		return err
	}
	return s.writeCSV(c, "numbers.csv", numberColumns, func(after string) (rows [][]string, next string, err error) {
		if len(ask.lines) > 1 {
			answers, err := s.Search.Whereabouts(ctx, ask.lines, ask.when, answersEach)
			for _, a := range answers {
				rows = append(rows, t.csvLine(a)...)
			}
			return rows, "", err
		}
		page, err := s.Search.FindNumbers(ctx, ask.lines[0], ask.when, fleet.PageRequest{After: after, Limit: form.MaxPage})
		for _, h := range page.Items {
			rows = append(rows, t.csvHolding(ask.lines[0], h))
		}
		return rows, page.Next, err
	})
}

func (t *teller) csvLine(a fleet.Whereabouts) (rows [][]string) {
	for _, h := range a.Held {
		rows = append(rows, t.csvHolding(a.Asked, h))
	}
	for _, u := range a.Unheld {
		answer := t.unheld(a.Asked, u)
		rows = append(rows, numberCells(map[string]string{"asked": a.Asked, "number": u.Then, "state": answer.State.Label, "did_id": u.ID.String(), "note": answer.Sentence}))
	}
	if len(rows) == 0 || a.More {
		last := t.line(a)
		answer := last[len(last)-1]
		rows = append(rows, numberCells(map[string]string{"asked": a.Asked, "state": answer.State.Label, "note": answer.Sentence}))
	}
	return rows
}

func (t *teller) csvHolding(asked string, h fleet.Holding) []string {
	answer := t.holding(asked, h)
	row := map[string]string{
		"asked": asked, "number": h.Number, "state": answer.State.Label, "certain": strconv.FormatBool(h.Sure), "pbx": h.PBXName, "pbx_id": h.PBX.String(),
		"trunk": h.TrunkName, "trunk_id": h.Trunk.String(), "did_id": h.DID.String(), "note": answer.Sentence,
	}
	for name, at := range map[string]time.Time{"from_earliest": h.FromEarliest, "from": h.From, "to_earliest": h.ToEarliest, "to": h.To} {
		if !at.IsZero() {
			row[name] = momentText(at)
		}
	}
	return numberCells(row)
}

func numberCells(cells map[string]string) []string {
	row := make([]string, len(numberColumns))
	for i, name := range numberColumns {
		row[i] = cells[name]
	}
	return row
}
