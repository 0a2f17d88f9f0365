package choices_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"cordboard/sync/choices"
	"cordboard/sync/fleet"
)

// cloud counts what it is asked, and fails on demand.
type cloud struct {
	asked  int
	broken error
}

func answer[T any](c *cloud, v T) (T, error) {
	c.asked++
	if c.broken != nil {
		var none T
		return none, c.broken
	}
	return v, nil
}

func (c *cloud) Regions(context.Context) ([]fleet.Region, error) {
	return answer(c, []fleet.Region{{ID: 4, Name: "Asia"}})
}

func (c *cloud) Domains(_ context.Context, in fleet.RegionID) ([]fleet.Domain, error) {
	return answer(c, []fleet.Domain{{ID: 40, Region: in, Name: "x.example"}})
}

func (c *cloud) Firmwares(context.Context, fleet.RegionID) ([]fleet.FirmwareChoice, error) {
	return answer(c, []fleet.FirmwareChoice{{ID: 764}})
}

func (c *cloud) Customers(context.Context) ([]fleet.Customer, error) {
	return answer(c, []fleet.Customer{{ID: 1, FirstName: "Leo", Company: "Acme", Email: "leo@acme.example"}, {ID: 2, FirstName: "Eve", LastName: "Ball", Company: "Else"}})
}

func (c *cloud) Templates(context.Context) ([]fleet.Template, error) {
	return answer(c, []fleet.Template{})
}

func (c *cloud) Capacity(context.Context) (fleet.Capacity, error) {
	return answer(c, fleet.Capacity{Extensions: fleet.Allowance{Known: true, Left: 7}})
}

func book(t *testing.T) (*choices.Book, *cloud, *time.Time) {
	t.Helper()
	c, now := &cloud{}, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	b, err := choices.New(choices.Deps{Places: c, Account: c, Now: func() time.Time { return now }, Fresh: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return b, c, &now
}

func TestALookUpIsKeptForAMomentAndReadAnewOnDemand(t *testing.T) {
	b, c, now := book(t)
	for _, step := range []struct {
		later time.Duration
		anew  bool
		asked int
	}{{0, false, 1}, {59 * time.Second, false, 1}, {time.Second, false, 2}, {0, true, 3}, {-time.Hour, false, 4}} {
		*now = now.Add(step.later)
		r, err := b.Domains(t.Context(), 4, step.anew)
		if err != nil || len(r.Value) != 1 || c.asked != step.asked || r.Trouble != "" {
			t.Errorf("%+v: %+v, asked %d times, %v", step, r, c.asked, err)
		}
	}
	if r, err := b.Domains(t.Context(), 5, false); err != nil || r.Value[0].Region != 5 {
		t.Errorf("another region's domains: %+v, %v", r, err)
	}
}

func TestWhatWasReadBeforeIsAnsweredWithItsAgeWhenTheCloudIsAway(t *testing.T) {
	b, c, now := book(t)
	c.broken = &fleet.Error{Kind: fleet.KindUnavailable, Msg: "Yeastar can't be reached."}
	if _, err := b.Regions(t.Context(), false); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("nothing was ever read, and the answer is %v", err)
	}
	c.broken = nil
	read := *now
	if _, err := b.Choices(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	c.broken = errors.New("a chain for the log")
	*now = now.Add(time.Hour)
	r, err := b.Regions(t.Context(), false)
	if err != nil || len(r.Value) != 1 || !r.At.Equal(read) || r.Trouble == "" {
		t.Errorf("%+v, %v", r, err)
	}
	if got, err := b.Choices(t.Context(), 4); fleet.KindOf(err) != fleet.KindUnavailable || got.Regions != nil && got.Domains != nil {
		t.Errorf("what is merely the last known was decided on: %+v, %v", got, err)
	}
}

func TestEverythingThatThereIsToChooseComesAtOnce(t *testing.T) {
	b, c, _ := book(t)
	got, err := b.Choices(t.Context(), 4)
	if err != nil || len(got.Domains) != 1 || len(got.Firmwares) != 1 || len(got.Customers) != 2 || got.Templates == nil || got.Capacity.Extensions.Left != 7 {
		t.Errorf("%+v, %v", got, err)
	}
	c.asked = 0
	if got, err := b.Choices(t.Context(), 99); err != nil || got.Regions == nil || got.Domains != nil || c.asked != 0 {
		t.Errorf("a region that is not: %+v, asked %d times, %v", got, c.asked, err)
	}
	b.Spent()
	b.Joined()
	if _, err := b.Choices(t.Context(), 4); err != nil || c.asked != 2 {
		t.Errorf("asked %d times, %v", c.asked, err)
	}
}

func TestCustomersAreFoundByEveryWordOfTheSearch(t *testing.T) {
	b, _, _ := book(t)
	for q, want := range map[string]int{"": 2, "ACME": 1, "leo acme": 1, "leo else": 0, "ball": 1, " e ": 2, "2": 1} {
		if r, err := b.Customers(t.Context(), q, false); err != nil || len(r.Value) != want {
			t.Errorf("%q found %+v, %v", q, r.Value, err)
		}
	}
}

func TestAMissingDependencyIsTold(t *testing.T) {
	if _, err := choices.New(choices.Deps{}); err == nil {
		t.Error("nothing was missed")
	}
}
