package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/choices"
	"cordboard/sync/fleet"
	"cordboard/web/form"
)

// lookUpJSON is a list of choices with its age. Trouble says why it could not be read anew; then it is
// what was read last.
type lookUpJSON[T any] struct {
	listJSON[T]
	ReadAt  time.Time `json:"read_at"`
	Trouble *string   `json:"trouble"`
}

type regionJSON struct {
	ID   fleet.RegionID `json:"id"`
	Name string         `json:"name"`
}

type domainJSON struct {
	ID     fleet.DomainID `json:"id"`
	Region fleet.RegionID `json:"region_id"`
	Name   string         `json:"name"`
}

type firmwareJSON struct {
	ID      fleet.VersionID  `json:"id"`
	Version fleet.Firmware   `json:"version"`
	Regions []fleet.RegionID `json:"region_ids"`
}

type templateJSON struct {
	ID        fleet.TemplateID `json:"id"`
	Name      string           `json:"name"`
	ChangedAt *time.Time       `json:"changed_at"`
}

// customerJSON has the vendor's field names.
type customerJSON struct {
	ID             fleet.CustomerID `json:"customerId"`
	FirstName      string           `json:"firstName"`
	LastName       string           `json:"lastName"`
	Company        string           `json:"company"`
	Email          string           `json:"email"`
	BusinessNumber string           `json:"businessNumber"`
	MobileNumber   string           `json:"mobileNumber"`
	HomeNumber     string           `json:"homeNumber"`
	FaxNumber      string           `json:"faxNumber"`
	ZipCode        string           `json:"zipCode"`
	Street         string           `json:"street"`
	City           string           `json:"city"`
	State          string           `json:"state"`
	Country        string           `json:"country"`
	Remark         string           `json:"remark"`
}

func customerOf(x fleet.Customer) customerJSON {
	return customerJSON{x.ID, x.FirstName, x.LastName, x.Company, x.Email, x.BusinessNumber, x.MobileNumber, x.HomeNumber, x.FaxNumber, x.ZipCode, x.Street, x.City, x.State, x.Country, x.Remark}
}

func (in customerJSON) customer() fleet.Customer {
	return fleet.Customer{FirstName: in.FirstName, LastName: in.LastName, Company: in.Company, Email: in.Email, BusinessNumber: in.BusinessNumber, MobileNumber: in.MobileNumber,
		HomeNumber: in.HomeNumber, FaxNumber: in.FaxNumber, ZipCode: in.ZipCode, Street: in.Street, City: in.City, State: in.State, Country: in.Country, Remark: in.Remark}
}

type allowanceJSON struct {
	Known bool  `json:"known"`
	Total int64 `json:"total"`
	Used  int64 `json:"used"`
	Left  int64 `json:"left"`
}

type leftJSON struct {
	Extensions      allowanceJSON `json:"extensionCapacity"`
	ConcurrentCalls allowanceJSON `json:"concurrentCallCapacity"`
	Recording       allowanceJSON `json:"recordingCapacity"`
	Transcription   allowanceJSON `json:"transcriptionCapacity"`
	UltimatePlan    allowanceJSON `json:"ultimatePlanCapacity"`
	ExpiresAt       *time.Time    `json:"expires_at"`
	RecordingUntil  *time.Time    `json:"recording_until"`
	ReadAt          time.Time     `json:"read_at"`
	Trouble         *string       `json:"trouble"`
}

// lookUp answers a list of choices. "refresh=true" reads it anew.
func lookUp[From, To any](c echo.Context, read func(ctx context.Context, anew bool) (choices.Read[[]From], error), convert func(From) To) error {
	found, err := read(c.Request().Context(), c.QueryParam("refresh") == "true")
	if err != nil {
		return err
	}
	page := fleet.Page[From]{Items: found.Value, Total: len(found.Value)}
	return c.JSON(http.StatusOK, lookUpJSON[To]{jsonList(c, page, convert), found.At.UTC(), nullable(found.Trouble)})
}

func (s *Server) apiRegions(c echo.Context) error {
	return lookUp(c, s.Choices.Regions, func(r fleet.Region) regionJSON { return regionJSON(r) })
}

func (s *Server) apiDomains(c echo.Context) error {
	region, err := regionParam(c)
	if err != nil {
		return err
	}
	return lookUp(c, func(ctx context.Context, anew bool) (choices.Read[[]fleet.Domain], error) {
		return s.Choices.Domains(ctx, region, anew)
	}, func(d fleet.Domain) domainJSON { return domainJSON(d) })
}

func (s *Server) apiFirmwares(c echo.Context) error {
	region, err := regionParam(c)
	if err != nil {
		return err
	}
	return lookUp(c, func(ctx context.Context, anew bool) (choices.Read[[]fleet.FirmwareChoice], error) {
		return s.Choices.Firmwares(ctx, region, anew)
	}, func(f fleet.FirmwareChoice) firmwareJSON {
		return firmwareJSON{f.ID, f.Version, append([]fleet.RegionID{}, f.Regions...)}
	})
}

func (s *Server) apiTemplates(c echo.Context) error {
	return lookUp(c, s.Choices.Templates, func(t fleet.Template) templateJSON { return templateJSON{t.ID, t.Name, moment(t.ChangedAt)} })
}

// regionParam reads ?region_id=, which is needed.
func regionParam(c echo.Context) (fleet.RegionID, error) {
	id, ok := form.ID(c.QueryParam("region_id"))
	if !ok {
		return 0, fleet.Invalid("web.regionParam", "Say which region.", fleet.Field{Name: "region_id", Rule: "The id of one of the regions."})
	}
	return fleet.RegionID(id), nil
}

// apiCustomers is a page of the customers that a search finds, by id.
func (s *Server) apiCustomers(c echo.Context) error {
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	found, err := s.Choices.Customers(c.Request().Context(), c.QueryParam("q"), c.QueryParam("refresh") == "true")
	if err != nil {
		return err
	}
	out := fleet.Page[fleet.Customer]{Total: len(found.Value)}
	after, _ := strconv.ParseInt(page.After, 10, 64)
	for _, x := range found.Value {
		if int64(x.ID) <= after {
			continue
		}
		if len(out.Items) == page.Limit {
			out.Next = out.Items[page.Limit-1].ID.String()
			break
		}
		out.Items = append(out.Items, x)
	}
	return c.JSON(http.StatusOK, lookUpJSON[customerJSON]{jsonList(c, out, customerOf), found.At.UTC(), nullable(found.Trouble)})
}

func (s *Server) apiNewCustomer(c echo.Context) error {
	var in customerJSON
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	x, err := s.Life.CreateCustomer(c.Request().Context(), by(c), in.customer())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, customerOf(x))
}

// apiCapacity is what the subscription has left.
func (s *Server) apiCapacity(c echo.Context) error {
	r, err := s.Choices.Capacity(c.Request().Context(), c.QueryParam("refresh") == "true")
	if err != nil {
		return err
	}
	v := r.Value
	return c.JSON(http.StatusOK, leftJSON{
		allowanceJSON(v.Extensions), allowanceJSON(v.ConcurrentCalls), allowanceJSON(v.RecordingMinutes), allowanceJSON(v.Transcription), allowanceJSON(v.UltimatePlan),
		moment(v.ExpiresAt), moment(v.RecordingUntil), r.At.UTC(), nullable(r.Trouble),
	})
}
