package upstream

import (
	"context"
	"errors"
	"strings"

	"cordboard/sync/fleet"
)

// TrunkStatus reads how a shared trunk stands with its provider (contract §5.1). A trunk that is not
// the account's own may answer that it is denied, or not there.
func (c *Cloud) TrunkStatus(ctx context.Context, id fleet.TrunkID) (fleet.Registered, fleet.FailReason, error) {
	const op = "upstream.TrunkStatus"
	client, err := c.client(op)
	if err != nil {
		return "", "", err
	}
	status, err := client.SharedTrunkStatus(ctx, int64(id))
	if err != nil {
		err = readError(op, err)
		if e, ok := errors.AsType[*fleet.Error](err); ok && e.Kind == fleet.KindNotFound {
			e.Msg = "Yeastar shows no status of this trunk to our account."
		}
		return "", "", err
	}
	return registered(status.State), failReason(status.Reason), nil
}

// registered is the vendor's word in ours; one that nobody documented stays as it came.
func registered(word string) fleet.Registered {
	switch word {
	case "E_REGISTER_SUCCESS_STATE":
		return fleet.RegisteredYes
	case "E_REGISTER_ING_STATE":
		return fleet.RegisteredTrying
	case "E_REGISTER_FAILED_STATE":
		return fleet.RegisteredFailed
	}
	return fleet.Registered(strings.TrimSpace(word))
}

func failReason(word string) fleet.FailReason {
	switch word {
	case "REASON_AUTH":
		return fleet.FailAuth
	case "REASON_TIMEOUT":
		return fleet.FailTimeout
	case "REASON_ERROR":
		return fleet.FailError
	}
	return fleet.FailReason(strings.TrimSpace(word))
}
