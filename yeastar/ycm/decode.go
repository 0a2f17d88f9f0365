package ycm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/transport"
	"cordboard/yeastar/internal/wire"
)

// errNoData says that a successful answer had nothing where its data belongs.
var errNoData = errors.New("the answer has no data")

// malformed is the error of a successful answer in a shape that nobody
// documented. Nothing of it is used.
func malformed(op string, a transport.Answer, cause error) error {
	return &yeastar.Error{Op: op, Kind: yeastar.KindMalformed, Sent: yeastar.SentAnswered,
		Msg: "the answer is not in the documented shape", RequestID: a.RequestID, Err: cause}
}

// invalid is the error of arguments that are refused before anything is sent.
func invalid(op, msg string) error {
	return &yeastar.Error{Op: op, Kind: yeastar.KindInvalid, Sent: yeastar.SentNo, Msg: msg}
}

// one decodes data that is an object, or an array holding exactly one object
// (contract §7.3). No data is an error, never a zero value.
func one[T any](data json.RawMessage) (T, error) {
	var zero T
	switch first(data) {
	case '{':
		var v T
		if err := json.Unmarshal(data, &v); err != nil {
			return zero, fmt.Errorf("decode an object: %w", err)
		}
		return v, nil
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(data, &list); err != nil {
			return zero, fmt.Errorf("decode a list: %w", err)
		}
		if len(list) != 1 || first(list[0]) != '{' {
			return zero, fmt.Errorf("a list of %d where one object belongs", len(list))
		}
		return one[T](list[0])
	default:
		return zero, errNoData
	}
}

// many decodes data that is an array of objects, one object standing for a list
// of one, or an object with the array under "list". The result is never nil; no
// data is an error, since nil is never empty.
func many[T any](data json.RawMessage) ([]T, error) {
	switch first(data) {
	case '[':
		list := []T{}
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("decode a list: %w", err)
		}
		return list, nil
	case '{':
		var paged struct {
			List  json.RawMessage `json:"list"`
			Total *wire.Count     `json:"total"`
		}
		if err := json.Unmarshal(data, &paged); err != nil {
			return nil, fmt.Errorf("decode an object: %w", err)
		}
		if paged.List == nil {
			v, err := one[T](data)
			if err != nil {
				return nil, err
			}
			return []T{v}, nil
		}
		if first(paged.List) != '[' {
			return nil, errNoData
		}
		list, err := many[T](paged.List)
		if err == nil && paged.Total != nil && int(*paged.Total) != len(list) {
			return nil, fmt.Errorf("a list of %d that says it has %d", len(list), *paged.Total)
		}
		return list, err
	default:
		return nil, errNoData
	}
}

// idList decodes ids under key in an object, or a bare array of ids. A missing or
// null list is an error, never an empty one. Order and repeats are kept.
func idList(data json.RawMessage, key string) ([]int64, error) {
	if first(data) == '{' {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(data, &fields); err != nil {
			return nil, fmt.Errorf("decode an object: %w", err)
		}
		data = fields[key]
	}
	if first(data) != '[' {
		return nil, fmt.Errorf("no list of %s: %w", key, errNoData)
	}
	if ids, ok := plainIDs(bytes.TrimLeft(data, " \t\r\n")); ok {
		return ids, nil
	}
	var ids []wire.ID
	if err := json.Unmarshal(data, &ids); err != nil {
		return nil, fmt.Errorf("decode %s: %w", key, err)
	}
	for _, id := range ids {
		if id == 0 {
			return nil, fmt.Errorf("%s has an empty id in it", key)
		}
	}
	return wire.Int64s(ids), nil
}

// plainIDs reads a list of positive whole numbers in JSON that is known to be valid, the form in which
// the vendor sends all of them: a pass reads a million. It is false for everything else, which
// is decoded with care.
func plainIDs(data json.RawMessage) ([]int64, bool) {
	const digits = 18 // any number of so many fits into an int64
	ids := make([]int64, 0, bytes.Count(data, []byte{','})+1)
	n, length := int64(0), 0
	for _, c := range data[1:] {
		switch {
		case c >= '0' && c <= '9' && length < digits:
			n, length = 10*n+int64(c-'0'), length+1
		case (c == ',' || c == ']') && n > 0:
			ids = append(ids, n)
			n, length = 0, 0
		default:
			return nil, false
		}
	}
	return ids, true
}

// first gives the first character of a JSON value, 0 when there is none.
func first(data json.RawMessage) byte {
	data = bytes.TrimLeft(data, " \t\r\n")
	if len(data) == 0 {
		return 0
	}
	return data[0]
}
