package phone_test

import (
	"slices"
	"testing"

	"cordboard/sync/phone"
)

func TestEveryWayToWriteANumberHasTheSameMainKey(t *testing.T) {
	home := phone.NewReader("GB")
	for _, text := range []string{"+44 20 7946 0018", "0044 20 7946 0018", "020 7946 0018", "(020) 7946-0018", "+442079460018", "442079460018"} {
		keys := home.Keys(text)
		if text == "442079460018" {
			if !slices.Contains(keys, "442079460018") {
				t.Errorf("Keys(%q) = %v, want its own digits among them", text, keys)
			}
			continue
		}
		if len(keys) == 0 || keys[0] != "442079460018" {
			t.Errorf("Keys(%q) = %v, want 442079460018 first", text, keys)
		}
	}
}

func TestShortNumbersKeepTheirOwnDigits(t *testing.T) {
	for _, region := range []string{"", "GB", "SG"} {
		for _, text := range []string{"83", "2113"} {
			if keys := phone.NewReader(region).Keys(text); !slices.Contains(keys, text) {
				t.Errorf("region %q: Keys(%q) = %v", region, text, keys)
			}
		}
	}
}

func TestTheEndOfANumberThatBeginsWithTwoZerosIsNoInternationalPrefix(t *testing.T) {
	for _, region := range []string{"", "GB"} {
		if keys := phone.NewReader(region).Keys("0036"); !slices.Equal(keys, []string{"0036"}) {
			t.Errorf("region %q: %v", region, keys)
		}
	}
}

func TestTextWithoutDigitsHasNoKeys(t *testing.T) {
	if keys := phone.NewReader("GB").Keys("Acme"); len(keys) != 0 {
		t.Errorf("Keys = %v", keys)
	}
}

func TestPrettyFormatsFullNumbersAndLeavesOthers(t *testing.T) {
	for in, want := range map[string]string{"+442079460018": "+44 20 7946 0018", "2113": "2113", "reception": "reception"} {
		if got := phone.NewReader("").Pretty(in); got != want {
			t.Errorf("Pretty(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestANumberThatIsBegunWith00IsReadBothWays(t *testing.T) {
	if got := phone.NewReader("").Keys("0044113"); !slices.Equal(got, []string{"0044113", "44113"}) {
		t.Error(got)
	}
	if got := phone.NewReader("").Keys("0036"); !slices.Equal(got, []string{"0036"}) {
		t.Error(got)
	}
}
