package sheet_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"cordboard/web/sheet"
)

var columns = []sheet.Column{{Name: "PBX id"}, {Name: "PBX", Required: true}, {Name: "number", Required: true}}

func read(t *testing.T, data string) sheet.Table {
	t.Helper()
	table, err := sheet.Read([]byte(data), columns)
	if err != nil {
		t.Fatalf("%q: %v", data, err)
	}
	return table
}

// cells is a table as text: one row a line.
func cells(table sheet.Table) string {
	var b strings.Builder
	for _, r := range table.Rows {
		fmt.Fprintf(&b, "%d|%s|%s|%s\n", r.Number, r.Cell("PBX id").Text, r.Cell("PBX").Text, r.Cell("number").Text)
	}
	return b.String()
}

func TestAFileReadsAlikeHoweverASpreadsheetSavedIt(t *testing.T) {
	const want = "2|4808|Café Zürich|+44 20 7946 0000\n3|4809|Bäckerei, Ost|83\n"
	plain := "PBX id,PBX,number\n4808,Café Zürich,+44 20 7946 0000\n4809,\"Bäckerei, Ost\",83\n"
	semicolons := strings.NewReplacer("PBX id,PBX,number", "PBX id;PBX;number", "4808,Café Zürich,", "4808;Café Zürich;", "4809,\"Bäckerei, Ost\",", "4809;Bäckerei, Ost;").Replace(plain)
	quoted := "\"PBX id\",\"PBX\",\"number\"\n\"4808\",\"Café Zürich\",\"+44 20 7946 0000\"\n\"4809\",\"Bäckerei, Ost\",\"83\""
	encoded := func(e encoding.Encoding, text string) string {
		out, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, data := range map[string]string{
		"plain": plain, "semicolons": semicolons, "quoted, without a last line end": quoted,
		"tabs":                      strings.ReplaceAll(semicolons, ";", "\t"),
		"CRLF":                      strings.ReplaceAll(plain, "\n", "\r\n"),
		"CR":                        strings.ReplaceAll(plain, "\n", "\r"),
		"UTF-8 with its mark":       "\xef\xbb\xbf" + plain,
		"a mark before a quote":     "\xef\xbb\xbf" + quoted,
		"UTF-16 little endian":      encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), strings.ReplaceAll(semicolons, ";", "\t")),
		"UTF-16 big endian":         encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), plain),
		"Windows-1252":              encoded(charmap.Windows1252, semicolons),
		"Excel's first line":        "sep=;\r\n" + strings.ReplaceAll(semicolons, "\n", "\r\n"),
		"headings in another form":  strings.Replace(plain, "PBX id,PBX,number", " pbx_ID , pbx,NUMBER", 1),
		"apostrophes":               strings.Replace(plain, "+44 20 7946 0000", "'+44 20 7946 0000", 1),
		"columns in another order":  "number;Notes;PBX;PBX id\n+44 20 7946 0000;call later;Café Zürich;4808\n83;;\"Bäckerei, Ost\";4809",
		"empty cells at row's ends": strings.ReplaceAll(plain, "\n", ",,\n"),
	} {
		if got := cells(read(t, data)); got != want {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestRowsHaveTheNumbersThatPeopleSee(t *testing.T) {
	table := read(t, "\nPBX,number\n\"Acme\nHQ\",1\n\n,\nBakery,2\n")
	if got := cells(table); got != "3||Acme\nHQ|1\n6||Bakery|2\n" {
		t.Errorf("%s", got)
	}
}

func TestACellSaysWhatIsWrongWithIt(t *testing.T) {
	for text, want := range map[string]sheet.Cell{
		"=1+1": {"=1+1", sheet.Formula}, "@SUM(1)": {"@SUM(1)", sheet.Formula}, "+SUM(A1)": {"+SUM(A1)", sheet.Formula}, "-1+2": {"-1+2", sheet.Formula}, " =x": {"=x", sheet.Formula},
		"＝1": {"＝1", sheet.Formula}, "4.4207E+11": {"4.4207E+11", sheet.Rounded}, "4,4207E+11": {"4,4207E+11", sheet.Rounded}, "1e5": {"1e5", sheet.Rounded},
		"+442079460000": {"+442079460000", ""}, "+44 20 7946 0000": {"+44 20 7946 0000", ""}, "'+442079460000": {"+442079460000", ""}, "'=x": {"=x", ""}, "442079460000": {"442079460000", ""},
		"-": {"-", ""}, " x\u00a0": {"x", ""}, "a=b": {"a=b", ""},
	} {
		if got := read(t, "PBX,number\nAcme,\""+text+"\"").Rows[0].Cell("number"); got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestAFileThatIsNoTableSaysWhy(t *testing.T) {
	for data, want := range map[string]string{
		"":                                      "The file is empty.",
		" \n \n":                                "The file is empty.",
		"PBX,number\n":                          "no row below",
		"PBX;nummer\nAcme;1":                    "Row 1: The first row must hold the headings. Missing: “number”.",
		"Acme;1\nBakery;2":                      "Missing: “PBX”, “number”.",
		"PBX,number,Number\nAcme,1,2":           "Row 1: The heading “number” stands twice.",
		"PBX,number\nAcme,1\n\n\"Bakery,2\nx,y": "Row 4: A quotation mark",
		"PBX,number\nAcme,1\"2\n":               "Row 2: A quotation mark",
		"PBX,number\nAcme,\x00":                 "The file is no text.",
		"PK\x03\x04\x14\x00\x08\x08":            "The file is no text.",
		"\xff\xfeP":                             "The file is no text.",
		"PBX,number\n" + strings.Repeat("x", sheet.MaxCell+1) + ",1": "Row 2: A cell has more than 500 characters.",
		strings.Repeat("x", sheet.MaxBytes+1):                        "The file is larger than 4 MB.",
	} {
		_, err := sheet.Read([]byte(data), columns)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", data, err, want)
		}
	}
}

func TestFiveThousandRowsAreReadAndOneMoreIsRefused(t *testing.T) {
	data := "PBX,number\n" + strings.Repeat("Acme,1\n", sheet.MaxRows)
	if table := read(t, data); len(table.Rows) != sheet.MaxRows || table.Rows[sheet.MaxRows-1].Number != sheet.MaxRows+1 {
		t.Errorf("%d rows", len(table.Rows))
	}
	if _, err := sheet.Read([]byte(data+"Acme,2"), columns); err == nil || err.Error() != "The file has more than 5000 rows. Split it." {
		t.Errorf("%v", err)
	}
}

func TestWhatTheColumnsDoNotNameIsTold(t *testing.T) {
	table := read(t, "PBX,number,Notes,\nAcme,1,x\nBakery,2,x,,stray\n")
	if len(table.Unused) != 1 || table.Unused[0] != "Notes" || table.Rows[0].Wide || !table.Rows[1].Wide {
		t.Errorf("%+v", table)
	}
}

func TestACellIsNeverAFormulaAndANumberKeepsItsPlus(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "Acme": "Acme", "+442079460000": "+442079460000", "+44 20": "+44 20", "=1": "'=1", "-1": "'-1", "@x": "'@x", "+1+1": "'+1+1", "+x": "'+x", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		"+": "+", " =1": "' =1", "\u00a0=1": "'\u00a0=1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "a=1": "a=1", "\ufeff=1": "'\ufeff=1", "\tx": "'\tx",
		"'=1": "''=1", "'t Hooft": "''t Hooft",
	} {
		if got := sheet.Plain(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}

func TestAnExactCellIsNoAmount(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "83": "83", "0036": "'0036", "0": "'0", "442079460018": "'442079460018", "+442079460018": "'+442079460018", "+44 20 7946 0018": "+44 20 7946 0018", "4E5": "'4E5", "=1": "'=1", "Acme": "Acme",
	} {
		if got := sheet.Exact(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}

// write is one cell as we write it, below a heading.
func write(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, cell := range []string{"PBX", sheet.Plain(text)} {
		if err := w.Write([]string{cell, "1"}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.Bytes()
}

func FuzzAPlainCellIsNoFormulaAndReadsAsItWas(f *testing.F) {
	for _, text := range []string{"=1", "'x", "Acme \"HQ\"", "a\nb", "＝", "+44 20 7946 0000", "4E5"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, err := sheet.Read(write(t, text), []sheet.Column{{Name: "PBX"}, {Name: "1"}})
		if err != nil || !utf8.ValidString(text) {
			return // no text, or too long
		}
		cell := table.Rows[0].Cell("PBX")
		fold := func(s string) string { return strings.Join(strings.Fields(strings.Trim(s, "\ufeff")), " ") }
		if cell.Fault == sheet.Formula || fold(strings.Map(printable, cell.Text)) != fold(strings.Map(printable, text)) {
			t.Errorf("%q became %+v", text, cell)
		}
	})
}

// printable leaves out what a cell loses at its ends.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\ufeff' {
		return ' '
	}
	return r
}

func FuzzReadNeverFailsToSayWhy(f *testing.F) {
	for _, data := range []string{"PBX,number\nAcme,1\n", "sep=;\nPBX;number\n'x;=1", "\xff\xfeP\x00B\x00", "PBX\tnumber\r\"a\rb\"\t2", "\xef\xbb\xbfPBX;number\n\xe9;1"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := sheet.Read(data, columns)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		last := 1
		for _, r := range table.Rows {
			if r.Number <= last {
				t.Errorf("row %d follows row %d", r.Number, last)
			}
			last = r.Number
		}
		if len(table.Rows) == 0 || len(table.Rows) > sheet.MaxRows {
			t.Errorf("%d rows", len(table.Rows))
		}
	})
}
