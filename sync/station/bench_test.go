package station_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/station"
)

// BenchmarkDigest is how long a stored report takes to become history: one of a PBX's numbers is
// another than in its last report.
func BenchmarkDigest(b *testing.B) {
	for _, numbers := range []int{6, 100, 1000} {
		b.Run(fmt.Sprintf("numbers=%d", numbers), func(b *testing.B) { benchmarkDigest(b, numbers) })
	}
}

func benchmarkDigest(b *testing.B, numbers int) {
	const fleetSize, batch = 20, 64
	s, err := station.Open(b.Context(), station.Config{Database: filepath.Join(b.TempDir(), "cordboard.db"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var list []fleet.PBX
	for p := range fleetSize {
		list = append(list, fleet.PBX{ID: fleet.PBXID(p + 1), Serial: strconv.Itoa(p + 1), Name: "Acme"})
	}
	if _, err := s.DB.KeepPBXs(b.Context(), list, time.Now()); err != nil {
		b.Fatal(err)
	}
	n := 0
	store := func(reports int) {
		for range reports {
			if _, err := s.DB.Store(b.Context(), swapping(n, fleetSize, numbers), time.Now()); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	digest := func() {
		for {
			taken, err := s.Ingester.Digest(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			if taken == 0 {
				return
			}
		}
	}
	store(fleetSize * 3)
	digest()
	b.ResetTimer()
	for left := b.N; left > 0; left -= batch {
		b.StopTimer()
		store(min(left, batch))
		b.StartTimer()
		digest()
	}
}

// swapping is report n of a fleet that reports in turn. Every PBX has two numbers more than are
// bound at a time.
func swapping(n, fleetSize, numbers int) []byte {
	pbx, round := n%fleetSize, n/fleetSize
	var b bytes.Buffer
	fmt.Fprintf(&b, `[{"event":"did_change","sn":"%d","updateTime":%d,"trunkDidInfoList":[`, pbx+1, 1773105500177+1003*n)
	for i := range numbers {
		did := pbx*10_000 + i + 1
		if i == 0 && round%3 > 0 {
			did += numbers + round%3 - 1
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"did":"+4420%08d","didId":"%d","trunkId":"%d","trunkName":"register-trunk-shared_32YFS4"}`, did, did, 114529+i/100)
	}
	b.WriteString(`]}]`)
	return b.Bytes()
}
