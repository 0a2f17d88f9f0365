package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
	"cordboard/sync/phone"
)

// drawnFleet is a fleet in which names repeat, look like formulas and amounts, and numbers are of all
// kinds; some trunks are not known.
type drawnFleet struct {
	pbxs  []bulk.PBX
	known map[fleet.PBXID]fleet.Known
	n     names
}

var (
	drawnNames   = rapid.OneOf(rapid.SampledFrom([]string{"Acme HQ", "acme hq", "=1+1", "'t Hooft", "0036", "4E5", "a,b;c", "\"quoted\"", "Zürich\tOst", "442079460018", "+442079460018", "  wide  ", "Bäckerei \u202eevil"}), rapid.StringMatching(`[A-Za-z0-9 =+@'",;-]{0,12}`))
	drawnNumbers = rapid.OneOf(rapid.SampledFrom([]string{"83", "0036", "2113", "+4402079460018", "+999123", "442079460018", ""}), rapid.StringMatching(`\+4420794600[0-9]{2}`), rapid.StringMatching(`[0-9]{1,14}`))
)

func drawFleet(t *rapid.T) drawnFleet {
	f := drawnFleet{known: map[fleet.PBXID]fleet.Known{}, n: names{trunks: map[fleet.TrunkID]fleet.Trunk{}, numbers: map[fleet.DIDID]fleet.NumberRow{}}}
	var trunks []fleet.TrunkID
	for i := range rapid.IntRange(1, 4).Draw(t, "trunks") {
		id := fleet.TrunkID(10 + i)
		trunks = append(trunks, id)
		f.n.trunks[id] = fleet.Trunk{ID: id, Name: drawnNames.Draw(t, "trunk")}
	}
	did := fleet.DIDID(100)
	for i := range rapid.IntRange(1, 4).Draw(t, "pbxs") {
		p := bulk.PBX{PBX: fleet.PBX{ID: fleet.PBXID(1 + i), Name: drawnNames.Draw(t, "pbx")}}
		known := fleet.Known{Certainty: fleet.CertaintyExact}
		for range rapid.IntRange(0, 6).Draw(t, "numbers") {
			did++
			f.n.numbers[did] = fleet.NumberRow{DID: fleet.DID{ID: did, Number: drawnNumbers.Draw(t, "number"), Name: drawnNames.Draw(t, "name"), Trunks: trunks, Owner: p.ID}}
			on := rapid.SliceOfNDistinct(rapid.SampledFrom(trunks), 1, len(trunks), rapid.ID).Draw(t, "on")
			if len(on) > 1 && rapid.Bool().Draw(t, "unclear") {
				known.Certainty = fleet.CertaintyAmbiguous
				known.Unclear = append(known.Unclear, fleet.Unclear{DID: did, Trunks: on, Copies: rapid.IntRange(1, len(on)).Draw(t, "copies")})
				continue
			}
			known.Set = known.Set.With(pairsOn(did, on)...)
		}
		f.pbxs, f.known[p.ID] = append(f.pbxs, p), known
	}
	return f
}

// export is the file, as the handler writes it.
func (f drawnFleet) export(s *Server) [][]string {
	var head []string
	for _, c := range bulkColumns {
		head = append(head, c.Name)
	}
	rows := [][]string{head}
	for _, p := range f.pbxs {
		for _, o := range bulk.Export(p.PBX, f.known[p.ID]) {
			rows = append(rows, s.bindingRow(o, f.n, bulk.Base(f.known[p.ID])))
		}
	}
	return rows
}

func (f drawnFleet) judge(t *rapid.T, s *Server, file []byte) bulk.Review {
	lines, err := readBulk(file, fieldFile)
	if err != nil {
		t.Fatalf("%v\n%q", err, file)
	}
	w := bulk.World{PBXs: map[fleet.PBXID]bulk.PBX{}, Known: f.known, DIDs: f.n.numbers, Numbers: map[string][]fleet.NumberRow{}, Same: s.Phone.Same, Show: s.Phone.Pretty}
	for _, p := range f.pbxs {
		w.PBXs[p.ID] = p
	}
	for _, trunk := range f.n.trunks {
		w.Trunks = append(w.Trunks, trunk)
	}
	for _, l := range lines {
		w.Numbers[l.Number] = nil
		for _, n := range f.n.numbers {
			if s.Phone.Same(l.Number, n.Number) {
				w.Numbers[l.Number] = append(w.Numbers[l.Number], n)
			}
		}
	}
	return bulk.Judge(bulk.Place(lines, f.pbxs), w)
}

