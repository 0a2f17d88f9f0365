package web

import (
	"context"
	"net/url"
	"strings"

	"cordboard/sync/fleet"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// copyOf fills the form with what is known of a PBX, and says what is left to the person: what no
// read tells, and what must differ.
func (s *Server) copyOf(ctx context.Context, id fleet.PBXID, v url.Values) ([]ui.Notice, error) {
	seen, err := s.Life.View(ctx, id)
	if fleet.KindOf(err) == fleet.KindUnavailable {
		return []ui.Notice{{Tone: ui.Warn, Title: "The PBX could not be read, so nothing was copied", Text: describe(err).Detail,
			Links: []ui.Link{{Label: "Try again", Href: href.CopyPBX(int64(id))}}}}, nil
	}
	if err != nil {
		return nil, err
	}
	d := seen.Detail
	open := []string{"its name", "its sub-domain"}
	keep := func(field, value, what string) {
		if value == "" || value == "0" {
			v.Del(field)
			open = append(open, what)
			return
		}
		v.Set(field, value)
	}
	keep(form.FieldPlan, planWord(d.Plan), "the plan")
	keep(form.FieldType, typeWord(d.Type), "the type")
	keep(form.FieldExtensions, number(d.Extensions), "the extensions")
	keep(form.FieldCalls, number(d.ConcurrentCalls), "the concurrent calls")
	v.Set(form.FieldRecording, "0")
	if d.RecordingMinutes > 0 {
		v.Set(form.FieldRecording, number(d.RecordingMinutes))
	}
	if d.Transcription > 0 {
		v.Set(form.FieldTranscription, number(d.Transcription))
	}
	if !d.ExtraKnown && d.Firmware.AtLeast(fleet.FirmwareTranscription) {
		open = append(open, "extra AI minutes")
	}
	for _, c := range seen.Customers {
		v.Add(form.FieldCustomers, c.String())
	}
	keep(form.FieldUpgrade, string(seen.Features.UpgradeInPBX), "the firmware upgrade on the PBX")
	keep(form.FieldIM, string(seen.Features.IM), "internal chat")
	keep(form.FieldPasswordless, string(seen.Features.PasswordlessLogin), "passwordless login")
	keep(form.FieldSuperior, string(seen.Features.SuperiorLogin), "passwordless login of the superior account")
	if d.ExpiresAt.After(s.Now()) {
		v.Set(form.FieldExpiry, d.ExpiresAt.UTC().Format("2006-01-02"))
		open = append(open, "whether it keeps running after it has expired")
	} else if !d.ExpiresAt.IsZero() {
		open = append(open, "an expiry (that of the copied one is past)")
	}
	open = append(open, "a template", "its numbers")
	open = append(s.copyPlace(ctx, d, v), open...)
	return []ui.Notice{{Tone: ui.None, Title: "Copied from " + pbxName(d.PBX), Text: "Left to you, because it must differ or because Yeastar's reads don't tell it: " + strings.Join(open, ", ") + ".",
		Links: []ui.Link{{Label: "Open " + pbxName(d.PBX), Href: href.PBX(int64(id))}}}}, nil
}

// copyPlace finds region, domain and firmware by the names that reads give, and says which it could
// not find.
func (s *Server) copyPlace(ctx context.Context, d fleet.PBXDetail, v url.Values) (open []string) {
	all := s.offers(ctx, 0, false)
	region := fleet.RegionID(0)
	for _, r := range all.Regions {
		if strings.EqualFold(strings.TrimSpace(r.Name), strings.TrimSpace(d.Region)) {
			region = r.ID
		}
	}
	if region == 0 {
		return []string{"the region", "the domain", "the firmware"}
	}
	v.Set(form.FieldRegion, number(region))
	there := s.offers(ctx, region, false)
	open = []string{"the domain", "the firmware"}
	for _, x := range there.Domains {
		if strings.HasSuffix(strings.ToLower(d.URL), "."+strings.ToLower(strings.TrimPrefix(x.Name, "."))) {
			v.Set(form.FieldDomain, number(x.ID))
			open = open[1:]
			break
		}
	}
	for _, x := range there.Firmwares {
		if x.Version == d.Firmware && x.In(region) {
			v.Set(form.FieldVersion, number(x.ID))
			return open[:len(open)-1]
		}
	}
	return open
}

// planWord is a plan that can be asked for, or nothing: reads know other words.
func planWord(p fleet.PBXPlan) string {
	if p == fleet.EnterprisePlan || p == fleet.UltimatePlan {
		return string(p)
	}
	return ""
}

func typeWord(t fleet.PBXType) string {
	if t == fleet.Trial || t == fleet.Commercial {
		return string(t)
	}
	return ""
}
