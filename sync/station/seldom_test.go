package station

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIsToldAllTheTimeIsPassedOnSeldomAndTheLastTimeToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		began := time.Now()
		s := &seldom{every: 10 * time.Second, do: func() { at = append(at, time.Since(began)) }}
		for range 25 {
			s.tell()
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
		want := []time.Duration{0, 10 * time.Second, 20 * time.Second, 30 * time.Second}
		if len(at) != len(want) {
			t.Fatalf("it was done at %v", at)
		}
		for i := range want {
			if at[i] != want[i] {
				t.Errorf("it was done at %v", at)
			}
		}
	})
}
