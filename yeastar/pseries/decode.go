package pseries

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/wire"
)

// errNoData says that a successful answer had nothing where its data belongs.
var errNoData = errors.New("the answer has no data")

// one decodes data that is an object, or an array of exactly one (contract §10.8).
func one[T any](data json.RawMessage) (T, error) {
	var v T
	switch first(data) {
	case '{':
		if err := json.Unmarshal(data, &v); err != nil {
			return v, fmt.Errorf("decode an object: %w", err)
		}
		return v, nil
	case '[':
		list, err := many[json.RawMessage](data)
		if err != nil {
			return v, err
		}
		if len(list) != 1 || first(list[0]) != '{' {
			return v, fmt.Errorf("a list of %d where one object belongs", len(list))
		}
		return one[T](list[0])
	default:
		return v, errNoData
	}
}

// many decodes data that is an array, or one object standing for an array of one; never nil.
func many[T any](data json.RawMessage) ([]T, error) {
	switch first(data) {
	case '[':
		list := []T{}
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("decode a list: %w", err)
		}
		return list, nil
	case '{':
		v, err := one[T](data)
		if err != nil {
			return nil, err
		}
		return []T{v}, nil
	default:
		return nil, errNoData
	}
}

// first gives the first character of a JSON value, 0 when there is none.
func first(data json.RawMessage) byte {
	data = bytes.TrimLeft(data, " \t\r\n")
	if len(data) == 0 {
		return 0
	}
	return data[0]
}

// text gives a wire text as ours; nil stays nil, which means that the key was absent.
func text(t *wire.Text) *string {
	if t == nil {
		return nil
	}
	s := string(*t)
	return &s
}

// number gives a wire number as ours.
func number(n *wire.Count) *int {
	if n == nil {
		return nil
	}
	i := int(*n)
	return &i
}

// onOff gives a wire switch as ours.
func onOff(e *wire.Enabled) *bool {
	if e == nil {
		return nil
	}
	b := bool(*e)
	return &b
}

// secret gives a password as ours: nil when it is absent, or masked with asterisks or dots, which
// tells nothing (contract §10.3).
func secret(t *wire.Text) *yeastar.Secret {
	if t == nil || *t != "" && strings.Trim(string(*t), "*•●") == "" {
		return nil
	}
	s := yeastar.NewSecret(string(*t))
	return &s
}
