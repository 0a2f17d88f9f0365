package upstream

import (
	"strings"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
)

// deref is what p points to, the zero value for nil.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func sipRow(r pseries.TrunkRow, shared map[string]bool) sip.Row {
	return sip.Row{ID: sip.TrunkID(r.ID), Name: r.Name, Type: r.Type, Status: sip.Status(deref(r.State)), HostPort: deref(r.HostPort),
		CID: deref(r.DefOutboundCID), Username: deref(r.Username), Shared: shared[r.Name]}
}

func (p *PBXAPI) sipTrunk(id fleet.PBXID, t pseries.Trunk, shared map[string]bool) sip.Trunk {
	out := sip.Trunk{
		ID: sip.TrunkID(t.ID), Name: t.Name, Type: t.Type, Enabled: deref(t.Enabled), Country: deref(t.Country), ITSP: deref(t.ITSP),
		Transport: sip.Transport(deref(t.Transport)), Hostname: deref(t.Hostname), Port: deref(t.Port), Domain: deref(t.Domain),
		Username: deref(t.Username), AuthName: deref(t.AuthName),
		Proxy: deref(t.OutboundProxy), ProxyServer: deref(t.OutboundProxyServer), ProxyPort: deref(t.OutboundProxyPort),
		Codecs: codecs(deref(t.Codecs)), CID: deref(t.DefOutboundCID), CIDName: deref(t.DefOutboundCIDName),
		CallerIDs: each(t.OutboundCIDs, callerID),
		DIDs:      each(t.DIDs, func(d pseries.DID) sip.DID { return sip.DID{Number: d.Number, Name: d.Name} }),
		Pass180:   t.Newer.Transparent180, AuthCache: t.Newer.SIPAuthCache, Shared: shared[t.Name],
	}
	if p.d.Mark != nil && t.Password != nil && !t.Password.IsZero() {
		out.PasswordMark = p.d.Mark(id, out.ID, t.Password.Reveal())
	}
	return out
}

// codecs reads a list of codecs, in the order of preference.
func codecs(list string) []sip.Codec {
	out := []sip.Codec{}
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, sip.Codec(word))
		}
	}
	return out
}

func callerID(c pseries.OutboundCID) sip.CallerID {
	return sip.CallerID{Option: sip.CallerIDOption(c.Option), CID: c.CID, Name: c.Name, ToRange: c.Extensions,
		Members: each(c.Members, func(m pseries.CIDMember) sip.Member {
			return sip.Member{Group: m.Type == pseries.MemberGroup, ID: m.ID, Number: m.Number, Name: m.Name}
		})}
}

// sipChange is a patch in the vendor's words, nil for one of no type.
func sipChange(p sip.Patch, password string) pseries.Change {
	switch {
	case p.Register != nil:
		r := p.Register
		return pseries.RegisterChange{
			Name: r.Name, Enable: r.Enabled, Transport: text(r.Transport), Hostname: r.Hostname, Port: r.Port, Domain: r.Domain,
			Username: r.Username, Password: newPassword(r.Password, password), AuthName: r.AuthName,
			OutboundProxy: r.Proxy, OutboundProxyServer: r.ProxyServer, OutboundProxyPort: r.ProxyPort, Codecs: codecList(r.Codecs),
			DefOutboundCID: r.CID, DefOutboundCIDName: r.CIDName, OutboundCIDs: callerIDs(r.CallerIDs), DIDs: sipDIDs(r.DIDs),
			Newer: pseries.Newer{Transparent180: r.Pass180, SIPAuthCache: r.AuthCache},
		}
	case p.Peer != nil:
		r := p.Peer
		return pseries.PeerChange{
			Name: r.Name, Enable: r.Enabled, Transport: text(r.Transport), Hostname: r.Hostname, Port: r.Port, Domain: r.Domain,
			Codecs: codecList(r.Codecs), DefOutboundCID: r.CID, DefOutboundCIDName: r.CIDName, OutboundCIDs: callerIDs(r.CallerIDs), DIDs: sipDIDs(r.DIDs),
		}
	case p.Account != nil:
		r := p.Account
		return pseries.AccountChange{
			Name: r.Name, Enable: r.Enabled, Transport: text(r.Transport), Username: r.Username, Password: newPassword(r.Password, password),
			AuthName: r.AuthName, Codecs: codecList(r.Codecs), DefOutboundCID: r.CID, DefOutboundCIDName: r.CIDName, OutboundCIDs: callerIDs(r.CallerIDs),
		}
	case p.Shared != nil:
		r := p.Shared
		return pseries.SharedChange{DefOutboundCID: r.CID, DefOutboundCIDName: r.CIDName, OutboundCIDs: callerIDs(r.CallerIDs)}
	}
	return nil
}

func text[T ~string](v *T) *string {
	if v == nil {
		return nil
	}
	return new(string(*v))
}

func newPassword(sends bool, password string) *yeastar.Secret {
	if !sends {
		return nil
	}
	return new(yeastar.NewSecret(password))
}

func codecList(list *[]sip.Codec) *string {
	if list == nil {
		return nil
	}
	return new(strings.Join(each(*list, func(c sip.Codec) string { return string(c) }), ","))
}

// callerIDs is the whole list; nil keeps what the PBX has.
func callerIDs(list *[]sip.CallerID) []pseries.OutboundCID {
	if list == nil {
		return nil
	}
	return each(*list, func(c sip.CallerID) pseries.OutboundCID {
		out := pseries.OutboundCID{Option: string(c.Option), CID: c.CID, Name: c.Name}
		if c.Option == sip.CIDRange {
			out.Extensions = c.ToRange
			return out
		}
		out.Members = each(c.Members, func(m sip.Member) pseries.CIDMember {
			kind := pseries.MemberExtension
			if m.Group {
				kind = pseries.MemberGroup
			}
			return pseries.CIDMember{Type: kind, Number: m.Number, Name: m.Name, ID: m.ID}
		})
		return out
	})
}

func sipDIDs(list *[]sip.DID) []pseries.DID {
	if list == nil {
		return nil
	}
	return each(*list, func(d sip.DID) pseries.DID { return pseries.DID{Number: d.Number, Name: d.Name} })
}
