package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// What a file may hold.
const (
	MaxBytes = 4 << 20
	MaxRows  = 5000 // below the headings, empty ones not counted
	MaxCell  = 500  // characters
)

// Column is one that a file may have. Headings are matched without regard to case, spaces and
// underscores: "PBX id", "pbx_id" and "PBXID" are one.
type Column struct {
	Name     string
	Required bool
}

// Table is a file read by its headings.
type Table struct {
	Rows   []Row
	Unused []string // headings that no column is called by
}

// Row is one row that is not empty.
type Row struct {
	// Number is the row's own in a spreadsheet, where the headings are row 1.
	Number int
	// Wide says that it has more cells than there are headings: a separator inside of a value, which
	// may have moved every cell behind it.
	Wide  bool
	cells map[string]Cell
}

// Cell is the row's cell in a column; the empty one when the file has no such column.
func (r Row) Cell(column string) Cell { return r.cells[column] }

// Error is a file that can't be read as a table. Row is 0 when it is about the whole.
type Error struct {
	Row int
	Msg string // for the person
}

// Error is the message with its row.
func (e *Error) Error() string {
	if e.Row == 0 {
		return e.Msg
	}
	return fmt.Sprintf("Row %d: %s", e.Row, e.Msg)
}

func refuse(row int, format string, args ...any) error {
	return &Error{Row: row, Msg: fmt.Sprintf(format, args...)}
}

// Read reads a file. The error is an [*Error].
func Read(data []byte, columns []Column) (Table, error) {
	if len(data) > MaxBytes {
		return Table{}, refuse(0, "The file is larger than %d MB.", MaxBytes>>20)
	}
	text, err := decode(data)
	if err != nil {
		return Table{}, err
	}
	comma, text := separator(text, columns)
	r := newReader(text, comma)
	head, err := r.next()
	if errors.Is(err, io.EOF) {
		return Table{}, refuse(0, "The file is empty.")
	}
	if err != nil {
		return Table{}, err
	}
	names, t, err := headings(r.row, head, columns)
	if err != nil {
		return Table{}, err
	}
	for {
		cells, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Table{}, err
		}
		if len(t.Rows) == MaxRows {
			return Table{}, refuse(0, "The file has more than %d rows. Split it.", MaxRows)
		}
		row, err := readRow(r.row, cells, names)
		if err != nil {
			return Table{}, err
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return Table{}, refuse(0, "The file has headings, and no row below them.")
	}
	return t, nil
}

func readRow(number int, cells, names []string) (Row, error) {
	row := Row{Number: number, cells: make(map[string]Cell, len(names))}
	for i, text := range cells {
		if len(text) > 4*MaxCell || len([]rune(text)) > MaxCell {
			return row, refuse(number, "A cell has more than %d characters.", MaxCell)
		}
		switch {
		case i >= len(names):
			row.Wide = row.Wide || trim(text) != ""
		case names[i] != "":
			row.cells[names[i]] = newCell(text)
		}
	}
	return row, nil
}

// headings says which column each position is; "" for one that is not used.
func headings(row int, head []string, columns []Column) (names []string, t Table, err error) {
	for _, text := range head {
		i := slices.IndexFunc(columns, func(c Column) bool { return fold(c.Name) == fold(newCell(text).Text) })
		switch {
		case i < 0 && trim(text) != "":
			t.Unused = append(t.Unused, trim(text))
			names = append(names, "")
		case i < 0:
			names = append(names, "")
		case slices.Contains(names, columns[i].Name):
			return nil, t, refuse(row, "The heading “%s” stands twice.", columns[i].Name)
		default:
			names = append(names, columns[i].Name)
		}
	}
	var missing []string
	for _, c := range columns {
		if c.Required && !slices.Contains(names, c.Name) {
			missing = append(missing, "“"+c.Name+"”")
		}
	}
	if len(missing) > 0 {
		return nil, t, refuse(row, "The first row must hold the headings. Missing: %s.", strings.Join(missing, ", "))
	}
	return names, t, nil
}

// fold is a heading without what people write differently.
func fold(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '_' || r == '\uFEFF' {
			return -1
		}
		return unicode.ToLower(r)
	}, heading)
}

// separators in the order in which a tie is decided.
var separators = []rune{',', ';', '\t'}

// separator finds what lies between the cells: what Excel says in a first line "sep=;", else what
// makes most columns of the first row. It answers the text without that line.
func separator(text []byte, columns []Column) (rune, []byte) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	said := bytes.Trim(bytes.ToLower(line), `" `)
	if s, ok := bytes.CutPrefix(said, []byte("sep=")); ok && len(s) == 1 && slices.Contains(separators, rune(s[0])) {
		return rune(s[0]), rest
	}
	best, most := separators[0], [2]int{}
	for _, s := range separators {
		cells, err := newReader(text, s).next()
		if err != nil {
			continue
		}
		known := 0
		for _, c := range columns {
			if slices.ContainsFunc(cells, func(cell string) bool { return fold(newCell(cell).Text) == fold(c.Name) }) {
				known++
			}
		}
		if score := [2]int{known, len(cells)}; score[0] > most[0] || score[0] == most[0] && score[1] > most[1] {
			best, most = s, score
		}
	}
	return best, text
}

// reader reads records and knows which row of a spreadsheet each is: a cell may span lines, and an
// empty line is a row too.
type reader struct {
	csv   *csv.Reader
	text  []byte
	row   int // of the record that was read last
	lines int // behind it
	at    int64
}

func newReader(text []byte, comma rune) *reader {
	r := &reader{csv: csv.NewReader(bytes.NewReader(text)), text: text}
	r.csv.Comma, r.csv.FieldsPerRecord = comma, -1
	return r
}

// next is the next record that has anything in it.
func (r *reader) next() ([]string, error) {
	for {
		cells, err := r.csv.Read()
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, refuse(r.row+wrong.StartLine-r.lines, "A quotation mark opens a cell and is not closed, or stands in the middle of one.")
		}
		if err != nil {
			return nil, err
		}
		start, _ := r.csv.FieldPos(0)
		r.row += start - r.lines
		end := r.csv.InputOffset()
		r.lines += bytes.Count(r.text[r.at:end], []byte("\n"))
		r.at = end
		if slices.ContainsFunc(cells, func(c string) bool { return trim(c) != "" }) {
			return cells, nil
		}
	}
}
