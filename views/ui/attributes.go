package ui

import "github.com/a-h/templ"

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// attributes are those that only some fields have.
func (f Field) attributes() templ.Attributes {
	attributes := describedBy(f.Name, f.Help, f.Error)
	attributes["autocomplete"] = "off"
	if f.Autocomplete != "" {
		attributes["autocomplete"] = f.Autocomplete
	}
	if f.Placeholder != "" {
		attributes["placeholder"] = f.Placeholder
	}
	if f.Step != "" {
		attributes["step"] = f.Step
	}
	if f.Mono {
		attributes["class"] = "mono"
	}
	attributes["required"] = f.Required
	attributes["autofocus"] = f.Focus
	return attributes
}

// describedBy ties help and error to their input.
func describedBy(name, help, problem string) templ.Attributes {
	ids := ""
	if help != "" {
		ids = name + "-help"
	}
	attributes := templ.Attributes{}
	if problem != "" {
		attributes["aria-invalid"] = "true"
		if ids != "" {
			ids += " "
		}
		ids += name + "-error"
	}
	if ids != "" {
		attributes["aria-describedby"] = ids
	}
	return attributes
}
