package ycm

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// customerBody is the body of both calls below.
type customerBody struct {
	IDs []int64 `json:"customerIds"`
}

// CustomersOfPBX gives the customers of a PBX, in the vendor's order (vendor page: Query the
// Customers of a Cloud PBX).
func (c *Client) CustomersOfPBX(ctx context.Context, id int64) ([]int64, error) {
	op := fmt.Sprintf("read the customers of PBX %d", id)
	if id <= 0 {
		return nil, invalid(op, "a PBX id is a positive number")
	}
	a, err := c.get(ctx, op, fmt.Sprintf("%s/%d/customers", pbxPath, id), nil)
	if err != nil {
		return nil, err
	}
	ids, err := idList(a.Data, "customerIds")
	if err != nil {
		return nil, malformed(op, a, err)
	}
	return ids, nil
}

// SetCustomersOfPBX overwrites the customers of a PBX (vendor page: Update the Customers of a Cloud
// PBX), once. An empty list is refused before sending.
func (c *Client) SetCustomersOfPBX(ctx context.Context, id int64, customers []int64) (Receipt, error) {
	op := fmt.Sprintf("set the customers of PBX %d", id)
	if problem := wrongCustomers(customers); problem != "" {
		return Receipt{}, invalid(op, problem)
	}
	return c.putPBX(ctx, op, id, "/customers", customerBody{customers})
}

// SendActivationMail mails the activation of a PBX to customers of it, and gives the addresses that
// were written to (vendor page: Send an Activation Email), once: sent again, the mail comes again. An
// answer that does not tell the addresses is no error: the mails went out.
func (c *Client) SendActivationMail(ctx context.Context, id int64, customers []int64) ([]string, Receipt, error) {
	op := fmt.Sprintf("send the activation mail of PBX %d", id)
	if id <= 0 {
		return nil, Receipt{}, invalid(op, "a PBX id is a positive number")
	}
	if problem := wrongCustomers(customers); problem != "" {
		return nil, Receipt{}, invalid(op, problem)
	}
	a, r, err := c.write(ctx, op, http.MethodPost, fmt.Sprintf("%s/%d/activation_email", pbxPath, id), customerBody{customers})
	if err != nil {
		return nil, r, err
	}
	var sent struct {
		Accounts []string `json:"accountList"`
	}
	if json.Unmarshal(a.Data, &sent) != nil {
		return nil, r, nil
	}
	return sent.Accounts, r, nil
}

func wrongCustomers(ids []int64) string {
	if len(ids) == 0 {
		return "no customer is named"
	}
	if slices.ContainsFunc(ids, func(id int64) bool { return id <= 0 }) {
		return "a customer id is a positive number"
	}
	return ""
}
