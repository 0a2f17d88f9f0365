package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"cordboard/sync/fleet"
	"cordboard/web/form"
)

// resolve turns the names of a row into what the form sends. What names nothing, or several things, is
// told as a field.
func (j *csvJudge) resolve(v url.Values) (place offered, wrong []fleet.Field, err error) {
	r := naming{v: v}
	region := r.one(form.FieldRegion, "region", each(j.home.Regions, func(x fleet.Region) (string, string) { return number(x.ID), x.Name }))
	place = j.place(region)
	r.one(form.FieldDomain, "domain of that region", each(place.Domains, func(x fleet.Domain) (string, string) { return number(x.ID), x.Name }))
	r.one(form.FieldVersion, "firmware of that region", each(place.Firmwares, func(x fleet.FirmwareChoice) (string, string) { return number(x.ID), string(x.Version) }))
	r.one(form.FieldTemplate, "template", each(j.home.Templates, func(x fleet.Template) (string, string) { return number(x.ID), x.Name }))
	r.word(form.FieldPlan, string(fleet.EnterprisePlan), "enterprise", string(fleet.UltimatePlan), "ultimate")
	r.word(form.FieldType, string(fleet.Commercial), "commercial", string(fleet.Trial), "trial")
	r.yesNo(form.FieldRunsOn, "true", "false", "")
	r.yesNo(form.FieldMail, "yes", "", "")
	r.yesNo(form.FieldUpgrade, string(fleet.On), string(fleet.Off), string(fleet.On))
	r.yesNo(form.FieldPasswordless, string(fleet.On), string(fleet.Off), string(fleet.Off))
	r.yesNo(form.FieldSuperior, string(fleet.On), string(fleet.Off), string(fleet.Off))
	via := ""
	if v.Get(form.FieldTemplate) != "" {
		via = string(fleet.On)
	}
	r.yesNo(form.FieldViaTemplate, string(fleet.On), string(fleet.Off), via)
	r.customers(j.home.Customers)
	j.defaults(v, place)
	firmware, known := place.Firmware(fleet.VersionID(idOf(v.Get(form.FieldVersion))))
	chat := fleet.On
	if known && !firmware.Version.AtLeast(fleet.FirmwareIM) {
		chat = fleet.Off
	}
	r.yesNo(form.FieldIM, string(fleet.On), string(fleet.Off), string(chat))
	err = j.numbers(&r, place, firmware)
	return place, r.wrong, err
}

// place is what there is to choose in a region, with the customers, templates and what is left.
func (j *csvJudge) place(region string) offered {
	id := fleet.RegionID(idOf(region))
	if id == 0 {
		return j.home
	}
	if _, known := j.places[id]; !known {
		j.places[id] = j.s.offers(j.ctx, id, false)
	}
	return j.places[id]
}

// defaults fills in what may be left empty: the only domain, and the newest firmware.
func (j *csvJudge) defaults(v url.Values, place offered) {
	o := order{offers: place, typed: form.NewPBX{Spec: fleet.PBXSpec{Region: place.in}}}
	o.settle()
	for field, id := range map[string]string{form.FieldDomain: number(o.typed.Spec.Domain), form.FieldVersion: number(o.typed.Spec.Version)} {
		if v.Get(field) == "" && place.in != 0 {
			v.Set(field, id)
		}
	}
}

// numbers finds the first numbers of a row, as the page of a PBX's numbers does for a pasted list.
func (j *csvJudge) numbers(r *naming, place offered, firmware fleet.FirmwareChoice) error {
	lines := parts(r.v.Get(form.FieldNumbers))
	r.v.Del(form.FieldNumbers)
	if len(lines) == 0 {
		return nil
	}
	region, _ := place.Region(place.in)
	b := &bench{row: fleet.PBXRow{PBX: fleet.PBX{Name: "the new PBX", Region: region.Name, Firmware: firmware.Version}}, known: fleet.Known{Certainty: fleet.CertaintyExact}}
	var err error
	if b.n, err = j.s.names(j.ctx, nil); err != nil {
		return err
	}
	if firmware.Version != "" && !firmware.Version.AtLeast(fleet.FirmwareDIDUpdate) {
		r.at(form.FieldNumbers, "Numbers can be bound from firmware %s on; this one is %s.", fleet.FirmwareDIDUpdate, firmware.Version)
		return nil
	}
	for _, line := range lines {
		judged, err := j.s.judgeLine(j.ctx, b, strings.TrimSpace(line))
		if err != nil {
			return err
		}
		switch {
		case judged.state == lineFree && len(judged.pairs) == 1:
			r.v.Add(form.FieldBind, pairText(judged.pairs[0]))
		case judged.state == lineFree:
			r.at(form.FieldNumbers, "%s sits on several trunks: bind it once the PBX runs.", short(line, longestLine))
		default:
			_, sentence := b.lineWords(judged)
			r.at(form.FieldNumbers, "%s %s.", short(line, longestLine), sentence)
		}
	}
	return nil
}

