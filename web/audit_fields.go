package web

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
)

// shownFields bounds the fields that the page of an act lists.
const shownFields = 200

// docField is one value of a document, with its place in words.
type docField struct{ name, value string }

// valuesOf are the values of a document, in its order. left is what of its members is to be told; nil is a
// document that is no object, which is told whole.
func valuesOf(doc json.RawMessage, left map[string]json.RawMessage) []docField {
	var fields []docField
	if left == nil {
		if len(doc) > 0 {
			fields = flatten(fields, "", doc)
		}
		return fields
	}
	for _, name := range memberNames(doc) {
		if text, ok := left[name]; ok {
			fields = flatten(fields, label(name), text)
		}
	}
	return fields
}

// flatten adds the values below a place.
func flatten(fields []docField, place string, doc json.RawMessage) []docField {
	below := func(name string) string {
		if place == "" {
			return label(name)
		}
		return place + " › " + strings.ToLower(label(name))
	}
	switch doc = bytes.TrimSpace(doc); {
	case len(doc) == 0:
		return fields
	case doc[0] == '{':
		members := membersOf(doc)
		for _, name := range memberNames(doc) {
			fields = flatten(fields, below(name), members[name])
		}
		return fields
	case doc[0] == '[':
		var list []json.RawMessage
		if json.Unmarshal(doc, &list) != nil {
			return fields
		}
		if words, ok := scalars(list); ok {
			return append(fields, docField{place, short(strings.Join(words, ", "), 600)})
		}
		for i, item := range list {
			fields = flatten(fields, below(strconv.Itoa(i+1)), item)
		}
		return fields
	}
	return append(fields, docField{place, short(scalar(doc), 600)})
}

// scalars are the items of a list that has nothing nested.
func scalars(list []json.RawMessage) (words []string, ok bool) {
	for _, item := range list {
		if item = bytes.TrimSpace(item); len(item) == 0 || item[0] == '{' || item[0] == '[' {
			return nil, false
		}
		words = append(words, scalar(item))
	}
	return words, true
}

// scalar is a value as people read it.
func scalar(doc json.RawMessage) string {
	var text string
	switch string(doc) {
	case "true":
		return "yes"
	case "false":
		return "no"
	case "null":
		return "not set"
	}
	if json.Unmarshal(doc, &text) == nil {
		return text
	}
	return string(doc)
}

// memberNames are the names of an object's members in their order.
func memberNames(doc json.RawMessage) []string {
	d := json.NewDecoder(bytes.NewReader(doc))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var names []string
	for d.More() {
		name, err := d.Token()
		var skipped json.RawMessage
		if err != nil || d.Decode(&skipped) != nil {
			return names
		}
		if text, ok := name.(string); ok {
			names = append(names, text)
		}
	}
	return names
}

// label makes words of a machine's name: "extensionCapacity" and "base_url" become "Extension capacity"
// and "Base url".
func label(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '_' || r == '.':
			r = ' '
		case i > 0 && unicode.IsUpper(r) && b.Len() > 0 && !endsUpper(b.String()):
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		if i == 0 {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// endsUpper keeps the letters of "PBXID" together.
func endsUpper(text string) bool {
	runes := []rune(text)
	return unicode.IsUpper(runes[len(runes)-1]) && len(runes) > 1
}
