package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// The buttons of the form beside its fields.
const (
	fieldRefresh  = "refresh" // reads the choices anew
	fieldPart     = "part"    // names the region of the page that htmx swaps
	fieldFrom     = "from"    // the PBX that is copied
	fieldCustomer = "customer"
)

// order is a new PBX with everything that was typed about it: what its form is made from.
type order struct {
	v       url.Values
	typed   form.NewPBX
	offers  offered
	wrong   []fleet.Field // what was refused, field by field
	trouble string        // why nothing was made, when no field is to blame
	notices []ui.Notice
	bench   *bench // its first numbers

	newcomer []fleet.Field // what is wrong with a customer that should be made
	asked    bool          // whether the address is free was asked for
	taken    *fleet.PBXDetail
	unread   string // why it could not be asked whether the address is free
}

// newPBXPage is the form. The query carries what was typed; without one it is filled with what most
// people take, or with what is read of the PBX that is copied.
func (s *Server) newPBXPage(c echo.Context) error {
	if wantsLive(c) {
		return s.render(c, http.StatusOK, views.Live(s.shell(c, "New PBX", views.SectionFleet)))
	}
	ctx, v := c.Request().Context(), c.QueryParams()
	var notices []ui.Notice
	if !v.Has(form.FieldKey) {
		filled, told, err := s.firstFill(ctx, v)
		if err != nil {
			return err
		}
		v, notices = filled, told
	}
	o, err := s.order(ctx, v)
	if err != nil {
		return err
	}
	o.wrong, o.notices = nil, append(notices, o.notices...)
	o.settle()
	if err := s.firstNumbers(ctx, o); err != nil {
		return err
	}
	s.askAddress(ctx, o)
	return s.renderNewPBX(c, http.StatusOK, o)
}

// firstFill is the form as it opens: for a copy with what could be read, else with what is usual.
func (s *Server) firstFill(ctx context.Context, query url.Values) (url.Values, []ui.Notice, error) {
	v := url.Values{}
	for _, f := range []struct{ name, usual string }{
		{form.FieldPlan, string(fleet.EnterprisePlan)}, {form.FieldType, string(fleet.Commercial)}, {form.FieldUpgrade, string(fleet.On)},
		{form.FieldIM, string(fleet.On)}, {form.FieldPasswordless, string(fleet.Off)}, {form.FieldSuperior, string(fleet.Off)},
	} {
		v.Set(f.name, f.usual)
	}
	var notices []ui.Notice
	if from := query.Get(fieldFrom); from != "" {
		id, ok := form.ID(from)
		if !ok {
			return v, nil, fleet.NotFound("web.firstFill", "The PBX to copy")
		}
		told, err := s.copyOf(ctx, fleet.PBXID(id), v)
		if err != nil {
			return v, nil, err
		}
		notices = told
	}
	for name, values := range query {
		if name != fieldFrom && name != fieldPart {
			v[name] = values
		}
	}
	v.Set(form.FieldKey, strings.ToLower(rand.Text()[:16]))
	return v, notices, nil
}

// order gathers what is known about what was typed.
func (s *Server) order(ctx context.Context, v url.Values) (*order, error) {
	o := &order{v: v}
	o.typed, o.wrong = form.ReadNewPBX(v)
	o.offers = s.offers(ctx, o.typed.Spec.Region, v.Get(fieldRefresh) != "")
	o.notices = o.offers.notices(s.Now())
	return o, s.firstNumbers(ctx, o)
}

