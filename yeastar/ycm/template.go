package ycm

import (
	"context"
	"time"

	"cordboard/yeastar/internal/wire"
)

// Template is a provisioning template. A creation names it provisionTemplateId.
type Template struct {
	ID       int64 // provisioningTemplateId
	Name     string
	Created  time.Time
	Modified time.Time
}

type templateWire struct {
	ID       wire.ID               `json:"provisioningTemplateId"`
	Name     wire.Text             `json:"provisioningTemplateName"`
	Created  wire.Maybe[wire.Time] `json:"provisioningTemplateCreateTime"`
	Modified wire.Maybe[wire.Time] `json:"provisioningTemplateModifyTime"`
}

// Templates gives the provisioning templates of the account (vendor page: Query All the Provisioning
// Templates).
func (c *Client) Templates(ctx context.Context) ([]Template, error) {
	return lookUp(ctx, c, "read the provisioning templates", "/dm/open_api/v1/provision_template", nil, func(w templateWire) (Template, error) {
		return Template{ID: int64(w.ID), Name: string(w.Name), Created: w.Created.V.Time, Modified: w.Modified.V.Time}, withID(w.ID, "provisioningTemplateId")
	})
}
