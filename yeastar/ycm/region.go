package ycm

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"cordboard/yeastar/internal/wire"
)

// Region is where PBXs run.
type Region struct {
	ID   int64
	Name string
}

type regionWire struct {
	ID   wire.ID   `json:"regionId"`
	Name wire.Text `json:"region"`
}

// Regions gives the regions that the account may use (vendor page: Query Available Regions).
func (c *Client) Regions(ctx context.Context) ([]Region, error) {
	return lookUp(ctx, c, "read the regions", "/dm/open_api/v1/cluster/regions", nil, func(w regionWire) (Region, error) {
		return Region{ID: int64(w.ID), Name: string(w.Name)}, withID(w.ID, "regionId")
	})
}

// Domain is a domain name of a region, under which PBXs have their URLs.
type Domain struct {
	ID       int64
	RegionID int64
	Name     string
}

type domainWire struct {
	ID       wire.ID   `json:"domainId"`
	RegionID wire.ID   `json:"regionId"`
	Name     wire.Text `json:"domain"`
}

// Domains gives the domain names of one region (vendor page: Query Available Domain Names).
func (c *Client) Domains(ctx context.Context, regionID int64) ([]Domain, error) {
	op := fmt.Sprintf("read the domains of region %d", regionID)
	if regionID <= 0 {
		return nil, invalid(op, "a region id is a positive number")
	}
	query := url.Values{"regionIds": {fmt.Sprint(regionID)}}
	return lookUp(ctx, c, op, "/dm/open_api/v1/cluster/domains", query, func(w domainWire) (Domain, error) {
		return Domain{ID: int64(w.ID), RegionID: int64(orDefault(w.RegionID, wire.ID(regionID))), Name: string(w.Name)}, withID(w.ID, "domainId")
	})
}

// lookUp reads a list that has no pages.
func lookUp[W, T any](ctx context.Context, c *Client, op, path string, query url.Values, convert func(W) (T, error)) ([]T, error) {
	a, err := c.get(ctx, op, path, query)
	if err != nil {
		return nil, err
	}
	list, err := many[W](a.Data)
	if err != nil {
		return nil, malformed(op, a, err)
	}
	out := make([]T, 0, len(list))
	for _, w := range list {
		v, err := convert(w)
		if err != nil {
			return nil, malformed(op, a, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// withID says that an entry without its id is no entry.
func withID(id wire.ID, name string) error {
	if id == 0 {
		return errors.New("an entry without " + name)
	}
	return nil
}
