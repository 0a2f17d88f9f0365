package ui

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"pgregory.net/rapid"
)

func html(t *testing.T, component templ.Component) string {
	t.Helper()
	var out bytes.Buffer
	if err := component.Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestATimeIsRelativeNearbyAndADateFarAway(t *testing.T) {
	now := time.Date(2026, time.November, 21, 14, 12, 30, 0, time.UTC)
	cases := []struct {
		distance time.Duration
		want     string
	}{
		{0, "just now"},
		{9 * time.Second, "just now"},
		{10 * time.Second, "10 s ago"},
		{59 * time.Second, "59 s ago"},
		{time.Minute, "1 min ago"},
		{59*time.Minute + 59*time.Second, "59 min ago"},
		{time.Hour, "1 h ago"},
		{47 * time.Hour, "47 h ago"},
		{48 * time.Hour, "2 d ago"},
		{59 * 24 * time.Hour, "59 d ago"},
		{60 * 24 * time.Hour, "22 Sep 2026"},
		{-5 * time.Second, "in 5 s"},
		{-14 * time.Minute, "in 14 min"},
		{-100 * 24 * time.Hour, "1 Mar 2027"},
	}
	for _, c := range cases {
		if got := At(now.Add(-c.distance), now).Rel; got != c.want {
			t.Errorf("%v ago: got %q, want %q", c.distance, got, c.want)
		}
	}
}

func TestATimeIsShownInUTCWhateverItsZone(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	got := At(time.Date(2026, time.March, 10, 2, 18, 20, 177e6, berlin), time.Date(2026, time.March, 10, 2, 0, 0, 0, time.UTC))
	if got.ISO != "2026-03-10T01:18:20Z" || got.UTC != "10 Mar 2026, 01:18:20 UTC" {
		t.Errorf("got %+v", got)
	}
	if none := At(time.Time{}, time.Now()); none != (Time{}) {
		t.Errorf("the zero time gives %+v", none)
	}
	if page := html(t, Time{}.View()); !strings.Contains(page, "–") || strings.Contains(page, "<time") {
		t.Errorf("the zero Time prints %s", page)
	}
}

func TestABarGivesEveryShareAVisibleWidthAndFillsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 100_000), 1, 6).Draw(t, "counts")
		bar, shown := Bar{}, 0
		for _, count := range counts {
			bar.Segments = append(bar.Segments, Segment{Label: "x", Count: count})
			if count > 0 {
				shown++
			}
		}
		rects := bar.rects()
		if len(rects) != shown {
			t.Fatalf("%d rectangles for %d shares", len(rects), shown)
		}
		end := 0.0
		for _, r := range rects {
			x, width := number(t, r.x), number(t, r.width)
			if x < end-0.2 || width < 5.9 {
				t.Fatalf("rectangle at %v with width %v after %v", x, width, end)
			}
			end = x + width
		}
		if shown > 0 && (end < barWidth-1 || end > barWidth+1) {
			t.Fatalf("the bar ends at %v", end)
		}
	})
}

func number(t *rapid.T, text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestABarSaysInWordsWhatItShows(t *testing.T) {
	bar := Bar{Label: "State of the fleet", Segments: []Segment{{Label: "In sync", Count: 35}, {Label: "Drifted", Count: 2}}}
	if got := bar.Text(); got != "State of the fleet: 35 In sync, 2 Drifted" {
		t.Errorf("got %q", got)
	}
}

func TestASparkHoldsEachValueUntilTheNextAndMarksLosses(t *testing.T) {
	spark := Spark{Points: []Point{{At: 0, Value: 4}, {At: 0.5, Value: 2, Tone: Bad}}}
	if got := spark.line(); got != "M6 6H300V28H594" {
		t.Errorf("line %q", got)
	}
	if ticks := spark.ticks(); len(ticks) != 1 || ticks[0].tone != Bad {
		t.Errorf("ticks %+v", ticks)
	}
	if got := (Spark{}).line() + (Spark{}).area(); got != "" {
		t.Errorf("an empty spark draws %q", got)
	}
}

func TestAFieldTiesHelpAndErrorToItsInput(t *testing.T) {
	page := html(t, Field{Name: "name", Label: "Name", Help: "The rule.", Error: "Too short.", Required: true, Focus: true}.View())
	for _, want := range []string{`for="name"`, `id="name"`, `aria-describedby="name-help name-error"`, `aria-invalid="true"`, ` required`, ` autofocus`, `autocomplete="off"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing in %s", want, page)
		}
	}
	plain := html(t, Field{Name: "name", Label: "Name"}.View())
	for _, never := range []string{"aria-invalid", "aria-describedby", " required", " autofocus"} {
		if strings.Contains(plain, never) {
			t.Errorf("%s stands in %s", never, plain)
		}
	}
}

func TestAStateNeverSpeaksByColourAlone(t *testing.T) {
	for _, tone := range []Tone{None, Ok, Warn, Bad, Ask, Mute, Busy} {
		if page := html(t, Badge{Tone: tone, Label: "In words"}.View()); !strings.Contains(page, "In words") {
			t.Errorf("tone %q prints %s", tone, page)
		}
	}
	if page := html(t, Number{Text: "2113", Tone: Bad}.View()); !strings.Contains(page, "removed ") {
		t.Errorf("a removed number prints %s", page)
	}
}
