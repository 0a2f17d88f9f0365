package web

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"cordboard/sync/choices"
	"cordboard/sync/fleet"
	"cordboard/views/ui"
)

// lookUpFor is how long a form waits for what there is to choose: what is late then is shown as it
// was read last.
const lookUpFor = 10 * time.Second

// offered is what there is to choose, as far as it could be read: what could not be is nil, or as old
// as At says.
type offered struct {
	fleet.Choices
	in      fleet.RegionID // the region that was asked about: the only one, if none was chosen
	at      time.Time      // of the oldest
	left    time.Time      // when the subscription was read
	trouble string         // why something could not be read
}

// offers reads what there is to choose in a region; without one, what does not depend on it. The
// regions come first, the rest is asked for at once.
func (s *Server) offers(ctx context.Context, in fleet.RegionID, anew bool) offered {
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	var o offered
	var capacity fleet.Capacity
	k := keeper{o: &o}
	look(&k, &o.Regions, func() (choices.Read[[]fleet.Region], error) { return s.Choices.Regions(ctx, anew) })
	k.reading.Wait()
	if o.in = in; in == 0 && len(o.Regions) == 1 {
		o.in = o.Regions[0].ID
	}
	look(&k, &o.Customers, func() (choices.Read[[]fleet.Customer], error) { return s.Choices.Customers(ctx, "", anew) })
	look(&k, &o.Templates, func() (choices.Read[[]fleet.Template], error) { return s.Choices.Templates(ctx, anew) })
	look(&k, &capacity, func() (choices.Read[fleet.Capacity], error) {
		r, err := s.Choices.Capacity(ctx, anew)
		o.left = r.At
		return r, err
	})
	if _, known := o.Region(o.in); known {
		look(&k, &o.Domains, func() (choices.Read[[]fleet.Domain], error) { return s.Choices.Domains(ctx, o.in, anew) })
		look(&k, &o.Firmwares, func() (choices.Read[[]fleet.FirmwareChoice], error) { return s.Choices.Firmwares(ctx, o.in, anew) })
	}
	k.reading.Wait()
	if !o.left.IsZero() {
		o.Capacity = &capacity
	}
	return o
}

// keeper collects the look-ups of one page.
type keeper struct {
	reading sync.WaitGroup
	mu      sync.Mutex
	o       *offered
}

// look reads one list in the background.
func look[T any](k *keeper, into *T, read func() (choices.Read[T], error)) {
	k.reading.Go(func() {
		r, err := read()
		k.mu.Lock()
		defer k.mu.Unlock()
		switch {
		case err != nil:
			k.o.trouble = describe(err).Detail
			return
		case r.Trouble != "":
			k.o.trouble = r.Trouble
		}
		*into = r.Value
		if k.o.at.IsZero() || r.At.Before(k.o.at) {
			k.o.at = r.At
		}
	})
}

// notices say that Yeastar could not be asked.
func (o offered) notices(now time.Time) []ui.Notice {
	if o.trouble == "" {
		return nil
	}
	n := ui.Notice{Tone: ui.Warn, Title: "What there is to choose could not be read from Yeastar",
		Text: o.trouble + " What you typed stays. “Read the choices again” asks once more."}
	if !o.at.IsZero() {
		n.Text += " Some of the choices below are of " + ui.At(o.at, now).Rel + "."
	}
	return []ui.Notice{n}
}

// named is a customer as people know one.
func named(x fleet.Customer) string {
	name := strings.TrimSpace(x.FirstName + " " + x.LastName)
	switch {
	case name == "":
		return x.Company
	case x.Company == "":
		return name
	}
	return x.Company + ", " + name
}

// fieldsOf are the rules that an error says were broken, if it is one of ours.
func fieldsOf(err error) []fleet.Field {
	if fe, ok := errors.AsType[*fleet.Error](err); ok {
		return fe.Fields
	}
	return nil
}
