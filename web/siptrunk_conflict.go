package web

import (
	"net/url"
	"slices"
	"strings"

	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/web/form"
)

// moved is a setting that somebody else changed while a person was editing the trunk.
type moved struct {
	sip.Change        // from what the person saw to what is there now
	Yours      string // what the person made of it
	Mine       bool   // the person changed it too: the form keeps that
}

// merge brings what was typed onto what is there now: what the person changed stays as typed, and everything
// else is as somebody else left it. seen is what the person had before them.
func (l *line) merge(seen sip.Trunk, changes []sip.Change) {
	want, wrong := form.ReadTrunk(l.typed, seen, l.members)
	mine := map[string]string{}
	for _, c := range sip.Moved(seen, want) {
		mine[c.Name] = c.To
	}
	for _, f := range wrong { // what could not be read was typed by somebody
		name, _, _ := strings.Cut(f.Name, ".")
		mine[name] = "what you typed"
	}
	for _, c := range changes {
		yours, touched := mine[c.Name]
		if !touched {
			yours = c.From
		}
		l.moved = append(l.moved, moved{c, yours, touched})
	}
	l.wrong = nil
	for name := range l.typed {
		list, _, _ := strings.Cut(name, ".")
		if _, touched := mine[list]; !touched {
			delete(l.typed, name)
		}
	}
}

// values are those of the form: what was typed over what is there.
func (l *line) values() url.Values {
	v := form.TrunkValues(l.trunk)
	for _, list := range []string{sip.CallerIDList, sip.DIDList} {
		if !l.typed.Has(list) {
			continue
		}
		for name := range v {
			if strings.HasPrefix(name, list+".") {
				delete(v, name)
			}
		}
	}
	for name, values := range l.typed {
		v[name] = slices.Clone(values)
	}
	return v
}

func (l *line) conflict() *views.TrunkConflict {
	if len(l.moved) == 0 {
		return nil
	}
	view := &views.TrunkConflict{Title: "Somebody else changed this trunk meanwhile",
		Text: "Nothing was saved. What you changed is still in the form below, everything else is as it is now. Look at it, and save again if it is still right."}
	for _, m := range l.moved {
		row := views.TrunkMoved{Label: m.Label, Original: orEmpty(m.From), Theirs: orEmpty(m.To), Yours: "not changed", Kept: "theirs"}
		if m.Mine {
			row.Yours, row.Kept = orEmpty(m.Yours), "yours"
		}
		view.Rows = append(view.Rows, row)
	}
	return view
}

func orEmpty(text string) string {
	if text == "" {
		return "empty"
	}
	return text
}
