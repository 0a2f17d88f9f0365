package web

import (
	"slices"
	"strings"

	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/views/ui"
)

// lineBadge is the live status of a PBX's own trunk.
func lineBadge(status sip.Status) ui.Badge {
	tone := map[sip.Health]ui.Tone{sip.Up: ui.Ok, sip.Trying: ui.Busy, sip.Down: ui.Bad, sip.Off: ui.Mute, sip.Unclear: ui.Ask}[status.Health()]
	return ui.Badge{Tone: tone, Label: status.Words()}
}

// lineType is the vendor's type of a trunk in words.
func lineType(vendorType string) string {
	words := map[string]string{
		"register": "Register trunk", "peer": "Peer trunk", "peer_did": "Peer trunk, by DID", "peer_port": "Peer trunk, by port",
		"peer_private": "Peer trunk, private network", "account": "Account trunk", "webtrunk": "Web trunk",
	}
	if text, ok := words[vendorType]; ok {
		return text
	}
	return "Type " + vendorType
}

// sharedReason says why a trunk from YCM can't be changed like others (contract pseries-api §5.8).
const sharedReason = "YCM owns this trunk and pushes its settings to the PBX. Only the outbound caller IDs are the PBX's own; everything else is changed in YCM."

// settingRows are changed settings as tables show them.
func settingRows(changes []sip.Change) []views.FieldRow {
	rows := make([]views.FieldRow, len(changes))
	for i, c := range changes {
		row := views.FieldRow{Verb: "move", Sign: "→", Word: "Change", Label: c.Label, From: c.From, To: c.To}
		switch {
		case c.Name == sip.PasswordName:
			row.Word = "Replace"
		case c.List:
			row.Lines, row.Stay = settingLines(c.From, c.To)
		case c.From == "":
			row.Verb, row.Sign, row.Word = "bind", "+", "Set"
		case c.To == "":
			row.Verb, row.Sign, row.Word = "unbind", "−", "Empty"
		}
		rows[i] = row
	}
	return rows
}

// settingLines compare two lists row by row. There are none where only the order differs, or something that words don't tell.
func settingLines(from, to string) (lines []views.FieldLine, stay string) {
	was, is := linesOf(from), linesOf(to)
	kept := 0
	for _, text := range was {
		if at := slices.Index(is, text); at >= 0 {
			is = slices.Delete(is, at, at+1)
			kept++
			continue
		}
		lines = append(lines, views.FieldLine{Verb: "unbind", Sign: "−", Word: "Removed", Text: text})
	}
	for _, text := range is {
		lines = append(lines, views.FieldLine{Verb: "bind", Sign: "+", Word: "Added", Text: text})
	}
	if kept > 0 && len(lines) > 0 {
		stay = stayRows(kept)
	}
	return lines, stay
}

func stayRows(n int) string {
	if n == 1 {
		return "1 row stays as it is"
	}
	return count(n, "row") + " stay as they are"
}

func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
