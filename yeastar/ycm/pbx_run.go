package ycm

import (
	"context"
	"fmt"
	"net/http"
)

// StartPBX starts a PBX (vendor page: Start a Cloud PBX), once. It goes on after the answer: watch
// the status.
func (c *Client) StartPBX(ctx context.Context, id int64) (Receipt, error) {
	return c.putPBX(ctx, fmt.Sprintf("start PBX %d", id), id, "/start", nil)
}

// StopPBX stops a PBX (vendor page: Stop a Cloud PBX), once. It goes on after the answer.
func (c *Client) StopPBX(ctx context.Context, id int64) (Receipt, error) {
	return c.putPBX(ctx, fmt.Sprintf("stop PBX %d", id), id, "/stop", nil)
}

// DeletePBX deletes one PBX (vendor page: Delete Cloud PBXs), once. The vendor takes a list and tells
// nothing per item, so one id is sent at a time; only a read proves that the PBX is gone.
func (c *Client) DeletePBX(ctx context.Context, id int64) (Receipt, error) {
	op := fmt.Sprintf("delete PBX %d", id)
	if id <= 0 {
		return Receipt{}, invalid(op, "a PBX id is a positive number")
	}
	body := struct {
		IDs []int64 `json:"cloudPbxIds"`
	}{[]int64{id}}
	_, r, err := c.write(ctx, op, http.MethodDelete, pbxPath, body)
	return r, err
}
