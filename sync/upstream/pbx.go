package upstream

import (
	"context"
	"errors"
	"strings"

	"cordboard/sync/fleet"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
)

// Detail reads everything that YCM tells of one PBX.
func (c *Cloud) Detail(ctx context.Context, id fleet.PBXID) (fleet.PBXDetail, error) {
	const op = "upstream.Detail"
	client, err := c.client(op)
	if err != nil {
		return fleet.PBXDetail{}, err
	}
	p, err := client.PBX(ctx, int64(id))
	if err != nil {
		return fleet.PBXDetail{}, readError(op, err)
	}
	return detail(p), nil
}

// AtURL reads the PBX that has an address, in any case of its letters. KindNotFound is certain: where
// the vendor's look-up by URL says neither yes nor no (an answer without data, a parameter that it
// does not like), the complete list decides.
func (c *Cloud) AtURL(ctx context.Context, url string) (fleet.PBXDetail, error) {
	const op = "upstream.AtURL"
	client, err := c.client(op)
	if err != nil {
		return fleet.PBXDetail{}, err
	}
	p, err := client.PBXByURL(ctx, url)
	switch yeastar.KindOf(err) {
	case yeastar.KindMalformed, yeastar.KindInvalid, yeastar.KindRefused:
		all, listErr := client.ListPBXs(ctx)
		if listErr != nil {
			return fleet.PBXDetail{}, partError(op, errors.Join(listErr, err))
		}
		for _, p := range all {
			if strings.EqualFold(p.URL, url) {
				return detail(p), nil
			}
		}
		return fleet.PBXDetail{}, fleet.NotFound(op, "A PBX at "+url)
	}
	if err != nil {
		return fleet.PBXDetail{}, readError(op, err)
	}
	return detail(p), nil
}

// CustomersOf reads the customers of a PBX.
func (c *Cloud) CustomersOf(ctx context.Context, id fleet.PBXID) ([]fleet.CustomerID, error) {
	const op = "upstream.CustomersOf"
	client, err := c.client(op)
	if err != nil {
		return nil, err
	}
	list, err := client.CustomersOfPBX(ctx, int64(id))
	if err != nil {
		return nil, readError(op, err)
	}
	return ids[fleet.CustomerID](list), nil
}

func detail(p ycm.PBX) fleet.PBXDetail {
	d := fleet.PBXDetail{
		PBX: pbx(p), Plan: fleet.PBXPlan(p.Plan), Type: fleet.PBXType(p.Type), CreatedAt: p.Created, ExpiresAt: p.Expiry,
		PBXCapacity:  fleet.PBXCapacity{Extensions: p.Extensions, ConcurrentCalls: p.ConcurrentCalls, Recording: told(p.Recording), RecordingMinutes: p.RecordingMinutes},
		UpgradeInPBX: told(p.UpgradeInPBX), PasswordlessLogin: told(p.PasswordlessLogin),
	}
	if p.Activation != "" {
		d.Activated = fleet.SwitchOf(p.Activation == "Activated")
	}
	if p.TranscriptionExtra != nil {
		d.ExtraKnown, d.Transcription = true, *p.TranscriptionExtra
	}
	return d
}

// told is a switch as the vendor spells it; any other word tells nothing.
func told(word string) fleet.Switch {
	if s := fleet.Switch(word); s.Said() {
		return s
	}
	return ""
}

// CreatePBX creates a PBX, once, and answers its id. KindUnavailable: certainly nothing was made, and
// the same may be asked again; KindRefused: the vendor said no; else nobody knows yet.
func (c *Cloud) CreatePBX(ctx context.Context, s fleet.PBXSpec) (fleet.PBXID, fleet.Receipt, error) {
	const op = "upstream.CreatePBX"
	client, err := c.client(op)
	if err != nil {
		return 0, fleet.Receipt{}, err
	}
	id, r, err := client.CreatePBX(ctx, order(s))
	return fleet.PBXID(id), receipt(r), actError(op, err)
}

// order is a spec in the vendor's words. A recording of 0 minutes is Disabled: both fields come from
// one control.
func order(s fleet.PBXSpec) ycm.NewPBX {
	p := ycm.NewPBX{
		Name: s.Name, Plan: string(s.Plan), ExtensionCapacity: s.Extensions, ConcurrentCallCapacity: s.ConcurrentCalls,
		RecordingStatus: string(s.Recording), RecordingCapacity: s.RecordingMinutes, TranscriptionCapacity: s.Transcription,
		RegionID: int64(s.Region), SubDomain: s.SubDomain, DomainID: int64(s.Domain), Type: string(s.Type), VersionID: int64(s.Version),
		CustomerIDs:  each(s.Customers, func(id fleet.CustomerID) int64 { return int64(id) }),
		UpgradeInPBX: string(s.UpgradeInPBX), IM: string(s.IM), PasswordlessLogin: string(s.PasswordlessLogin),
		AllowSuperiorPasswordlessLogin: string(s.SuperiorLogin), ProvisioningViaTemplate: string(s.ViaTemplate), ProvisionTemplateID: int64(s.Template),
	}
	if !s.ExpiresAt.IsZero() {
		p.ExpirationDate, p.AllowRunAfterExpirationDate = s.ExpiresAt.Unix(), new(s.RunsOn == fleet.On)
	}
	return p
}

