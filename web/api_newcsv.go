package web

import (
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/batch"
	"cordboard/sync/fleet"
)

// newCSVAPI takes files of new PBXs.
const newCSVAPI = "/api/v1/pbxs/csv"

// fittingJSON says whether a PBX can be made as it is asked for.
type fittingJSON struct {
	Possible bool              `json:"possible"`
	URL      *string           `json:"url"`
	Fields   map[string]string `json:"fields"`
}

// apiCheckNew judges a new PBX and sends nothing. What is wrong with it is an answer here and no error.
func (s *Server) apiCheckNew(c echo.Context) error {
	var in newPBXJSON
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	ask, err := in.ask()
	url, wrong := "", fieldsOf(err)
	if err == nil {
		if url, wrong, err = s.Life.Check(c.Request().Context(), ask); err != nil {
			return err
		}
	}
	out := fittingJSON{Possible: len(wrong) == 0, URL: nullable(url), Fields: map[string]string{}}
	for _, f := range wrong {
		out.Fields[f.Name] = f.Rule
	}
	return c.JSON(http.StatusOK, out)
}

// verdictsJSON is a file of new PBXs with a verdict on every row.
type verdictsJSON struct {
	Ready  int          `json:"ready"`
	There  int          `json:"there"`
	Wrong  int          `json:"wrong"`
	Most   int          `json:"most"`
	Seen   string       `json:"seen"`
	Unused []string     `json:"unused_columns"`
	Rows   []newRowJSON `json:"rows"`
}

type newRowJSON struct {
	Row     int          `json:"row"`
	Name    string       `json:"name"`
	URL     *string      `json:"url"`
	Verdict csvState     `json:"verdict"`
	Wrong   []string     `json:"wrong"`
	PBX     *fleet.PBXID `json:"pbx_id"`
}

// apiNewCSV judges a file of new PBXs. With what was seen of an earlier answer, it begins the job that
// makes those that can be made.
func (s *Server) apiNewCSV(c echo.Context) error {
	data, err := csvBody(c)
	if err != nil {
		return err
	}
	table, err := readCSV(data, "body")
	if err != nil {
		return err
	}
	rows, err := s.judgeCSV(c.Request().Context(), table)
	if err != nil {
		return err
	}
	agreed, seen := c.QueryParam(fieldSeen), digest(ordersOf(rows))
	switch agreed {
	case "":
		return c.JSON(http.StatusOK, verdictsOf(rows, table.Unused, seen))
	case seen:
		return s.accepted(c, manyPBXs)(s.Batch.Begin(c.Request().Context(), by(c), ordersOf(rows), c.QueryParam("stop_at_first_failure") == "true"))
	}
	return s.refused(c, overtaken("web.apiNewCSV"), manyPBXs)
}

func verdictsOf(rows []csvRow, unused []string, seen string) verdictsJSON {
	out := verdictsJSON{Most: batch.Most, Seen: seen, Unused: append([]string{}, unused...), Rows: make([]newRowJSON, len(rows))}
	for i, row := range rows {
		j := newRowJSON{Row: row.number, Name: row.cells[0], URL: nullable(row.url), Verdict: row.state, Wrong: []string{}, PBX: someID(row.there)}
		for _, f := range row.wrong {
			j.Wrong = append(j.Wrong, csvLabel(f)+f.Rule)
		}
		switch row.state {
		case csvReady:
			out.Ready++
		case csvThere:
			out.There++
		default:
			out.Wrong++
		}
		out.Rows[i] = j
	}
	return out
}

// csvBody is a file that is the body itself.
func csvBody(c echo.Context) ([]byte, error) {
	if kind := c.Request().Header.Get("Content-Type"); kind != "" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "text/csv" {
			return nil, badJSON("The body must be CSV.", "Content-Type", "text/csv")
		}
	}
	data, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return nil, unreadable(err)
	}
	return data, nil
}
