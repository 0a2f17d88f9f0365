package web

import (
	"maps"
	"net/url"
	"slices"
	"time"

	"cordboard/sync/fleet"
	"cordboard/views/ui"
)

// fields fills the controls of a form with what was typed and with what is wrong. The first control
// that is wrong takes the focus.
type fields struct {
	v     url.Values
	wrong []fleet.Field
}

// of is what is wrong with a field, or nothing.
func (f fields) of(name string) string {
	if i := slices.IndexFunc(f.wrong, func(w fleet.Field) bool { return w.Name == name }); i >= 0 {
		return f.wrong[i].Rule
	}
	return ""
}

// first reports whether a field is the first that is wrong.
func (f fields) first(name string) bool { return len(f.wrong) > 0 && f.wrong[0].Name == name }

func (f fields) text(c ui.Field) ui.Field {
	c.Value, c.Error, c.Focus = f.v.Get(c.Name), f.of(c.Name), f.first(c.Name)
	return c
}

// day is a control for a day. What is typed and is no day stays as text: a browser would drop it.
func (f fields) day(c ui.Field) ui.Field {
	c = f.text(c)
	if _, err := time.Parse(time.DateOnly, c.Value); c.Value == "" || err == nil {
		c.Type = "date"
	}
	return c
}

// choice is a list that begins with none. What is chosen and is not in the list, because the list
// could not be read, is kept under its id.
func (f fields) choice(c ui.Select, none string, list []ui.Option, chosen string) ui.Select {
	c.Error, c.Focus = f.of(c.Name), f.first(c.Name)
	if typed := f.v.Get(c.Name); chosen == "" && c.Error != "" {
		chosen = typed
	}
	c.Options = append([]ui.Option{{Label: none}}, list...)
	for i := range c.Options {
		c.Options[i].Selected = c.Options[i].Value == chosen
	}
	if chosen != "" && !slices.ContainsFunc(c.Options, func(o ui.Option) bool { return o.Selected }) {
		c.Options = append(c.Options, ui.Option{Value: chosen, Label: short(chosen, 40) + " (not looked up)", Selected: true})
	}
	return c
}

// radios is a choice of a few, given as value and label in turn.
func (f fields) radios(c ui.Radios, pairs ...string) ui.Radios {
	c.Error, c.Focus = f.of(c.Name), f.first(c.Name)
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Options = append(c.Options, ui.Option{Value: pairs[i], Label: pairs[i+1], Selected: f.v.Get(c.Name) == pairs[i]})
	}
	return c
}

// onOff is one of the vendor's switches.
func (f fields) onOff(c ui.Radios) ui.Radios {
	return f.radios(c, string(fleet.On), "Enabled", string(fleet.Off), "Disabled")
}

// with is a copy of v with one value changed.
func with(v url.Values, name, value string) url.Values {
	v = maps.Clone(v)
	v.Set(name, value)
	return v
}
