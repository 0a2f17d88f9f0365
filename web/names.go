package web

import (
	"context"

	"cordboard/sync/fleet"
)

// names turns ids into what people call them: numbers, trunks, owners.
type names struct {
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

// raw is the number as Yeastar has it, or the id when nobody told it yet.
func (n names) raw(id fleet.DIDID) string {
	if row := n.numbers[id]; row.Number != "" {
		return row.Number
	}
	return "DID " + id.String()
}

// number is the number as people read it.
func (n names) number(id fleet.DIDID) string { return n.phone(n.raw(id)) }

// trunk is the trunk's present name.
func (n names) trunk(id fleet.TrunkID) string {
	switch t := n.trunks[id]; {
	case id == fleet.TrunkUnclear:
		return "trunk not known"
	case t.Name != "":
		return t.Name
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