// settle chooses where there is nothing to choose: the only region, the only domain, and the newest
// firmware. What was chosen and is not to be had in the region is not chosen any more.
func (o *order) settle() {
	spec := &o.typed.Spec
	if spec.Region == 0 {
		spec.Region = o.offers.in
	}
	if _, known := o.offers.Domain(spec.Domain); !known && o.offers.Domains != nil {
		spec.Domain = 0
		if len(o.offers.Domains) == 1 {
			spec.Domain = o.offers.Domains[0].ID
		}
	}
	if o.offers.Firmwares == nil {
		return
	}
	if v, known := o.offers.Firmware(spec.Version); known && v.In(spec.Region) {
		return
	}
	newest := fleet.FirmwareChoice{}
	for _, v := range o.offers.Firmwares {
		if v.In(spec.Region) && !newest.Version.AtLeast(v.Version) {
			newest = v
		}
	}
	spec.Version = newest.ID
}

// url is the address, once both halves are there.
func (o *order) url() string {
	d, known := o.offers.Domain(o.typed.Spec.Domain)
	if !known || o.typed.Spec.SubDomain == "" {
		return ""
	}
	return o.typed.Spec.URL(d.Name)
}

// createPBX checks the form and begins the job. The same form sent twice is the same job.
func (s *Server) createPBX(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	o, err := s.order(r.Context(), r.PostForm)
	if err != nil {
		return err
	}
	wrong := form.InOrder(form.NewPBXFields(), o.wrong, fleet.Check(o.typed.Spec, o.offers.Choices), o.bench.wrongLines())
	if len(wrong) > 0 {
		return s.refuseOrder(c, o, fleet.Invalid("web.createPBX", "", wrong...))
	}
	ask := change.CreateAsk{Spec: o.typed.Spec, Bind: o.bench.binds(), Mail: o.typed.Mail, Key: o.typed.Key}
	j, err := s.Life.Create(r.Context(), by(c), ask)
	if err != nil {
		return s.refuseOrder(c, o, s.refused(c, err, audit.Entry{Action: audit.PBXCreate, Target: ask.Spec.Name}))
	}
	return c.Redirect(http.StatusSeeOther, href.Job(string(j.ID)))
}

// refuseOrder shows the form again with why no PBX was made.
func (s *Server) refuseOrder(c echo.Context, o *order, cause error) error {
	fe, ok := errors.AsType[*fleet.Error](cause)
	if !ok || fe.Kind == fleet.KindInternal {
		return cause
	}
	o.wrong, o.trouble = form.InOrder(form.NewPBXFields(), fe.Fields), fe.Msg
	if len(o.wrong) > 0 {
		o.trouble = ""
	}
	o.trouble += vendorWords(fe)
	p := describe(cause)
	if p.Status >= http.StatusInternalServerError {
		s.Log.Warn("a form was not carried out", "request_id", requestID(c), "path", c.Request().URL.Path, "error", cause)
		o.trouble += " Request " + requestID(c) + "."
	}
	return s.renderNewPBX(c, p.Status, o)
}

// vendorWords are the vendor's code and request id, with a space before, or nothing.
func vendorWords(fe *fleet.Error) string {
	words := ""
	if fe.VendorCode != 0 {
		words += " Yeastar code " + strconv.Itoa(fe.VendorCode) + "."
	}
	if fe.VendorRequestID != "" {
		words += " Yeastar request " + fe.VendorRequestID + "."
	}
	return words
}

// addCustomer makes a customer in place and comes back to the form with it chosen.
func (s *Server) addCustomer(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	v := r.PostForm
	x, err := s.Life.CreateCustomer(r.Context(), by(c), form.ReadCustomer(v))
	if err == nil {
		v.Add(form.FieldCustomers, x.ID.String())
		for _, f := range form.CustomerFields() {
			v.Del(f)
		}
		return c.Redirect(http.StatusSeeOther, href.NewPBX+"?"+v.Encode()+"#h-customers")
	}
	if kind := fleet.KindOf(err); kind == fleet.KindInternal {
		return err
	}
	o, failed := s.order(r.Context(), v)
	if failed != nil {
		return failed
	}
	o.wrong = nil
	o.settle()
	for _, f := range fieldsOf(err) {
		o.newcomer = append(o.newcomer, fleet.Field{Name: form.CustomerPrefix + f.Name, Rule: f.Rule})
	}
	o.newcomer = form.InOrder(form.CustomerFields(), o.newcomer)
	if len(o.newcomer) == 0 {
		p := describe(err)
		o.newcomer = []fleet.Field{{Rule: p.Detail + " Request " + requestID(c) + "."}}
	}
	return s.renderNewPBX(c, describe(err).Status, o)
}

