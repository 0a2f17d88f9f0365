package sheet

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode is the file as UTF-8 with \n at the end of its lines. Without a mark at its beginning it is
// UTF-8, and what is none is Windows-1252, in which spreadsheets save where nobody asks for more.
func decode(data []byte) ([]byte, error) {
	from := encoding.Encoding(charmap.Windows1252)
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")), bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
		if data[0] == 0xef {
			from = unicode.UTF8BOM
		}
	case utf8.Valid(data):
		from = encoding.Nop
	}
	text, err := from.NewDecoder().Bytes(data)
	broken := !utf8.Valid(data) && bytes.ContainsRune(text, utf8.RuneError) // a text may hold the sign itself
	if err != nil || bytes.ContainsRune(text, 0) || broken {
		return nil, refuse(0, "The file is no text. Save it as CSV: in Excel “CSV UTF-8”, in LibreOffice “Text CSV”.")
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n")), nil
}
