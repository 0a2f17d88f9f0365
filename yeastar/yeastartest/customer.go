package yeastartest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (s *Server) customerRoutes(mux *http.ServeMux) {
	mux.Handle("GET /dm/open_api/v1/customers", s.api(s.listCustomers))
	mux.Handle("POST /dm/open_api/v1/customers", s.api(s.createCustomer))
	mux.Handle("GET /dm/open_api/v1/customers/{id}", s.api(s.customerOne))
	mux.Handle("GET /dm/open_api/v1/cloud_pbx/instances/{id}/customers", s.api(s.customersOfPBX))
	mux.Handle("PUT /dm/open_api/v1/cloud_pbx/instances/{id}/customers", s.api(s.setCustomers))
	mux.Handle("POST /dm/open_api/v1/cloud_pbx/instances/{id}/activation_email", s.api(s.activationMail))
}

// Customer is whom a PBX is run for; its keys are the vendor's.
type Customer struct {
	ID             int64  `json:"customerId"` // 0 = the next free one
	FirstName      string `json:"firstName"`
	LastName       string `json:"lastName"`
	Company        string `json:"company"`
	Email          string `json:"email"`
	BusinessNumber string `json:"businessNumber"`
	MobileNumber   string `json:"mobileNumber"`
	HomeNumber     string `json:"homeNumber"`
	FaxNumber      string `json:"faxNumber"`
	ZipCode        string `json:"zipCode"`
	Street         string `json:"street"`
	City           string `json:"city"`
	State          string `json:"state"`
	Country        string `json:"country"`
	Remark         string `json:"remark"`
}

// Mail is an activation mail that was sent.
type Mail struct {
	PBX int64
	To  []string
}

// AddCustomer adds a customer and returns its id, 0 when it cannot be added.
func (s *Server) AddCustomer(x Customer) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := s.m.addCustomer(x)
	s.keepErr("AddCustomer", err)
	return id
}

func (m *model) addCustomer(x Customer) (int64, error) {
	x.ID = take(x.ID, &m.nextCustomer)
	if m.customers[x.ID] != nil {
		return 0, fmt.Errorf("customer id %d is taken", x.ID)
	}
	m.customers[x.ID] = &x
	return x.ID, nil
}

// Customers are all customers by id.
func (s *Server) Customers() []Customer {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.m.sortedCustomers(false)
}

// Mails are the activation mails that were sent, oldest first.
func (s *Server) Mails() []Mail {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.mails)
}

func (m *model) sortedCustomers(descending bool) []Customer {
	out := make([]Customer, 0, len(m.customers))
	for _, x := range m.customers {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b Customer) int { return cmp.Compare(a.ID, b.ID) })
	if descending {
		slices.Reverse(out)
	}
	return out
}

func (s *Server) listCustomers(c *call) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := c.paging(s.a)
	if err != nil {
		return nil, err
	}
	field, descending := strings.CutPrefix(c.query.Get("sort"), "-")
	if field != "" && field != "customerId" {
		return nil, refuse(CodeInvalidParameter, "sort %q", field)
	}
	return cut(p, s.m.sortedCustomers(descending), false, func(x Customer) Customer { return x }), nil
}

func (s *Server) customerOne(c *call) (any, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	x := s.m.customers[id]
	if x == nil {
		return nil, refuse(CodeNotFound, "no customer %d", id)
	}
	return *x, nil
}

func (s *Server) createCustomer(c *call) (any, error) {
	f := decodeFields(c.body)
	maybe := func(name string) string {
		if !f.has(name) {
			return ""
		}
		return f.text(name)
	}
	x := Customer{
		FirstName: f.text("firstName"), Company: f.text("company"), Email: f.text("email"), LastName: maybe("lastName"),
		BusinessNumber: maybe("businessNumber"), MobileNumber: maybe("mobileNumber"), HomeNumber: maybe("homeNumber"), FaxNumber: maybe("faxNumber"),
		ZipCode: maybe("zipCode"), Street: maybe("street"), City: maybe("city"), State: maybe("state"), Country: maybe("country"), Remark: maybe("remark"),
	}
	if f.err != nil {
		return nil, f.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.m.customers {
		if strings.EqualFold(other.Email, x.Email) {
			return nil, refuse(CodeEmailExists, "%s is taken", x.Email)
		}
	}
	id, err := s.m.addCustomer(x)
	return struct {
		CustomerID int64 `json:"customerId"`
	}{id}, err
}

// checkCustomers refuses strangers, and more than MaxCustomers; the caller holds mu.
func (s *Server) checkCustomers(ids []int64) error {
	if s.a.MaxCustomers > 0 && len(ids) > s.a.MaxCustomers {
		return refuse(CodeInvalidParameter, "more than %d customers", s.a.MaxCustomers)
	}
	for _, id := range ids {
		if s.m.customers[id] == nil {
			return refuse(CodeNotFound, "no customer %d", id)
		}
	}
	return nil
}

func (s *Server) customersOfPBX(c *call) (any, error) {
	return withPBX(s, c, func(p *pbxRec) any {
		return struct {
			IDs []int64 `json:"customerIds"`
		}{append([]int64{}, p.Customers...)}
	})
}

// setCustomers overwrites the customers of a PBX.
func (s *Server) setCustomers(c *call) (any, error) {
	f := decodeFields(c.body)
	ids := f.ids("customerIds")
	if f.err != nil {
		return nil, f.err
	}
	return s.changePBX(c, func(p *pbxRec) ([]*job, error) {
		if err := s.checkCustomers(ids); err != nil {
			return nil, err
		}
		p.Customers = ids
		return nil, nil
	})
}

// activationMail writes to customers of a PBX that waits for its activation.
func (s *Server) activationMail(c *call) (any, error) {
	f := decodeFields(c.body)
	ids := f.ids("customerIds")
	if f.err != nil {
		return nil, f.err
	}
	var to []string
	_, err := s.changePBX(c, func(p *pbxRec) ([]*job, error) {
		if p.Activation == "Activated" {
			return nil, refuse(CodeUserActivated, "PBX %d is activated", p.ID)
		}
		for _, id := range ids {
			if !slices.Contains(p.Customers, id) || s.m.customers[id] == nil {
				return nil, refuse(CodeInvalidParameter, "%d is no customer of PBX %d", id, p.ID)
			}
			to = append(to, s.m.customers[id].Email)
		}
		s.mails = append(s.mails, Mail{PBX: p.ID, To: to})
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Accounts []string `json:"accountList"`
	}{to}, nil
}
