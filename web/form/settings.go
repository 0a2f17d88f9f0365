package form

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/settings"
)

// Settings puts texts into what holds, as far as they belong to the part; the others are answered as unknown. What
// is absent stays. The secret is empty unless it is given: it is not among what holds.
func Settings(p settings.Part, holds settings.All, texts map[settings.Field]string) (settings.All, []fleet.Field) {
	var bad []fleet.Field
	holds.Yeastar.Secret = settings.Secret(texts[settings.ClientSecret])
	wrong := func(f settings.Field, rule string) { bad = append(bad, fleet.Field{Name: string(f), Rule: rule}) }
	whole := func(f settings.Field, into *int) {
		n, err := strconv.Atoi(strings.TrimSpace(texts[f]))
		if err != nil {
			wrong(f, "A whole number.")
		}
		*into = n
	}
	span := func(f settings.Field, into *time.Duration) {
		d, err := time.ParseDuration(strings.TrimSpace(texts[f]))
		if err != nil {
			wrong(f, "A time with its unit, such as 45s, 10m or 1h30m.")
		}
		*into = d
	}
	for _, f := range p.Fields() {
		text, given := texts[f]
		if !given {
			continue
		}
		switch f {
		case settings.BaseURL:
			holds.Yeastar.BaseURL = strings.TrimRight(strings.TrimSpace(text), "/")
		case settings.ClientID:
			holds.Yeastar.ClientID = strings.TrimSpace(text)
		case settings.ClientSecret:
			holds.Yeastar.Secret = settings.Secret(strings.TrimSpace(text))
		case settings.Rate:
			whole(f, &holds.Yeastar.Rate)
		case settings.MaxShare:
			whole(f, &holds.Guard.MaxShare)
		case settings.MaxCount:
			whole(f, &holds.Guard.MaxCount)
		case settings.Lifetime:
			span(f, &holds.Guard.Lifetime)
		case settings.Interval:
			span(f, &holds.Sync.Interval)
		case settings.StaleAfter:
			span(f, &holds.Sync.StaleAfter)
		case settings.HomeRegion:
			holds.Numbers.HomeRegion = strings.ToUpper(strings.TrimSpace(text))
		}
	}
	return holds, bad
}

// SettingText is a value as people write it. A secret has no text.
func SettingText(a settings.All, f settings.Field) string {
	switch f {
	case settings.BaseURL:
		return a.Yeastar.BaseURL
	case settings.ClientID:
		return a.Yeastar.ClientID
	case settings.Rate:
		return strconv.Itoa(a.Yeastar.Rate)
	case settings.MaxShare:
		return strconv.Itoa(a.Guard.MaxShare)
	case settings.MaxCount:
		return strconv.Itoa(a.Guard.MaxCount)
	case settings.Lifetime:
		return Span(a.Guard.Lifetime)
	case settings.Interval:
		return Span(a.Sync.Interval)
	case settings.StaleAfter:
		return Span(a.Sync.StaleAfter)
	case settings.HomeRegion:
		return a.Numbers.HomeRegion
	}
	return ""
}

// Span is a time as people write it: "1h30m", "10m", "45s", "0".
func Span(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	if d%time.Second != 0 {
		return d.String()
	}
	var b strings.Builder
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / unit.size; n != 0 {
			fmt.Fprintf(&b, "%d%s", n, unit.name)
			d -= n * unit.size
		}
	}
	return b.String()
}
