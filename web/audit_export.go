package web

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/web/form"
)

// auditExport reads the filter of an export and records it: what was asked for, how many rows that is, and
// the head of the chain as it is told. The record comes first; without it nothing leaves.
func (s *Server) auditExport(c echo.Context, format string) (audit.Filter, error) {
	l := listOf(c)
	filter, fields := auditQuery(l)
	if len(fields) > 0 {
		return filter, fleet.Invalid("web.auditExport", "The record can't be filtered this way.", fields...)
	}
	filter.Page = fleet.PageRequest{Limit: form.MaxPage}
	rows, head, err := s.Record.CountAudit(c.Request().Context(), filter)
	if err != nil || c.Request().Method == http.MethodHead {
		return filter, err
	}
	filter.UpTo = head.Seq
	asked := map[string]string{}
	for _, name := range []string{"q", "actor", "action", "outcome", "pbx_id", "from", "to"} {
		if text := l.v.Get(name); text != "" {
			asked[name] = text
		}
	}
	what, err := json.Marshal(struct {
		Format string            `json:"format"`
		Filter map[string]string `json:"filter"`
		Rows   int               `json:"rows"`
		Head   string            `json:"head"`
	}{format, asked, rows, head.String()})
	if err != nil {
		return filter, err
	}
	return filter, s.Record.AppendAudit(c.Request().Context(), audit.Entry{At: s.Now(), Actor: who(c).user.Name, IP: c.RealIP(),
		Action: audit.RecordExport, Target: "the audit log", Outcome: audit.Succeeded, After: what})
}

var auditColumns = []string{"seq", "at", "actor", "action", "target", "pbx_id", "plan_id", "outcome", "reason", "before", "after", "vendor_request_id", "ip", "prev", "hash"}

// auditCSV is the current filter, all pages of it, for spreadsheets: cells that they would run are marked.
func (s *Server) auditCSV(c echo.Context) error {
	filter, err := s.auditExport(c, "csv")
	if err != nil {
		return err
	}
	return writeCSV(c, "audit.csv", auditColumns, func(after string) ([][]string, string, error) {
		filter.Page.After = after
		page, err := s.Record.Audit(c.Request().Context(), filter)
		rows := make([][]string, len(page.Items))
		for i, e := range page.Items {
			pbx := ""
			if e.PBX != 0 {
				pbx = e.PBX.String()
			}
			rows[i] = []string{strconv.FormatInt(e.Seq, 10), e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), e.Actor, string(e.Action), e.Target, pbx,
				string(e.Plan), string(e.Outcome), e.Reason, string(e.Before), string(e.After), e.VendorRequestID, e.IP, e.Prev, e.Hash}
		}
		return rows, page.Next, err
	})
}

// auditLines is the current filter, newest first, each row as it was sealed: the export against which the
// chain can be checked by others (docs/security.md).
func (s *Server) auditLines(c echo.Context) error {
	filter, err := s.auditExport(c, "jsonl")
	if err != nil {
		return err
	}
	page, err := s.Record.Audit(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "application/jsonl; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="audit.jsonl"`)
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	buf := bufio.NewWriter(c.Response())
	for {
		for _, e := range page.Items {
			line, err := json.Marshal(e)
			if err != nil {
				return fmt.Errorf("web.auditLines: row %d: %w", e.Seq, err)
			}
			buf.Write(append(line, '\n'))
		}
		if page.Next == "" {
			return buf.Flush()
		}
		filter.Page.After = page.Next
		if page, err = s.Record.Audit(c.Request().Context(), filter); err != nil {
			return errors.Join(err, http.NewResponseController(c.Response()).SetWriteDeadline(time.Unix(1, 0)))
		}
	}
}

// listed records that a list leaves as a file, before its first page does.
func (s *Server) listed(c echo.Context, name string, page func(after string) ([][]string, string, error)) func(after string) ([][]string, string, error) {
	return func(after string) ([][]string, string, error) {
		rows, next, err := page(after)
		if err != nil || after != "" || c.Request().Method == http.MethodHead {
			return rows, next, err
		}
		what, err := json.Marshal(map[string]string{"from": c.Request().URL.Path, "filter": short(c.QueryParams().Encode(), 500)})
		if err != nil {
			return nil, "", err
		}
		return rows, next, s.Record.AppendAudit(c.Request().Context(), audit.Entry{At: s.Now(), Actor: who(c).user.Name, IP: c.RealIP(),
			Action: audit.ListExport, Target: name, Outcome: audit.Succeeded, After: what})
	}
}
