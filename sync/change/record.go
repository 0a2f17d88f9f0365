package change

import (
	"encoding/json"
	"fmt"

	"cordboard/sync/fleet"
)

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
