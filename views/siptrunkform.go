package views

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cordboard/views/ui"
)

// rankID is the id of the select at a place of an ordered choice. The first's is not the name: that is the
// whole's, where an error summary leads.
func rankID(name string, at int) string { return name + "-" + strconv.Itoa(at+1) }

func lowerFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// words stands for what is empty.
func words(text string) string {
	if text == "" {
		return "empty"
	}
	return text
}

func memberAttributes(f ui.Field) templ.Attributes {
	described := f.Name + "-help"
	attributes := templ.Attributes{"autocomplete": "off", "list": members, "autofocus": f.Focus}
	if f.Error != "" {
		attributes["aria-invalid"] = "true"
		described += " " + f.Name + "-error"
	}
	attributes["aria-describedby"] = described
	return attributes
}
