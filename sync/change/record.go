package change

import (
	"encoding/json"
	"fmt"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// records are how the audit log keeps what a plan leads from and to.
func records(p plan.Plan) (before, after json.RawMessage, err error) {
	if p.Edit != nil {
		return editRecord(p)
	}
	if before, err = record(p.Before, p.Headers.Before); err == nil {
		after, err = record(p.After, p.Headers.After)
	}
	return before, after, err
}

// record is how the audit log keeps a state of bindings: whole, so that it can be sent again.
func record(set fleet.BindingSet, headers fleet.Headers) (json.RawMessage, error) {
	text, err := json.Marshal(struct {
		Bindings fleet.BindingSet `json:"bindings"`
		Headers  fleet.Headers    `json:"headers"`
	}{set, headers})
	if err != nil {
		return nil, fmt.Errorf("change.record: %w", err)
	}
	return text, nil
}