// askAddress finds out whether the address is free, if there is one.
func (s *Server) askAddress(ctx context.Context, o *order) {
	url := o.url()
	broken := fleet.Check(o.typed.Spec, fleet.Choices{})
	if url == "" || slices.ContainsFunc(broken, func(f fleet.Field) bool { return f.Name == form.FieldSubDomain }) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	d, err := s.Addresses.AtURL(ctx, url)
	switch {
	case fleet.KindOf(err) == fleet.KindNotFound:
		o.asked = true
	case err != nil:
		o.unread = describe(err).Detail
	default:
		o.asked, o.taken = true, &d
	}
}

func (s *Server) renderNewPBX(c echo.Context, status int, o *order) error {
	view := s.presentOrder(c.Request().Context(), o)
	if wantsPart(c) {
		return s.render(c, status, orderPart(c.QueryParam(fieldPart), view))
	}
	return s.render(c, status, views.NewPBX(s.shell(c, "New PBX", views.SectionFleet), view))
}

// orderPart is the region of the page that htmx asks for.
func orderPart(name string, view views.NewPBXPage) templ.Component {
	switch name {
	case "address":
		return views.NewPBXAddress(view.Address)
	case "left":
		return views.NewPBXLeft(view.Left)
	case "customers":
		return views.NewPBXCustomers(view.Customers)
	case "numbers":
		return views.DIDUsable(views.DIDsPage{Pick: view.Numbers.Pick, Chosen: view.Numbers.Chosen})
	}
	return views.NewPBXParts(view)
}

// firstNumbers gathers what is known of the numbers that were chosen for the new PBX, as for one that
// is there and has none.
func (s *Server) firstNumbers(ctx context.Context, o *order) error {
	typed, _ := form.ReadChange(url.Values{form.FieldBind: o.v[form.FieldBind], form.FieldNumbers: o.v[form.FieldNumbers]})
	row := fleet.PBXRow{PBX: fleet.PBX{Name: "the new PBX"}}
	if r, known := o.offers.Region(o.typed.Spec.Region); known {
		row.Region = r.Name
	}
	if v, known := o.offers.Firmware(o.typed.Spec.Version); known {
		row.Firmware = v.Version
	}
	o.bench = &bench{row: row, known: fleet.Known{Certainty: fleet.CertaintyExact}, typed: typed}
	var err error
	if o.bench.n, err = s.names(ctx, didsOf(typed.Bind)); err != nil {
		return err
	}
	if o.bench.verdicts, err = s.judgeLines(ctx, o.bench); err != nil {
		return err
	}
	o.bench.look(o.v.Get("trunk"), o.v.Get("find"))
	return nil
}

// chosenCustomers are those that were ticked, with the names that are known.
func (o *order) chosenCustomers() []fleet.Customer {
	var list []fleet.Customer
	for _, id := range o.typed.Spec.Customers {
		x, known := o.offers.Customer(id)
		if !known {
			x = fleet.Customer{ID: id}
		}
		list = append(list, x)
	}
	return list
}

// foundCustomers are those that a search finds, those that were chosen left out.
func (o *order) foundCustomers(find string) []fleet.Customer {
	words := strings.Fields(strings.ToLower(find))
	var list []fleet.Customer
	for _, x := range o.offers.Customers {
		text := strings.ToLower(strings.Join([]string{x.FirstName, x.LastName, x.Company, x.Email, x.ID.String()}, "\n"))
		if slices.Contains(o.typed.Spec.Customers, x.ID) || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		list = append(list, x)
	}
	return list
}
