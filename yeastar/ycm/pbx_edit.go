package ycm

import (
	"context"
	"fmt"
	"net/http"
)

// PBXUpdate is the body of an update of name and features (contract §3.6). It is no patch: the first
// five fields are required every time. All switches are Enabled or Disabled; an optional one that is
// "" is left out.
type PBXUpdate struct {
	Name                           string `json:"name"`
	UpgradeInPBX                   string `json:"upgradeInPbx"`
	IM                             string `json:"im"`
	PasswordlessLogin              string `json:"passwordlessLogin"`
	AllowSuperiorPasswordlessLogin string `json:"allowSuperiorPasswordlessLogin"`
	PBXAPI                         string `json:"pbxApi,omitempty"`
	ProvisioningViaTemplate        string `json:"provisioningViaTemplate,omitempty"`
	TrunkConfigurationAccess       string `json:"trunkConfigurationAccess,omitempty"`
}

// UpdatePBX sends name and features (vendor page: Update the Information of a Cloud PBX), once.
func (c *Client) UpdatePBX(ctx context.Context, id int64, u PBXUpdate) (Receipt, error) {
	op := fmt.Sprintf("update PBX %d", id)
	if u.Name == "" || u.UpgradeInPBX == "" || u.IM == "" || u.PasswordlessLogin == "" || u.AllowSuperiorPasswordlessLogin == "" {
		return Receipt{}, invalid(op, "an update needs the name and the four required switches every time")
	}
	return c.putPBX(ctx, op, id, "", u)
}

// PBXCapacity is the body of a resize (contract §3.7). Transcription minutes that are left out are
// none: a resize without them drops those that are there.
type PBXCapacity struct {
	ExtensionCapacity      int64  `json:"extensionCapacity"`
	ConcurrentCallCapacity int64  `json:"concurrentCallCapacity"`
	RecordingStatus        string `json:"recordingStatus"`
	RecordingCapacity      int64  `json:"recordingCapacity"`
	TranscriptionCapacity  int64  `json:"transcriptionCapacity,omitempty"`
}

// ResizePBX sends the whole capacity of a PBX (vendor page: Resize a Cloud PBX), once.
func (c *Client) ResizePBX(ctx context.Context, id int64, p PBXCapacity) (Receipt, error) {
	op := fmt.Sprintf("resize PBX %d", id)
	if p.ExtensionCapacity <= 0 || p.ConcurrentCallCapacity <= 0 || p.RecordingStatus == "" || p.RecordingCapacity < 0 || p.TranscriptionCapacity < 0 {
		return Receipt{}, invalid(op, "a resize needs extensions, concurrent calls and recording every time")
	}
	return c.putPBX(ctx, op, id, "/capacity", p)
}

// putPBX sends one PUT to a PBX, whose answer has no data.
func (c *Client) putPBX(ctx context.Context, op string, id int64, what string, body any) (Receipt, error) {
	if id <= 0 {
		return Receipt{}, invalid(op, "a PBX id is a positive number")
	}
	_, r, err := c.write(ctx, op, http.MethodPut, fmt.Sprintf("%s/%d%s", pbxPath, id, what), body)
	return r, err
}