// StartPBX starts a PBX, once.
func (c *Cloud) StartPBX(ctx context.Context, id fleet.PBXID) (fleet.Receipt, error) {
	return c.act("upstream.StartPBX", func(y *ycm.Client) (ycm.Receipt, error) { return y.StartPBX(ctx, int64(id)) })
}

// StopPBX stops a PBX, once.
func (c *Cloud) StopPBX(ctx context.Context, id fleet.PBXID) (fleet.Receipt, error) {
	return c.act("upstream.StopPBX", func(y *ycm.Client) (ycm.Receipt, error) { return y.StopPBX(ctx, int64(id)) })
}

// DeletePBX deletes one PBX, once.
func (c *Cloud) DeletePBX(ctx context.Context, id fleet.PBXID) (fleet.Receipt, error) {
	return c.act("upstream.DeletePBX", func(y *ycm.Client) (ycm.Receipt, error) { return y.DeletePBX(ctx, int64(id)) })
}

// UpdatePBX sends name and switches, once.
func (c *Cloud) UpdatePBX(ctx context.Context, id fleet.PBXID, f fleet.PBXFeatures) (fleet.Receipt, error) {
	u := ycm.PBXUpdate{
		Name: f.Name, UpgradeInPBX: string(f.UpgradeInPBX), IM: string(f.IM), PasswordlessLogin: string(f.PasswordlessLogin),
		AllowSuperiorPasswordlessLogin: string(f.SuperiorLogin), PBXAPI: string(f.API), ProvisioningViaTemplate: string(f.ViaTemplate),
		TrunkConfigurationAccess: string(f.TrunkAccess),
	}
	return c.act("upstream.UpdatePBX", func(y *ycm.Client) (ycm.Receipt, error) { return y.UpdatePBX(ctx, int64(id), u) })
}

// ResizePBX sends the whole capacity, once.
func (c *Cloud) ResizePBX(ctx context.Context, id fleet.PBXID, p fleet.PBXCapacity) (fleet.Receipt, error) {
	size := ycm.PBXCapacity{
		ExtensionCapacity: p.Extensions, ConcurrentCallCapacity: p.ConcurrentCalls, RecordingStatus: string(p.Recording),
		RecordingCapacity: p.RecordingMinutes, TranscriptionCapacity: p.Transcription,
	}
	return c.act("upstream.ResizePBX", func(y *ycm.Client) (ycm.Receipt, error) { return y.ResizePBX(ctx, int64(id), size) })
}

// SetCustomers overwrites the customers of a PBX, once.
func (c *Cloud) SetCustomers(ctx context.Context, id fleet.PBXID, list []fleet.CustomerID) (fleet.Receipt, error) {
	raw := each(list, func(id fleet.CustomerID) int64 { return int64(id) })
	return c.act("upstream.SetCustomers", func(y *ycm.Client) (ycm.Receipt, error) { return y.SetCustomersOfPBX(ctx, int64(id), raw) })
}

// SendActivation mails the activation of a PBX, once, and answers the addresses.
func (c *Cloud) SendActivation(ctx context.Context, id fleet.PBXID, to []fleet.CustomerID) (sent []string, r fleet.Receipt, err error) {
	raw := each(to, func(id fleet.CustomerID) int64 { return int64(id) })
	r, err = c.act("upstream.SendActivation", func(y *ycm.Client) (r ycm.Receipt, err error) {
		sent, r, err = y.SendActivationMail(ctx, int64(id), raw)
		return r, err
	})
	return sent, r, err
}

// act makes one write about a PBX.
func (c *Cloud) act(op string, send func(*ycm.Client) (ycm.Receipt, error)) (fleet.Receipt, error) {
	client, err := c.client(op)
	if err != nil {
		return fleet.Receipt{}, err
	}
	r, err := send(client)
	return receipt(r), actError(op, err)
}

func receipt(r ycm.Receipt) fleet.Receipt {
	return fleet.Receipt{RequestID: r.RequestID, At: r.VendorTime}
}

// actError is writeError, but for a call that the vendor was too busy to look at: that one was
// certainly not done, and may be made again later.
func actError(op string, err error) error {
	out := writeError(op, err)
	y, ok := errors.AsType[*yeastar.Error](err)
	if e, isOurs := errors.AsType[*fleet.Error](out); ok && isOurs && y.Kind == yeastar.KindThrottled && y.Sent != yeastar.SentUnknown {
		e.Kind, e.Msg = fleet.KindUnavailable, "Yeastar asks us to slow down."
	}
	return out
}
