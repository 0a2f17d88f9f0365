package upstream

import (
	"context"

	"cordboard/sync/fleet"
	"cordboard/yeastar/ycm"
)

// Regions are those in which the account may have PBXs.
func (c *Cloud) Regions(ctx context.Context) ([]fleet.Region, error) {
	return choose(c, "upstream.Regions", func(y *ycm.Client) ([]ycm.Region, error) { return y.Regions(ctx) }, func(r ycm.Region) fleet.Region {
		return fleet.Region{ID: fleet.RegionID(r.ID), Name: r.Name}
	})
}

// Domains are the domain names of a region.
func (c *Cloud) Domains(ctx context.Context, in fleet.RegionID) ([]fleet.Domain, error) {
	return choose(c, "upstream.Domains", func(y *ycm.Client) ([]ycm.Domain, error) { return y.Domains(ctx, int64(in)) }, func(d ycm.Domain) fleet.Domain {
		return fleet.Domain{ID: fleet.DomainID(d.ID), Region: fleet.RegionID(d.RegionID), Name: d.Name}
	})
}

// Firmwares are those that a new PBX of a region can get.
func (c *Cloud) Firmwares(ctx context.Context, in fleet.RegionID) ([]fleet.FirmwareChoice, error) {
	return choose(c, "upstream.Firmwares", func(y *ycm.Client) ([]ycm.Firmware, error) { return y.Firmwares(ctx, int64(in)) }, func(f ycm.Firmware) fleet.FirmwareChoice {
		return fleet.FirmwareChoice{ID: fleet.VersionID(f.ID), Version: fleet.Firmware(f.Version), Regions: ids[fleet.RegionID](f.RegionIDs)}
	})
}

// Customers are all customers of the account, or an error.
func (c *Cloud) Customers(ctx context.Context) ([]fleet.Customer, error) {
	return choose(c, "upstream.Customers", func(y *ycm.Client) ([]ycm.Customer, error) { return y.ListCustomers(ctx) }, func(x ycm.Customer) fleet.Customer {
		return fleet.Customer{
			ID: fleet.CustomerID(x.ID), FirstName: x.FirstName, LastName: x.LastName, Company: x.Company, Email: x.Email,
			BusinessNumber: x.BusinessNumber, MobileNumber: x.MobileNumber, HomeNumber: x.HomeNumber, FaxNumber: x.FaxNumber,
			ZipCode: x.ZipCode, Street: x.Street, City: x.City, State: x.State, Country: x.Country, Remark: x.Remark,
		}
	})
}

// Templates are the provisioning templates of the account.
func (c *Cloud) Templates(ctx context.Context) ([]fleet.Template, error) {
	return choose(c, "upstream.Templates", func(y *ycm.Client) ([]ycm.Template, error) { return y.Templates(ctx) }, func(t ycm.Template) fleet.Template {
		return fleet.Template{ID: fleet.TemplateID(t.ID), Name: t.Name, ChangedAt: t.Modified}
	})
}

// Capacity is what the subscription has left.
func (c *Cloud) Capacity(ctx context.Context) (fleet.Capacity, error) {
	const op = "upstream.Capacity"
	client, err := c.client(op)
	if err != nil {
		return fleet.Capacity{}, err
	}
	s, err := client.Subscription(ctx)
	if err != nil {
		return fleet.Capacity{}, partError(op, err)
	}
	return fleet.Capacity{
		Extensions: allowance(s.Extensions), ConcurrentCalls: allowance(s.ConcurrentCalls), RecordingMinutes: allowance(s.Recording),
		Transcription: allowance(s.Transcription), UltimatePlan: allowance(s.UltimatePlan), ExpiresAt: s.Expires, RecordingUntil: s.RecordingExpiry,
	}, nil
}

func allowance(a ycm.Amount) fleet.Allowance {
	return fleet.Allowance{Known: a.Left != nil, Total: orZero(a.Total), Used: orZero(a.Used), Left: orZero(a.Left)}
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// CreateCustomer creates a customer, once, and answers its id, with errors as of [Cloud.CreatePBX].
func (c *Cloud) CreateCustomer(ctx context.Context, x fleet.Customer) (id fleet.CustomerID, r fleet.Receipt, err error) {
	r, err = c.act("upstream.CreateCustomer", func(y *ycm.Client) (ycm.Receipt, error) {
		n, r, err := y.CreateCustomer(ctx, ycm.Customer{
			FirstName: x.FirstName, LastName: x.LastName, Company: x.Company, Email: x.Email,
			BusinessNumber: x.BusinessNumber, MobileNumber: x.MobileNumber, HomeNumber: x.HomeNumber, FaxNumber: x.FaxNumber,
			ZipCode: x.ZipCode, Street: x.Street, City: x.City, State: x.State, Country: x.Country, Remark: x.Remark,
		})
		id = fleet.CustomerID(n)
		return r, err
	})
	return id, r, err
}

// choose reads one list of choices. That YCM does not have the list is no proof that it is empty.
func choose[From, To any](c *Cloud, op string, read func(*ycm.Client) ([]From, error), convert func(From) To) ([]To, error) {
	client, err := c.client(op)
	if err != nil {
		return nil, err
	}
	list, err := read(client)
	if err != nil {
		return nil, partError(op, err)
	}
	return each(list, convert), nil
}
