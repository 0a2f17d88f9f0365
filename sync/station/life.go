package station

import (
	"time"

	"cordboard/sync/batch"
	"cordboard/sync/change"
	"cordboard/sync/choices"
)

// wireLife wires what makes PBXs and runs their life.
func (s *Station) wireLife(c Config) (err error) {
	s.Choices, err = choices.New(choices.Deps{Places: s.Cloud, Account: s.Cloud, Now: c.Now, Fresh: choicesFresh})
	if err != nil {
		return err
	}
	s.Life, err = change.NewLifecycle(change.LifeDeps{
		Reader: s.Cloud, Maker: s.Cloud, Editor: s.Cloud, Customers: s.Cloud, Offers: s.Choices, Catalogue: record{s.DB, func(serials []string) { s.arrived(c, serials) }}, Ledger: s.DB,
		Queue: s.Jobs, Jobs: s.DB, Record: s.DB, Changer: s.Changer, Patience: patience(c.Patience),
	})
	if err != nil {
		return err
	}
	s.Batch, err = batch.New(batch.Deps{Maker: s.Life, Queue: s.Jobs, Book: s.DB, Now: c.Now, Poll: or(c.Poll, 250*time.Millisecond)})
	return err
}

// choicesFresh is how long a look-up for a new PBX is good.
const choicesFresh = time.Minute

// patience fills in how long making and running a PBX waits for the cloud.
func patience(p change.Patience) change.Patience {
	return change.Patience{Settle: or(p.Settle, 2*time.Minute), Serial: or(p.Serial, 15*time.Minute), Run: or(p.Run, 20*time.Minute), Pause: or(p.Pause, 10*time.Second)}
}
