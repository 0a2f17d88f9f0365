package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
)

type snapshotJSON struct {
	ID        string        `json:"id"`
	Source    fleet.Source  `json:"source"`
	Event     *string       `json:"event"`
	VendorAt  *time.Time    `json:"vendor_at"`
	SeenAt    time.Time     `json:"seen_at"`
	NotBefore *time.Time    `json:"not_before"`
	Plan      *string       `json:"plan_id"`
	Count     int           `json:"count"`
	Added     []bindingJSON `json:"added"`
	Removed   []bindingJSON `json:"removed"`
	Bindings  []bindingJSON `json:"bindings,omitempty"`
}

func snapshotOf(s fleet.Snapshot, n names) snapshotJSON {
	return snapshotJSON{
		ID: s.ID.String(), Source: s.Source, Event: nullable(string(s.Event)), VendorAt: moment(s.VendorAt), SeenAt: s.SeenAt.UTC(), NotBefore: moment(s.NotBefore),
		Plan: nullable(string(s.Plan)), Count: s.Count, Added: n.then(s.At()).all(s.Added), Removed: n.before(s.At()).all(s.Removed),
	}
}

func (s *Server) apiSnapshots(c echo.Context) error {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return err
	}
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.Fleet.PBX(ctx, id); err != nil {
		return err
	}
	snapshots, err := s.History.Snapshots(ctx, id, page)
	if err != nil {
		return err
	}
	names, err := s.namesIn(ctx, snapshots.Items)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, snapshots, func(v fleet.Snapshot) snapshotJSON { return snapshotOf(v, names) }))
}

func (s *Server) namesIn(ctx context.Context, snapshots []fleet.Snapshot) (names, error) {
	var pairs []fleet.Binding
	for _, v := range snapshots {
		pairs = append(append(pairs, v.Added...), v.Removed...)
	}
	return s.namesOf(ctx, pairs)
}

func (s *Server) apiSnapshot(c echo.Context) error {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return err
	}
	which, err := pathID[fleet.SnapshotID](c, "snapshot", "The snapshot")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	snapshot, set, err := s.History.SetAt(ctx, which)
	if err != nil {
		return err
	}
	if snapshot.PBX != id {
		return fleet.NotFound("web.apiSnapshot", "The snapshot")
	}
	names, err := s.namesOf(ctx, append(set.Pairs(), snapshot.Removed...))
	if err != nil {
		return err
	}
	out := snapshotOf(snapshot, names)
	out.Bindings = names.then(snapshot.At()).all(set.Pairs())
	return c.JSON(http.StatusOK, struct {
		snapshotJSON
		Bindings []bindingJSON `json:"bindings"` // always there, [] included
	}{out, out.Bindings})
}

type deliveryJSON struct {
	ID         string              `json:"id"`
	ReceivedAt time.Time           `json:"received_at"`
	State      fleet.DeliveryState `json:"state"`
	Error      *string             `json:"error"`
	Elements   []elementJSON       `json:"elements"`
}

type elementJSON struct {
	Serial   string              `json:"serial"`
	Event    *string             `json:"event"`
	State    fleet.DeliveryState `json:"state"`
	Error    *string             `json:"error"`
	Snapshot *string             `json:"snapshot_id"`
}

func deliveryOf(d fleet.Delivery) deliveryJSON {
	out := deliveryJSON{strconv.FormatInt(d.ID, 10), d.ReceivedAt.UTC(), d.State, nullable(d.Error), make([]elementJSON, len(d.Elements))}
	for i, e := range d.Elements {
		out.Elements[i] = elementJSON{e.Serial, nullable(string(e.Event)), e.State, nullable(e.Error), nil}
		if e.Snapshot != 0 {
			out.Elements[i].Snapshot = nullable(e.Snapshot.String())
		}
	}
	return out
}

func (s *Server) apiDeliveries(c echo.Context) error {
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	state, err := queryWord(c, "state", deliveryStates())
	if err != nil {
		return err
	}
	found, err := s.Inbox.Deliveries(c.Request().Context(), state, page)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, found, deliveryOf))
}

func (s *Server) apiReplay(c echo.Context) error {
	id, err := pathID[int64](c, "delivery", "The delivery")
	if err != nil {
		return err
	}
	if err := s.replay(c, id); err != nil {
		return err
	}
	return c.NoContent(http.StatusAccepted)
}
