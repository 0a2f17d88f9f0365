package web

import (
	"context"
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
	"cordboard/web/form"
	"cordboard/web/sheet"
)

// bulkColumns are those of the file, in the order of the export.
var bulkColumns = []sheet.Column{
	{Name: bulk.ColumnPBXID}, {Name: bulk.ColumnPBX, Required: true}, {Name: bulk.ColumnTrunkID}, {Name: bulk.ColumnTrunk},
	{Name: bulk.ColumnDIDID}, {Name: bulk.ColumnNumber, Required: true}, {Name: bulk.ColumnName}, {Name: bulk.ColumnBase},
}

// readBulk reads a file of bindings. What makes it unreadable as a whole is told as the field at fault.
func readBulk(data []byte, field string) ([]bulk.Line, error) {
	table, err := sheet.Read(data, bulkColumns)
	if wrong, ok := errors.AsType[*sheet.Error](err); ok {
		return nil, fleet.Invalid("web.readBulk", "The file can't be read. Nothing was sent.", fleet.Field{Name: field, Rule: wrong.Error()})
	}
	if err != nil {
		return nil, err
	}
	lines := make([]bulk.Line, len(table.Rows))
	for i, row := range table.Rows {
		text := func(column string) string { return row.Cell(column).Text }
		lines[i] = bulk.Line{
			Row: row.Number, PBXID: text(bulk.ColumnPBXID), PBX: text(bulk.ColumnPBX), TrunkID: text(bulk.ColumnTrunkID), Trunk: text(bulk.ColumnTrunk),
			DIDID: text(bulk.ColumnDIDID), Number: text(bulk.ColumnNumber), Base: text(bulk.ColumnBase), Fault: bulkFault(row),
		}
	}
	return lines, nil
}

// bulkFault is what makes a row unbelievable. A name that looks like a rounded number is a name.
func bulkFault(row sheet.Row) bulk.VerdictWord {
	for _, c := range bulkColumns {
		switch fault := row.Cell(c.Name).Fault; {
		case c.Name == bulk.ColumnName, c.Name == bulk.ColumnBase, fault == "":
		case fault == sheet.Formula:
			return bulk.Formula
		case c.Name != bulk.ColumnPBX && c.Name != bulk.ColumnTrunk:
			return bulk.Rounded
		}
	}
	if row.Wide {
		return bulk.Shifted
	}
	return ""
}

// bindingsAtOnce is how many PBXs the export reads before it writes them.
const bindingsAtOnce = 50

// bindingsCSV is every binding of the fleet, or of what its filter leaves, or of one PBX: the file that
// comes back by /bulk.
func (s *Server) bindingsCSV(c echo.Context) error {
	ctx := c.Request().Context()
	head := make([]string, len(bulkColumns))
	for i, column := range bulkColumns {
		head[i] = column.Name
	}
	if text := c.QueryParam("pbx_id"); text != "" {
		id, ok := form.ID(text)
		if !ok {
			return fleet.Invalid("web.bindingsCSV", "That is no PBX id.", fleet.Field{Name: "pbx_id", Rule: "A number."})
		}
		row, err := s.Fleet.PBX(ctx, fleet.PBXID(id))
		if err != nil {
			return err
		}
		return s.streamCSV(c, "bindings-"+text+".csv", head, func(string) ([][]string, string, error) {
			rows, err := s.bindingRows(ctx, []fleet.PBXRow{row})
			return rows, "", err
		})
	}
	filter := fleetFilter(listOf(c))
	filter.Page = fleet.PageRequest{Limit: bindingsAtOnce}
	return s.streamCSV(c, "bindings.csv", head, func(after string) ([][]string, string, error) {
		filter.Page.After = after
		page, err := s.Fleet.PBXs(ctx, filter, s.Now(), s.staleAfter())
		if err != nil {
			return nil, "", err
		}
		rows, err := s.bindingRows(ctx, page.Items)
		return rows, page.Next, err
	})
}

// bindingRows are the rows of some PBXs; those that are gone have none.
func (s *Server) bindingRows(ctx context.Context, pbxs []fleet.PBXRow) ([][]string, error) {
	var out []bulk.Out
	bases := map[fleet.PBXID]string{}
	for _, p := range pbxs {
		if !p.Standing.GoneAt.IsZero() {
			continue
		}
		known, err := s.Ledger.Known(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		out, bases[p.ID] = append(out, bulk.Export(p.PBX, known)...), bulk.Base(known)
	}
	dids := make([]fleet.DIDID, len(out))
	for i, o := range out {
		dids[i] = o.DID
	}
	n, err := s.names(ctx, dids)
	if err != nil {
		return nil, err
	}
	rows := make([][]string, len(out))
	for i, o := range out {
		rows[i] = s.bindingRow(o, n, bases[o.PBX.ID])
	}
	return rows, nil
}

// bindingRow is one row of the export.
func (s *Server) bindingRow(o bulk.Out, n names, base string) []string {
	trunkID, trunk := o.Trunk.String(), n.trunks[o.Trunk].Name
	if o.Trunk == fleet.TrunkUnclear {
		trunkID, trunk = "", bulk.NotKnown
	}
	did := n.numbers[o.DID]
	return []string{o.PBX.ID.String(), sheet.Exact(o.PBX.Name), trunkID, sheet.Exact(trunk), o.DID.String(), s.sheetNumber(did.Number), sheet.Exact(did.Name), base}
}

// sheetNumber is a number in a form that spreadsheets take for text: "+44 20 7946 0018".
func (s *Server) sheetNumber(raw string) string {
	if !strings.HasPrefix(raw, "+") {
		return sheet.Exact(raw)
	}
	spaced := strings.Join(strings.FieldsFunc(s.phone(raw), func(r rune) bool { return r != '+' && (r < '0' || r > '9') }), " ")
	if "+"+digits(spaced) != raw {
		return sheet.Exact(raw)
	}
	return sheet.Exact(spaced)
}
