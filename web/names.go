package web

import (
	"context"
	"time"

	"cordboard/sync/fleet"
)

// names turns ids into what people call them: numbers, trunks, owners.
type names struct {
	at      time.Time // when: ids are given to other numbers, and trunks are renamed; zero = now
	phone   func(string) string
	numbers map[fleet.DIDID]fleet.NumberRow
	trunks  map[fleet.TrunkID]fleet.Trunk
}

// names looks DIDs up in our own record, and all trunks: an account has dozens.
func (s *Server) names(ctx context.Context, dids []fleet.DIDID) (names, error) {
	n := names{phone: s.phone, trunks: map[fleet.TrunkID]fleet.Trunk{}}
	trunks, err := s.Ledger.AllTrunks(ctx)
	if err != nil {
		return n, err
	}
	for _, t := range trunks {
		n.trunks[t.ID] = t
	}
	if len(dids) > 0 {
		n.numbers, err = s.Ledger.Numbers(ctx, dids)
	}
	return n, err
}

// then is what people called the same things at a moment.
func (n names) then(at time.Time) names {
	n.at = at
	return n
}

// before is what people called them just before a moment: what a change at that moment took away.
func (n names) before(at time.Time) names { return n.then(at.Add(-time.Microsecond)) }

// told is the number as Yeastar has it, or had it then; empty when nobody told it yet.
func (n names) told(id fleet.DIDID) string { return n.numbers[id].NumberAt(n.at) }

// raw is the number as Yeastar has it, or the id when nobody told it yet.
func (n names) raw(id fleet.DIDID) string {
	if number := n.told(id); number != "" {
		return number
	}
	return "DID " + id.String()
}

// number is the number as people read it.
func (n names) number(id fleet.DIDID) string { return n.phone(n.raw(id)) }

// trunk is what the trunk is called, or was called then.
func (n names) trunk(id fleet.TrunkID) string {
	switch name := n.trunks[id].NameAt(n.at); {
	case id == fleet.TrunkUnclear:
		return "trunk not known"
	case name != "":
		return name
	}
	return "trunk " + id.String()
}

func (n names) trunkList(ids []fleet.TrunkID) []string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = n.trunk(id)
	}
	return words
}

func ownerName(row fleet.NumberRow) string {
	if row.OwnerName != "" {
		return row.OwnerName
	}
	return "PBX " + row.Owner.String()
}
