package pseries

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"cordboard/yeastar/internal/wire"
)

// Extension is an extension of the PBX, as its list tells it.
type Extension struct {
	ID     int64
	Number string
	// Name is the vendor's caller_id_name.
	Name  string
	Email string
}

// Group is an extension group, as its list tells it.
type Group struct {
	ID   int64
	Name string
	// All says that every extension is in it.
	All bool
	// Extensions is how many are in it, nil when the PBX did not tell.
	Extensions *int
}

// System is what the PBX says of itself.
type System struct {
	DeviceName, Model, Serial, Firmware string
	// Uptime and Time are zero when the PBX did not tell them.
	Uptime time.Duration
	Time   time.Time
}

type extensionWire struct {
	ID     wire.ID               `json:"id"`
	Number wire.Text             `json:"number"`
	Name   wire.Text             `json:"caller_id_name"`
	Email  wire.Maybe[wire.Text] `json:"email_addr"`
}

func (w extensionWire) extension() (Extension, error) {
	return Extension{ID: int64(w.ID), Number: string(w.Number), Name: string(w.Name), Email: string(w.Email.V)}, nil
}

type groupWire struct {
	ID     wire.ID                 `json:"id"`
	Name   wire.Text               `json:"name"`
	Select wire.Maybe[wire.Text]   `json:"member_select"`
	Total  wire.Maybe[*wire.Count] `json:"total_extensions"`
}

func (w groupWire) group() (Group, error) {
	return Group{ID: int64(w.ID), Name: string(w.Name), All: w.Select.V == "sel_all_ext", Extensions: number(w.Total.V)}, nil
}

// ListExtensions gives all extensions by id (vendor page: Query Extension List).
func (c *Client) ListExtensions(ctx context.Context) ([]Extension, error) {
	return listing[extensionWire, Extension]{op: "list the extensions", endpoint: "extension/list",
		convert: extensionWire.extension, id: func(e Extension) int64 { return e.ID }}.read(ctx, c)
}

// ListGroups gives all extension groups by id (vendor page: Query Extension Group List).
func (c *Client) ListGroups(ctx context.Context) ([]Group, error) {
	return listing[groupWire, Group]{op: "list the extension groups", endpoint: "extensiongroup/list",
		convert: groupWire.group, id: func(g Group) int64 { return g.ID }}.read(ctx, c)
}

// System reads what the PBX says of itself (vendor page: Query PBX Information). It is the call to
// try whether the PBX can be reached: address, certificate, credentials and permission in one.
func (c *Client) System(ctx context.Context) (System, error) {
	op := "read the PBX's information"
	a, err := c.get(ctx, op, "system/information", url.Values{})
	if err != nil {
		return System{}, err
	}
	data := a.Data
	if data == nil {
		data = a.Body // the vendor's table has no data level
	}
	w, err := one[struct {
		DeviceName wire.Maybe[wire.Text]  `json:"device_name"`
		Model      wire.Maybe[wire.Text]  `json:"model_name"`
		Serial     wire.Maybe[wire.Text]  `json:"sn"`
		Firmware   wire.Maybe[wire.Text]  `json:"firmware_version"`
		Uptime     wire.Maybe[wire.Count] `json:"up_time"`
		Time       wire.Maybe[wire.Time]  `json:"timestamp"`
	}](json.RawMessage(data))
	if err != nil {
		return System{}, malformed(op, a, err)
	}
	return System{DeviceName: string(w.DeviceName.V), Model: string(w.Model.V), Serial: string(w.Serial.V),
		Firmware: string(w.Firmware.V), Uptime: time.Duration(w.Uptime.V) * time.Second, Time: w.Time.V.Time}, nil
}
