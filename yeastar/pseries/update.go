package pseries

import (
	"context"
	"fmt"

	"cordboard/yeastar"
)

// Change is what UpdateTrunk can be asked for: a RegisterChange, PeerChange, AccountChange or
// SharedChange. A field that a type does not have (seed 003, tables 1, 5 and 9) can't be expressed. A
// nil field is left out, and the PBX keeps what it has. A list is sent whole: nil keeps it, an empty
// one clears it.
type Change interface {
	update() trunkUpdate
}

// RegisterChange changes a register trunk.
type RegisterChange struct {
	Name                *string
	Enable              *bool
	Transport           *string
	Hostname            *string
	Port                *int
	Domain              *string
	Username            *string
	Password            *yeastar.Secret
	AuthName            *string
	OutboundProxy       *bool
	OutboundProxyServer *string
	OutboundProxyPort   *int // 1 to 65535
	Codecs              *string
	DefOutboundCID      *string
	DefOutboundCIDName  *string
	OutboundCIDs        []OutboundCID
	DIDs                []DID
	// Newer holds what the trunk told of these; see Newer.
	Newer Newer
}

// PeerChange changes a peer trunk.
type PeerChange struct {
	Name               *string
	Enable             *bool
	Transport          *string
	Hostname           *string
	Port               *int
	Domain             *string
	Codecs             *string
	DefOutboundCID     *string
	DefOutboundCIDName *string
	OutboundCIDs       []OutboundCID
	DIDs               []DID
	Newer              Newer
}

// AccountChange changes an account trunk. Its credentials are those that the other side registers with.
type AccountChange struct {
	Name               *string
	Enable             *bool
	Transport          *string // not dnsnaptr
	Username           *string
	Password           *yeastar.Secret
	AuthName           *string
	Codecs             *string
	DefOutboundCID     *string
	DefOutboundCIDName *string
	OutboundCIDs       []OutboundCID
	Newer              Newer
}

// SharedChange changes a trunk that YCM shares with the PBX, whatever its type: nothing else of it is
// the PBX's own (contract §5.8).
type SharedChange struct {
	DefOutboundCID     *string
	DefOutboundCIDName *string
	OutboundCIDs       []OutboundCID
}

// UpdateTrunk changes a SIP trunk (vendor page: Edit a SIP Trunk, seed 003). Only what changes is
// sent. A receipt is no proof: read the trunk back.
func (c *Client) UpdateTrunk(ctx context.Context, id int64, change Change) (Receipt, error) {
	op := fmt.Sprintf("change trunk %d", id)
	if id <= 0 {
		return Receipt{}, invalid(op, "a trunk id is a positive number")
	}
	if change == nil {
		return Receipt{}, invalid(op, "there is nothing to change")
	}
	u := change.update()
	if why := u.fault(); why != "" {
		return Receipt{}, invalid(op, why)
	}
	u.ID = id
	return c.post(ctx, op, "trunk/update", u, u.secret)
}

func (r RegisterChange) update() trunkUpdate {
	u := trunkUpdate{
		Name: r.Name, Enable: bit(r.Enable), Transport: r.Transport, Hostname: r.Hostname, Port: r.Port, Domain: r.Domain,
		Username: r.Username, AuthName: r.AuthName, EnbOutboundProxy: bit(r.OutboundProxy),
		OutboundProxyServer: r.OutboundProxyServer, OutboundProxyPort: r.OutboundProxyPort, CodecSel: r.Codecs,
		DefOutboundCID: r.DefOutboundCID, DefOutboundCIDName: r.DefOutboundCIDName,
		OutboundCIDList: cidList(r.OutboundCIDs), DIDList: didList(r.DIDs),
	}
	u.setPassword(r.Password)
	u.setNewer(r.Newer)
	return u
}

func (p PeerChange) update() trunkUpdate {
	u := trunkUpdate{
		Name: p.Name, Enable: bit(p.Enable), Transport: p.Transport, Hostname: p.Hostname, Port: p.Port, Domain: p.Domain,
		CodecSel: p.Codecs, DefOutboundCID: p.DefOutboundCID, DefOutboundCIDName: p.DefOutboundCIDName,
		OutboundCIDList: cidList(p.OutboundCIDs), DIDList: didList(p.DIDs),
	}
	u.setNewer(p.Newer)
	return u
}

func (a AccountChange) update() trunkUpdate {
	u := trunkUpdate{
		Name: a.Name, Enable: bit(a.Enable), Transport: a.Transport, Username: a.Username, AuthName: a.AuthName,
		CodecSel: a.Codecs, DefOutboundCID: a.DefOutboundCID, DefOutboundCIDName: a.DefOutboundCIDName,
		OutboundCIDList: cidList(a.OutboundCIDs), account: true,
	}
	u.setPassword(a.Password)
	u.setNewer(a.Newer)
	return u
}

func (s SharedChange) update() trunkUpdate {
	return trunkUpdate{DefOutboundCID: s.DefOutboundCID, DefOutboundCIDName: s.DefOutboundCIDName, OutboundCIDList: cidList(s.OutboundCIDs)}
}