// naming turns names into values, field by field.
type naming struct {
	v     url.Values
	wrong []fleet.Field
}

func (r *naming) at(field, format string, args ...any) {
	r.wrong = append(r.wrong, fleet.Field{Name: field, Rule: fmt.Sprintf(format, args...)})
}

// choiceName is a choice: its value and what people call it.
type choiceName struct{ value, name string }

func each[T any](list []T, of func(T) (value, name string)) []choiceName {
	out := make([]choiceName, len(list))
	for i, x := range list {
		out[i].value, out[i].name = of(x)
	}
	return out
}

// one finds a choice by its name, in any case of its letters, and answers its value. Nothing typed
// stays nothing.
func (r *naming) one(field, what string, list []choiceName) string {
	typed := strings.TrimSpace(r.v.Get(field))
	r.v.Del(field)
	if typed == "" {
		return ""
	}
	var found []string
	for _, x := range list {
		if strings.EqualFold(strings.TrimSpace(x.name), typed) {
			found = append(found, x.value)
		}
	}
	switch len(found) {
	case 0:
		r.at(field, "There is no %s “%s”.%s", what, short(typed, 60), offers(list))
		return ""
	case 1:
		r.v.Set(field, found[0])
		return found[0]
	}
	r.at(field, "There are several: %s “%s”. Make it by the form.", what, short(typed, 60))
	return ""
}

// offers says what there is, when that is little.
func offers(list []choiceName) string {
	const few = 6
	if len(list) == 0 || len(list) > few {
		return ""
	}
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = x.name
	}
	return " There is " + strings.Join(names, ", ") + "."
}

// word finds one of the vendor's words by its short form or by itself; given as word and short form in turn.
func (r *naming) word(field string, pairs ...string) {
	typed := strings.ToLower(strings.TrimSpace(r.v.Get(field)))
	for i := 0; i+1 < len(pairs); i += 2 {
		if typed == pairs[i+1] || typed == strings.ToLower(pairs[i]) {
			r.v.Set(field, pairs[i])
			return
		}
	}
}

// yesNo reads an answer; none is otherwise.
func (r *naming) yesNo(field, yes, no, otherwise string) {
	typed := strings.ToLower(strings.TrimSpace(r.v.Get(field)))
	switch {
	case typed == "":
		r.v.Set(field, otherwise)
	case slices.Contains([]string{"yes", "y", "true", "1", "on", "enabled"}, typed):
		r.v.Set(field, yes)
	case slices.Contains([]string{"no", "n", "false", "0", "off", "disabled"}, typed):
		r.v.Set(field, no)
	default:
		r.v.Set(field, otherwise)
		r.at(field, "“%s” is neither yes nor no.", short(typed, 40))
	}
}

// customers finds customers by e-mail address, company, name, or both.
func (r *naming) customers(all []fleet.Customer) {
	typed := parts(r.v.Get(form.FieldCustomers))
	r.v.Del(form.FieldCustomers)
	for _, text := range typed {
		text = strings.TrimSpace(text)
		var found []fleet.Customer
		for _, x := range all {
			if slices.ContainsFunc([]string{x.Email, x.Company, named(x), strings.TrimSpace(x.FirstName + " " + x.LastName)}, func(name string) bool { return name != "" && strings.EqualFold(name, text) }) {
				found = append(found, x)
			}
		}
		switch len(found) {
		case 0:
			r.at(form.FieldCustomers, "There is no customer “%s”.", short(text, 60))
		case 1:
			r.v.Add(form.FieldCustomers, found[0].ID.String())
		default:
			r.at(form.FieldCustomers, "Several customers are called “%s”: write the e-mail address.", short(text, 60))
		}
	}
}

// idOf is an id that was resolved; 0 for none.
func idOf(text string) int64 {
	id, _ := form.ID(text)
	return id
}