var (
	amount = regexp.MustCompile(`^\+?[0-9]+$`)
	long   = 11 // digits beyond which a spreadsheet rounds what it shows and saves
)

// opened is a cell after a spreadsheet took it for an amount where it looks like one.
func opened(cell string) string {
	if !amount.MatchString(cell) {
		return cell
	}
	digits := strings.TrimLeft(strings.TrimPrefix(cell, "+"), "0")
	if len(digits) > long {
		return digits[:1] + "." + digits[1:6] + fmt.Sprintf("E+%d", len(digits)-1)
	}
	if digits == "" {
		return "0"
	}
	return digits
}

// saved is a table as some spreadsheet saves it.
func saved(t *rapid.T, rows [][]string) []byte {
	comma := rapid.SampledFrom([]rune{',', ';', '\t'}).Draw(t, "separator")
	quoteAll, end := rapid.Bool().Draw(t, "quotes"), rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = comma, end == "\r\n"
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = opened(cell)
		}
		if quoteAll {
			w.Flush()
			for i, cell := range cells {
				cells[i] = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(strings.Join(cells, string(comma)) + end)
			continue
		}
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	text := b.String()
	switch rapid.SampledFrom([]string{"UTF-8", "marked", "UTF-16", "Windows"}).Draw(t, "encoding") {
	case "marked":
		return []byte("\xef\xbb\xbf" + text)
	case "UTF-16":
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(out)
	case "Windows":
		if out, err := charmap.Windows1252.NewEncoder().String(text); err == nil {
			return []byte(out)
		}
	}
	return []byte(text)
}

func TestWhatIsExportedAndComesBackUnchangedAsksForNothing(t *testing.T) {
	s := &Server{Deps: Deps{Phone: phone.NewReader("")}}
	rapid.Check(t, func(t *rapid.T) {
		f := drawFleet(t)
		rows := f.export(s)
		if len(rows) == 1 {
			return
		}
		file := saved(t, rows)
		r := f.judge(t, s, file)
		if r.Wrong() > 0 || r.Of(bulk.Same) != len(r.Items) {
			for _, v := range r.Rows {
				t.Logf("%d %q %q %q: %s %s", v.Row, v.PBX, v.Trunk, v.Number, v.Word, v.Sentence)
			}
			t.Fatalf("%+v\n%s", r.Items, file)
		}
	})
}

// A file in which some rows were deleted takes exactly those away, or leaves the PBX alone.
func TestWhatIsDeletedFromTheFileIsTakenAwayAndNothingElse(t *testing.T) {
	s := &Server{Deps: Deps{Phone: phone.NewReader("")}}
	rapid.Check(t, func(t *rapid.T) {
		f := drawFleet(t)
		rows := f.export(s)
		kept := [][]string{rows[0]}
		left := map[fleet.PBXID][]fleet.Binding{}
		for _, row := range rows[1:] {
			if !rapid.Bool().Draw(t, "kept") {
				continue
			}
			kept = append(kept, row)
			var p fleet.PBXID
			var b fleet.Binding
			fmt.Sscan(row[0], &p)
			fmt.Sscan(row[2], &b.Trunk)
			fmt.Sscan(row[4], &b.DID)
			left[p] = append(left[p], b)
		}
		if len(kept) == 1 {
			return
		}
		for _, it := range f.judge(t, s, saved(t, kept)).Items {
			want := f.known[it.PBX].Set.Minus(fleet.NewBindingSet(left[it.PBX]...))
			if it.Fate == bulk.Change && (!fleet.NewBindingSet(it.Unbind...).Equal(fleet.NewBindingSet(want...)) || len(it.Bind) > 0) {
				t.Fatalf("%+v, want %v away", it, want)
			}
			if it.Fate == bulk.Same && len(want) > 0 {
				t.Fatalf("%+v stays the same, want %v away", it, want)
			}
		}
	})
}
