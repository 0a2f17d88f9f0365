package choices

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"cordboard/sync/fleet"
)

// Places are the look-ups that depend on a region.
type Places interface {
	Regions(ctx context.Context) ([]fleet.Region, error)
	Domains(ctx context.Context, in fleet.RegionID) ([]fleet.Domain, error)
	Firmwares(ctx context.Context, in fleet.RegionID) ([]fleet.FirmwareChoice, error)
}

// Account are the look-ups of the account.
type Account interface {
	Customers(ctx context.Context) ([]fleet.Customer, error)
	Templates(ctx context.Context) ([]fleet.Template, error)
	Capacity(ctx context.Context) (fleet.Capacity, error)
}

// Deps is what a Book works with. Every field is needed.
type Deps struct {
	Places  Places
	Account Account
	Now     func() time.Time
	Fresh   time.Duration // how long a read is good
}

// Read is what was read last. Trouble is why it could not be read again, in words; then Value is as
// old as At says.
type Read[T any] struct {
	Value   T
	At      time.Time
	Trouble string
}

// Book keeps the look-ups. It serves several goroutines.
type Book struct {
	d         Deps
	regions   shelf[[]fleet.Region]
	customers shelf[[]fleet.Customer]
	templates shelf[[]fleet.Template]
	capacity  shelf[fleet.Capacity]

	mu        sync.Mutex
	domains   map[fleet.RegionID]*shelf[[]fleet.Domain]
	firmwares map[fleet.RegionID]*shelf[[]fleet.FirmwareChoice]
}

// New checks the dependencies.
func New(d Deps) (*Book, error) {
	if d.Places == nil || d.Account == nil || d.Now == nil || d.Fresh <= 0 {
		return nil, errors.New("choices: a field of Deps is missing")
	}
	return &Book{d: d, domains: map[fleet.RegionID]*shelf[[]fleet.Domain]{}, firmwares: map[fleet.RegionID]*shelf[[]fleet.FirmwareChoice]{}}, nil
}

// Regions are those in which the account may have PBXs. Of all look-ups, anew reads the cloud even if
// the last read is fresh.
func (b *Book) Regions(ctx context.Context, anew bool) (Read[[]fleet.Region], error) {
	return get(ctx, b, &b.regions, anew, b.d.Places.Regions)
}

// Domains are the domain names of a region.
func (b *Book) Domains(ctx context.Context, in fleet.RegionID, anew bool) (Read[[]fleet.Domain], error) {
	return get(ctx, b, of(b, b.domains, in), anew, func(ctx context.Context) ([]fleet.Domain, error) { return b.d.Places.Domains(ctx, in) })
}

// Firmwares are those that a new PBX of a region can get.
func (b *Book) Firmwares(ctx context.Context, in fleet.RegionID, anew bool) (Read[[]fleet.FirmwareChoice], error) {
	return get(ctx, b, of(b, b.firmwares, in), anew, func(ctx context.Context) ([]fleet.FirmwareChoice, error) { return b.d.Places.Firmwares(ctx, in) })
}

// Customers are those whose name, company or e-mail address has every word of q in it, in any case.
func (b *Book) Customers(ctx context.Context, q string, anew bool) (Read[[]fleet.Customer], error) {
	all, err := get(ctx, b, &b.customers, anew, b.d.Account.Customers)
	if err != nil {
		return all, err
	}
	asked := strings.Fields(strings.ToLower(q))
	all.Value = slices.DeleteFunc(slices.Clone(all.Value), func(x fleet.Customer) bool {
		text := strings.ToLower(strings.Join([]string{x.FirstName, x.LastName, x.Company, x.Email, x.ID.String()}, "\n"))
		return slices.ContainsFunc(asked, func(word string) bool { return !strings.Contains(text, word) })
	})
	return all, nil
}

// Templates are the provisioning templates of the account.
func (b *Book) Templates(ctx context.Context, anew bool) (Read[[]fleet.Template], error) {
	return get(ctx, b, &b.templates, anew, b.d.Account.Templates)
}

// Capacity is what the subscription has left.
func (b *Book) Capacity(ctx context.Context, anew bool) (Read[fleet.Capacity], error) {
	return get(ctx, b, &b.capacity, anew, b.d.Account.Capacity)
}

// Spent has the next one who asks read anew what the subscription has left: something took from it.
func (b *Book) Spent() { b.capacity.forget() }

// Joined has the next one who asks read the customers anew: there is a new one.
func (b *Book) Joined() { b.customers.forget() }

// Choices is everything that there is to choose in a region, fresh, or an error: what a PBX is decided
// on is never merely the last known.
func (b *Book) Choices(ctx context.Context, in fleet.RegionID) (fleet.Choices, error) {
	regions, err1 := fresh(b.Regions(ctx, false))
	if !slices.ContainsFunc(regions, func(r fleet.Region) bool { return r.ID == in }) {
		return fleet.Choices{Regions: regions}, err1 // the vendor is not asked about a region that it does not have
	}
	domains, err2 := fresh(b.Domains(ctx, in, false))
	firmwares, err3 := fresh(b.Firmwares(ctx, in, false))
	customers, err4 := fresh(b.Customers(ctx, "", false))
	templates, err5 := fresh(b.Templates(ctx, false))
	capacity, err6 := fresh(b.Capacity(ctx, false))
	if err := cmp.Or(err1, err2, err3, err4, err5, err6); err != nil {
		return fleet.Choices{}, err
	}
	return fleet.Choices{Regions: regions, Domains: domains, Firmwares: firmwares, Customers: customers, Templates: templates, Capacity: &capacity}, nil
}

// fresh is the value of a read that did not fail.
func fresh[T any](r Read[T], err error) (T, error) {
	if err == nil && r.Trouble != "" {
		err = &fleet.Error{Kind: fleet.KindUnavailable, Op: "choices", Msg: r.Trouble}
	}
	return r.Value, err
}

// shelf keeps one read. Who comes while it is read waits for it.
type shelf[T any] struct {
	mu   sync.Mutex
	last Read[T]
	old  bool // to be read anew, however young it is
}

// of is the shelf of a region.
func of[T any](b *Book, shelves map[fleet.RegionID]*shelf[T], in fleet.RegionID) *shelf[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if shelves[in] == nil {
		shelves[in] = &shelf[T]{}
	}
	return shelves[in]
}

func get[T any](ctx context.Context, b *Book, s *shelf[T], anew bool, read func(context.Context) (T, error)) (Read[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := b.d.Now()
	if age := at.Sub(s.last.At); !anew && !s.old && !s.last.At.IsZero() && age >= 0 && age < b.d.Fresh {
		return s.last, nil
	}
	v, err := read(ctx)
	if err == nil {
		s.last, s.old = Read[T]{Value: v, At: at}, false
		return s.last, nil
	}
	if s.last.At.IsZero() {
		return Read[T]{}, err
	}
	old := s.last
	old.Trouble = words(err)
	return old, nil
}

func (s *shelf[T]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.old = true
}

func words(err error) string {
	return fleet.Words(err, "Something unexpected happened while Yeastar was asked.")
}
