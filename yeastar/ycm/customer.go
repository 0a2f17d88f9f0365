package ycm

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/wire"
)

// Customer is whom a PBX is run for (contract §4.4). The order of the JSON keys is the vendor's; the
// first name, the company and the e-mail address are required, the rest is left out when empty.
type Customer struct {
	ID             int64  `json:"-"`
	FirstName      string `json:"firstName"`
	LastName       string `json:"lastName,omitempty"`
	Company        string `json:"company"`
	Email          string `json:"email"`
	BusinessNumber string `json:"businessNumber,omitempty"`
	MobileNumber   string `json:"mobileNumber,omitempty"`
	HomeNumber     string `json:"homeNumber,omitempty"`
	FaxNumber      string `json:"faxNumber,omitempty"`
	ZipCode        string `json:"zipCode,omitempty"`
	Street         string `json:"street,omitempty"`
	City           string `json:"city,omitempty"`
	State          string `json:"state,omitempty"`
	Country        string `json:"country,omitempty"`
	Remark         string `json:"remark,omitempty"`
}

const customerPath = "/dm/open_api/v1/customers"

type customerWire struct {
	ID             wire.ID               `json:"customerId"`
	FirstName      wire.Text             `json:"firstName"`
	LastName       wire.Maybe[wire.Text] `json:"lastName"`
	Company        wire.Text             `json:"company"`
	Email          wire.Text             `json:"email"`
	BusinessNumber wire.Maybe[wire.Text] `json:"businessNumber"`
	MobileNumber   wire.Maybe[wire.Text] `json:"mobileNumber"`
	HomeNumber     wire.Maybe[wire.Text] `json:"homeNumber"`
	FaxNumber      wire.Maybe[wire.Text] `json:"faxNumber"`
	ZipCode        wire.Maybe[wire.Text] `json:"zipCode"`
	Street         wire.Maybe[wire.Text] `json:"street"`
	City           wire.Maybe[wire.Text] `json:"city"`
	State          wire.Maybe[wire.Text] `json:"state"`
	Country        wire.Maybe[wire.Text] `json:"country"`
	Remark         wire.Maybe[wire.Text] `json:"remark"`
}

func (w customerWire) customer() (Customer, error) {
	return Customer{
		ID: int64(w.ID), FirstName: string(w.FirstName), LastName: string(w.LastName.V), Company: string(w.Company), Email: string(w.Email),
		BusinessNumber: string(w.BusinessNumber.V), MobileNumber: string(w.MobileNumber.V), HomeNumber: string(w.HomeNumber.V),
		FaxNumber: string(w.FaxNumber.V), ZipCode: string(w.ZipCode.V), Street: string(w.Street.V), City: string(w.City.V),
		State: string(w.State.V), Country: string(w.Country.V), Remark: string(w.Remark.V),
	}, withID(w.ID, "customerId")
}

// ListCustomers gives every customer of the account, complete or not at all, sorted by id (vendor
// page: Query All the Customers). The page documents no search.
func (c *Client) ListCustomers(ctx context.Context) ([]Customer, error) {
	return listing[customerWire, Customer]{
		op: "list customers", path: customerPath, query: url.Values{"sort": {"customerId"}},
		convert: customerWire.customer, id: func(x Customer) int64 { return x.ID },
	}.read(ctx, c)
}

// Customer reads one customer (vendor page: Query a Specific Customer).
func (c *Client) Customer(ctx context.Context, id int64) (Customer, error) {
	op := fmt.Sprintf("read customer %d", id)
	if id <= 0 {
		return Customer{}, invalid(op, "a customer id is a positive number")
	}
	a, err := c.get(ctx, op, fmt.Sprintf("%s/%d", customerPath, id), nil)
	if err != nil {
		return Customer{}, err
	}
	w, err := one[customerWire](a.Data)
	if err != nil {
		return Customer{}, malformed(op, a, err)
	}
	w.ID = orDefault(w.ID, wire.ID(id))
	x, err := w.customer()
	if err != nil || x.ID != id {
		return Customer{}, malformed(op, a, errWrongSubject)
	}
	return x, nil
}

// CreateCustomer creates a customer and gives its id (vendor page: Create a Customer), once. A
// success without a usable id is an error whose fate is open: look for the e-mail address.
func (c *Client) CreateCustomer(ctx context.Context, x Customer) (int64, Receipt, error) {
	const op = "create a customer"
	if x.FirstName == "" || x.Company == "" || x.Email == "" {
		return 0, Receipt{}, invalid(op, "a customer needs a first name, a company and an e-mail address")
	}
	a, r, err := c.write(ctx, op, http.MethodPost, customerPath, x)
	if err != nil {
		return 0, r, err
	}
	w, err := one[customerWire](a.Data)
	if err != nil || w.ID == 0 {
		return 0, r, &yeastar.Error{Op: op, Kind: yeastar.KindMalformed, Sent: yeastar.SentUnknown,
			Msg: "Success without the id of the new customer", RequestID: a.RequestID, Err: err}
	}
	return int64(w.ID), r, nil
}
