package web

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/web/sheet"
)

// writeCSV is [writeCSV] of something that people keep elsewhere from then on, which the record tells.
func (s *Server) writeCSV(c echo.Context, name string, head []string, page func(after string) (rows [][]string, next string, err error)) error {
	return writeCSV(c, name, head, s.listed(c, name, page))
}

// streamCSV is [streamCSV], recorded in the same way.
func (s *Server) streamCSV(c echo.Context, name string, head []string, page func(after string) (rows [][]string, next string, err error)) error {
	return streamCSV(c, name, head, s.listed(c, name, page))
}

// writeCSV streams a whole list, page by page, in cells that no spreadsheet runs.
func writeCSV(c echo.Context, name string, head []string, page func(after string) (rows [][]string, next string, err error)) error {
	return streamCSV(c, name, head, func(after string) ([][]string, string, error) {
		rows, next, err := page(after)
		for _, row := range rows {
			for i := range row {
				row[i] = sheet.Plain(row[i])
			}
		}
		return rows, next, err
	})
}

// streamCSV writes cells as they are. An error on the first page is an ordinary error; a later one cuts
// the connection, so that nobody takes half a file for the whole.
func streamCSV(c echo.Context, name string, head []string, page func(after string) (rows [][]string, next string, err error)) error {
	rows, next, err := page("")
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	buf := bufio.NewWriter(c.Response())
	w := csv.NewWriter(buf)
	w.Write(head)
	for {
		for _, row := range rows {
			w.Write(row)
		}
		w.Flush()
		if err := w.Error(); err != nil {
			return fmt.Errorf("web: %s: %w", name, err)
		}
		if next == "" {
			return buf.Flush()
		}
		if rows, next, err = page(next); err != nil {
			return errors.Join(err, http.NewResponseController(c.Response()).SetWriteDeadline(time.Unix(1, 0)))
		}
	}
}

// stamp is a time for machines; empty for never.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
