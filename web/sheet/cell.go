package sheet

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fault is what is wrong with a cell by itself.
type Fault string

const (
	// Formula is a cell that a spreadsheet would run: what it means is not what it says.
	Formula Fault = "formula"
	// Rounded is a long number that a spreadsheet made short, 4.4207E+11: its digits are lost.
	Rounded Fault = "rounded"
)

// Cell is a cell's text without the white space around it and without the apostrophe by which
// spreadsheets mark text.
type Cell struct {
	Text  string
	Fault Fault
}

// Empty reports whether nothing is in it.
func (c Cell) Empty() bool { return c.Text == "" }

// formulaSigns begin a formula, also in their full width, which some spreadsheets take for the same.
const formulaSigns = "=+-@＝＋－＠"

var rounded = regexp.MustCompile(`^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$`)

func newCell(text string) Cell {
	text = trim(text)
	if marked, ok := strings.CutPrefix(text, "'"); ok {
		return Cell{Text: marked}
	}
	c := Cell{Text: text}
	switch {
	case rounded.MatchString(text):
		c.Fault = Rounded
	case isFormula(text):
		c.Fault = Formula
	}
	return c
}

// isFormula reports whether a spreadsheet would run a text. A sign alone and a telephone number with
// its plus are what they say.
func isFormula(text string) bool {
	first, size := utf8.DecodeRuneInString(text)
	return len(text) > size && strings.ContainsRune(formulaSigns, first) && !isDialled(text)
}

// isDialled reports whether a text is a plus with digits, and spaces between them.
func isDialled(text string) bool {
	number, plus := strings.CutPrefix(text, "+")
	return plus && number != "" && strings.Trim(number, "0123456789 \u00a0") == ""
}

func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\uFEFF' })
}

// Exact is a text as [Plain], and kept from being taken for an amount: spreadsheets drop the plus and
// the zeros before one, and round what is long.
func Exact(text string) string {
	amount := text != "" && strings.Trim(text, "0123456789") == "" && (len(text) > 11 || text[0] == '0')
	if amount || isDialled(text) && !strings.Contains(text, " ") || rounded.MatchString(text) {
		return "'" + text
	}
	return Plain(text)
}

// Plain is a text as a cell that no spreadsheet runs as a formula, also behind the white space that
// spreadsheets trim, and that [Read] gives back as it was. A telephone number keeps its plus.
func Plain(text string) string {
	text = strings.ReplaceAll(text, "\x00", " ") // which no text file holds
	if inner := trim(text); isFormula(inner) || strings.HasPrefix(inner, "'") || inner != "" && strings.ContainsAny(text[:1], "\t\r\n") {
		return "'" + text
	}
	return text
}
