package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
)

type pbxJSON struct {
	ID       fleet.PBXID     `json:"id"`
	Serial   string          `json:"serial"`
	Name     string          `json:"name"`
	URL      string          `json:"url"`
	Region   string          `json:"region"`
	Firmware fleet.Firmware  `json:"firmware"`
	Status   fleet.PBXStatus `json:"status"`
	Sync     syncJSON        `json:"sync"`
	Numbers  int             `json:"numbers"`
}

type syncJSON struct {
	State      fleet.SyncState `json:"state"`
	Sentence   string          `json:"sentence"`
	Since      *time.Time      `json:"since"`
	VerifiedAt *time.Time      `json:"verified_at"`
	KnownAt    *time.Time      `json:"known_at"`
	KnownBy    *string         `json:"known_by"`
}

type bindingJSON struct {
	TrunkID   fleet.TrunkID `json:"trunk_id"`
	TrunkName string        `json:"trunk_name"`
	DIDID     fleet.DIDID   `json:"did_id"`
	Number    string        `json:"number"`
}

type unclearJSON struct {
	DIDID    fleet.DIDID     `json:"did_id"`
	Number   string          `json:"number"`
	TrunkIDs []fleet.TrunkID `json:"trunk_ids"`
}

type bindingsJSON struct {
	PBX         fleet.PBXID     `json:"pbx_id"`
	Certainty   fleet.Certainty `json:"certainty"`
	Fingerprint string          `json:"fingerprint"`
	VerifiedAt  *time.Time      `json:"verified_at"`
	Bindings    []bindingJSON   `json:"bindings"`
	Unclear     []unclearJSON   `json:"unclear,omitempty"`
}

func (s *Server) pbxJSON(row fleet.PBXRow) pbxJSON {
	sync := fleet.Judge(row.Standing, s.Now(), s.staleAfter())
	at, how := row.Standing.Truth()
	return pbxJSON{
		ID: row.ID, Serial: row.Serial, Name: row.Name, URL: row.URL, Region: row.Region, Firmware: row.Firmware, Status: row.Status,
		Sync:    syncJSON{sync.State, sync.Sentence, moment(sync.Since), moment(sync.VerifiedAt), moment(at), nullable(knownBy(how))},
		Numbers: row.Numbers,
	}
}

func (s *Server) apiPBXs(c echo.Context) error {
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	state, err := queryWord(c, "state", syncStates())
	if err != nil {
		return err
	}
	filter := fleet.PBXFilter{
		Q: c.QueryParam("q"), State: state, Region: c.QueryParam("region"),
		Status: fleet.PBXStatus(c.QueryParam("status")), Sort: c.QueryParam("sort"), Page: page,
	}
	rows, err := s.Fleet.PBXs(c.Request().Context(), filter, s.Now(), s.staleAfter())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, rows, s.pbxJSON))
}

func (s *Server) apiPBX(c echo.Context) error {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return err
	}
	row, err := s.Fleet.PBX(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.pbxJSON(row))
}

func (s *Server) apiBindings(c echo.Context) error {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	row, err := s.Fleet.PBX(ctx, id)
	if err != nil {
		return err
	}
	known, err := s.Ledger.Known(ctx, id)
	if err != nil {
		return err
	}
	names, err := s.namesOf(ctx, known.Record().Pairs())
	if err != nil {
		return err
	}
	out := bindingsJSON{PBX: id, Certainty: known.Certainty, Fingerprint: known.Fingerprint(), VerifiedAt: moment(row.Standing.VerifiedAt), Bindings: names.all(known.Set.Pairs())}
	if out.Certainty == "" {
		out.Certainty = fleet.CertaintyNone
	}
	for _, u := range known.Unclear {
		out.Unclear = append(out.Unclear, unclearJSON{u.DID, names.numbers[u.DID].Number, u.Trunks})
	}
	return c.JSON(http.StatusOK, out)
}

// one is a pair in JSON, with the number as Yeastar has it.
func (n names) one(b fleet.Binding) bindingJSON {
	name := n.trunks[b.Trunk].NameAt(n.at)
	if name == "" && b.Trunk != fleet.TrunkUnclear {
		name = n.trunk(b.Trunk)
	}
	return bindingJSON{b.Trunk, name, b.DID, n.told(b.DID)}
}

// all never answers nil: an empty list is [] in JSON.
func (n names) all(pairs []fleet.Binding) []bindingJSON {
	out := make([]bindingJSON, len(pairs))
	for i, b := range pairs {
		out[i] = n.one(b)
	}
	return out
}

// namesOf looks up what pairs name.
func (s *Server) namesOf(ctx context.Context, pairs []fleet.Binding) (names, error) {
	ids := make([]fleet.DIDID, len(pairs))
	for i, b := range pairs {
		ids[i] = b.DID
	}
	return s.names(ctx, ids)
}
