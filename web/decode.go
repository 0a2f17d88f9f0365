package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
)

// decodeJSON reads a body of JSON. An empty body is the empty object. What a script may have meant
// otherwise is an error: unknown fields, fields that stand twice, something behind the value.
func decodeJSON(c echo.Context, into any) error {
	if kind := c.Request().Header.Get("Content-Type"); kind != "" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" {
			return badJSON("The body must be JSON.", "Content-Type", "application/json")
		}
	}
	body, err := io.ReadAll(c.Request().Body)
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge
	}
	if err != nil {
		return badJSON("The body could not be read to its end.", "body", "Send it whole.")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if !utf8.Valid(body) {
		return badJSON("The body is no text in UTF-8.", "body", "JSON is UTF-8.")
	}
	if name, err := twice(body); err != nil {
		return explain(err)
	} else if name != "" {
		return badJSON("A field stands twice.", name, "Say it once.")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return explain(err)
	}
	return nil
}

func badJSON(msg, field, rule string) error {
	return fleet.Invalid("web.decodeJSON", msg, fleet.Field{Name: field, Rule: rule})
}

// errMore is a second value behind the first.
var errMore = errors.New("there is more than one value")

// twice walks a whole body and names the first field that an object has twice, in any case of its
// letters. The error is for what is not one JSON value.
func twice(body []byte) (name string, err error) {
	type level struct {
		fields map[string]bool // nil in a list
		value  bool            // the next token is a field's value
	}
	var open []*level
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return name, err
		}
		var in *level
		if len(open) > 0 {
			in = open[len(open)-1]
		}
		delim, _ := token.(json.Delim)
		field, isText := token.(string)
		switch {
		case delim == '}' || delim == ']':
			open = open[:len(open)-1]
		case in != nil && in.fields != nil && !in.value && isText:
			in.value = true
			if name == "" && in.fields[strings.ToLower(field)] {
				name = field
			}
			in.fields[strings.ToLower(field)] = true
			continue
		case delim == '{':
			open = append(open, &level{fields: map[string]bool{}})
		case delim == '[':
			open = append(open, &level{})
		}
		if in != nil {
			in.value = false
		}
		if len(open) == 0 {
			break
		}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return name, errMore
	}
	return name, nil
}

// explain puts a decoder's error into words for whoever wrote the JSON.
func explain(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrong.Field
		if field == "" {
			field = "body"
		}
		return badJSON("A value is of the wrong kind.", field, "It must be "+kindWord(wrong.Type)+".")
	}
	if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		field, unquoteErr := strconv.Unquote(quoted)
		if unquoteErr != nil {
			field = quoted
		}
		return badJSON("This call has no such field.", short(field, 60), "Take it out, or spell it as the description does.")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("it ends too early")
	}
	return badJSON("The body is not JSON: "+short(err.Error(), 120)+".", "body", "One JSON object.")
}

func kindWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int64, reflect.Int:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "text"
	}
	return "an object"
}
