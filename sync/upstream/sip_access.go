package upstream

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
)

// Access is how a PBX's own API is reached, and why it can't be now.
func (p *PBXAPI) Access(ctx context.Context, id fleet.PBXID) (sip.Access, error) {
	kept, err := p.d.Book.PBXAccess(ctx, id)
	if err != nil {
		return sip.Access{}, err
	}
	a := kept.Access
	p.mu.Lock()
	h := p.held[id]
	p.mu.Unlock()
	switch {
	case a.Way == sip.Relay && p.d.Cloud.Trouble() != "":
		a.Trouble, a.Stopped = p.d.Cloud.Trouble(), p.d.Cloud.SignInTrouble() != ""
	case h != nil:
		a.Trouble, a.Stopped = deref(h.trouble.Load()), h.client.Status().Stopped
	case a.Way == sip.Direct:
		if _, err := p.secret(kept); err != nil {
			a.Trouble = message(err)
		}
	}
	return a, nil
}

// SetAccess stores how a PBX's own API is reached, audited. An empty address means the one that YCM tells. An
// empty secret keeps the stored one, but not for another address or client id: whoever typed it meant the old.
// What the relay does not need is kept for the way back.
func (p *PBXAPI) SetAccess(ctx context.Context, by audit.By, a sip.Access, secret string) error {
	const op = "upstream.SetAccess"
	row, err := p.d.Book.PBX(ctx, a.PBX)
	if err != nil {
		return err
	}
	old, err := p.d.Book.PBXAccess(ctx, a.PBX)
	if err != nil {
		return err
	}
	want := sip.Kept{Access: a, Secret: old.Secret}
	if a.Way == sip.Relay {
		want.Access = old.Access
		want.Way = sip.Relay
	} else if bad := p.complete(&want, old, row, secret); len(bad) > 0 {
		return fleet.Invalid(op, "The API access was not saved.", bad...)
	}
	e := audit.Entry{At: p.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.PBXAccess, Target: row.Name, PBX: a.PBX, Outcome: audit.Succeeded}
	if e.Before, err = accessRecord(old, ""); err != nil {
		return err
	}
	if e.After, err = accessRecord(want, secret); err != nil {
		return err
	}
	if err := p.d.Book.KeepPBXAccess(ctx, want, e); err != nil {
		return err
	}
	p.drop(ctx, a.PBX)
	return nil
}

// complete checks a direct access, and fills in what is left out.
func (p *PBXAPI) complete(want *sip.Kept, old sip.Kept, row fleet.PBXRow, secret string) (bad []fleet.Field) {
	say := func(name, rule string) { bad = append(bad, fleet.Field{Name: name, Rule: rule}) }
	if want.Way != sip.Direct {
		say("way", "Through YCM, or directly.")
		return bad
	}
	want.BaseURL, want.ClientID, want.Pin, want.CA = strings.TrimRight(strings.TrimSpace(want.BaseURL), "/"), strings.TrimSpace(want.ClientID),
		strings.TrimSpace(want.Pin), strings.TrimSpace(want.CA)
	if want.BaseURL == "" && row.URL != "" {
		want.BaseURL = "https://" + row.URL
	}
	probe := func(name string, d pseries.Direct) {
		d.ClientID, d.ClientSecret = "id", yeastar.NewSecret("secret")
		if _, err := pseries.NewDirect(d); err != nil {
			say(name, strings.TrimPrefix(strings.TrimPrefix(err.Error(), "pseries: "), "base URL: ")+".")
		}
	}
	probe("base_url", pseries.Direct{BaseURL: want.BaseURL})
	switch {
	case want.Pin != "" && want.CA != "":
		say("ca", "Either the certificate's SHA-256 or an authority, not both.")
	case want.Pin != "":
		probe("pin", pseries.Direct{BaseURL: "https://pbx.invalid", PinSHA256: want.Pin})
	case want.CA != "":
		probe("ca", pseries.Direct{BaseURL: "https://pbx.invalid", CAPEM: want.CA})
	}
	if want.ClientID == "" {
		say("client_id", "It stands on the PBX under Integrations > API.")
	}
	switch {
	case p.d.Sealer == nil:
		say("secret", noKey)
	case secret != "":
		want.Secret = p.d.Sealer.Seal(secretName(want.PBX), []byte(secret))
	case old.Secret == nil:
		say("secret", "It stands on the PBX under Integrations > API.")
	case old.BaseURL != want.BaseURL || old.ClientID != want.ClientID:
		say("secret", "Another address or client id: enter the secret for it.")
	}
	return bad
}

// accessRecord is what the audit log keeps: that a secret is there or was replaced, never which.
func accessRecord(k sip.Kept, typed string) (json.RawMessage, error) {
	secret := "not set"
	switch {
	case typed != "" && k.Way == sip.Direct:
		secret = "replaced"
	case k.Secret != nil:
		secret = "set"
	}
	return json.Marshal(map[string]any{"way": k.Way, "address": k.BaseURL, "client_id": k.ClientID, "secret": secret, "pin": k.Pin, "own_authority": k.CA != ""})
}

// TestAccess asks the PBX who it is, on the stored way, after lifting a stop for that one call.
func (p *PBXAPI) TestAccess(ctx context.Context, id fleet.PBXID) (string, error) {
	const op = "upstream.TestAccess"
	h, err := p.client(ctx, op, id)
	if err != nil {
		return "", err
	}
	h.client.Resume()
	var system pseries.System
	h, err = p.ask(ctx, op, id, func(c *pseries.Client) (err error) {
		system, err = c.System(ctx)
		return err
	})
	if err != nil {
		return "", h.partError(op, err)
	}
	return fmt.Sprintf("The PBX answers %s: %s.", h.where(), strings.Join(nonempty(system.DeviceName, system.Model, "serial number "+system.Serial, "firmware "+system.Firmware), ", ")), nil
}

// where is the way in words.
func (h *held) where() string {
	if h.access.Way == sip.Relay {
		return "through YCM"
	}
	return "at " + h.access.BaseURL
}

func nonempty(parts ...string) (out []string) {
	for _, part := range parts {
		if part != "" && !strings.HasSuffix(part, " ") {
			out = append(out, part)
		}
	}
	return out
}
