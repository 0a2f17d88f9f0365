package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a body. A report needs four levels.
const maxDepth = 32

// errSyntax says that a body is not JSON; nothing of it is used.
var errSyntax = errors.New("not valid JSON")

// scanner walks JSON once, front to back, without building a tree: a report of
// 1,000 numbers is the hot path, and encoding/json takes several times as long
// for it. Every method leaves pos after what it read. An error of a scanner
// method is always about syntax: the body is not JSON, and the walk is over. What
// a value means is the caller's business.
type scanner struct {
	body  string
	pos   int
	depth int
}

// syntax is errSyntax with the place.
func (s *scanner) syntax(what string) error {
	return fmt.Errorf("%w: %s at byte %d", errSyntax, what, s.pos)
}

// peek skips white space and gives the next character, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.body) {
		switch c := s.body[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// array calls item at the beginning of every item; item must read it whole.
func (s *scanner) array(item func() error) error {
	if err := s.open(); err != nil {
		return err
	}
	if s.peek() == ']' {
		s.close()
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case ']':
			s.close()
			return nil
		default:
			return s.syntax("a list goes on without a comma")
		}
	}
}

// object calls field with every name, at the beginning of its value; field must
// read the value whole.
func (s *scanner) object(field func(name string) error) error {
	if err := s.open(); err != nil {
		return err
	}
	if s.peek() == '}' {
		s.close()
		return nil
	}
	for {
		if s.peek() != '"' {
			return s.syntax("a field without a name")
		}
		name, err := s.text()
		if err != nil {
			return err
		}
		if s.peek() != ':' {
			return s.syntax("a name without a value")
		}
		s.pos++
		if err := field(name); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case '}':
			s.close()
			return nil
		default:
			return s.syntax("an object goes on without a comma")
		}
	}
}

// open steps into an array or object.
func (s *scanner) open() error {
	if s.depth++; s.depth > maxDepth {
		return s.syntax("nested too deeply")
	}
	s.pos++
	return nil
}

// close steps out of an array or object.
func (s *scanner) close() {
	s.depth--
	s.pos++
}

// ordinary marks the characters that stand for themselves in a string: ASCII
// but for quotes, backslashes and control characters.
var ordinary = func() (set [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\'
	}
	return set
}()

// text reads a string; the scanner stands at its opening quote. A string of
// ordinary characters shares the memory of the body.
func (s *scanner) text() (string, error) {
	start := s.pos
	i := start + 1
	for i < len(s.body) && ordinary[s.body[i]] {
		i++
	}
	if i < len(s.body) && s.body[i] == '"' {
		s.pos = i + 1
		return s.body[start+1 : i], nil
	}
	for ; i < len(s.body) && s.body[i] != '"'; i++ {
		if s.body[i] == '\\' {
			i++
		}
	}
	if i >= len(s.body) {
		return "", s.syntax("a string without an end")
	}
	s.pos = i + 1
	return s.unquote(s.body[start : i+1])
}

// unquote reads a string with escapes or beyond ASCII as encoding/json does,
// which also refuses control characters.
func (s *scanner) unquote(quoted string) (string, error) {
	var text string
	if err := json.Unmarshal([]byte(quoted), &text); err != nil {
		return "", s.syntax("a string with a bad escape or a control character")
	}
	return text, nil
}

// number reads a number; the scanner stands at its first character.
func (s *scanner) number() (string, error) {
	start := s.pos
	if s.at('-') {
		s.pos++
	}
	switch {
	case s.at('0'):
		s.pos++
	case s.digits() == 0:
		return "", s.syntax("a number without digits")
	}
	if s.at('.') {
		if s.pos++; s.digits() == 0 {
			return "", s.syntax("a number without digits after its point")
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if s.digits() == 0 {
			return "", s.syntax("a number without digits in its exponent")
		}
	}
	return s.body[start:s.pos], nil
}

// at reports whether the next character is c.
func (s *scanner) at(c byte) bool { return s.pos < len(s.body) && s.body[s.pos] == c }

// digits skips digits and counts them.
func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.body) && s.body[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos - start
}

// word reads one of the words true, false and null.
func (s *scanner) word() error {
	for _, w := range []string{"null", "true", "false"} {
		if strings.HasPrefix(s.body[s.pos:], w) {
			s.pos += len(w)
			return nil
		}
	}
	return s.syntax("neither a value nor a word")
}

// scalar reads a string, number or word and tells what it was by its first
// character. The text of a word is its spelling.
func (s *scanner) scalar() (kind byte, text string, err error) {
	kind = s.peek()
	switch {
	case kind == '"':
		text, err = s.text()
	case kind == '-' || kind-'0' <= 9:
		text, err = s.number()
	default:
		start := s.pos
		err = s.word()
		text = s.body[start:s.pos]
	}
	return kind, text, err
}

// skip reads a value of any kind and drops it.
func (s *scanner) skip() error {
	switch s.peek() {
	case '{':
		return s.object(func(string) error { return s.skip() })
	case '[':
		return s.array(s.skip)
	default:
		_, _, err := s.scalar()
		return err
	}
}
