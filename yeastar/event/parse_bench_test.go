package event_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar/event"
)

// reportOf is one report with n numbers in the vendor's spelling.
func reportOf(n int) []byte {
	var b strings.Builder
	b.WriteString(`[{"event":"did_change","sn":"3658B4311196ABCD","trunkDidInfoList":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"did":"+4930%07d","didId":"%d","trunkId":"%d","trunkName":"register-trunk-shared_32YFS4"}`,
			i, 1192488+i, 114529+i/100)
	}
	b.WriteString(`],"updateTime":1773105500177}]`)
	return []byte(b.String())
}

func BenchmarkParse6(b *testing.B)    { benchmarkParse(b, 6) }
func BenchmarkParse1000(b *testing.B) { benchmarkParse(b, 1000) }

func benchmarkParse(b *testing.B, n int) {
	body, now := reportOf(n), time.UnixMilli(1773105500177)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		elements, err := event.Parse(body, now)
		if err != nil || elements[0].Err != nil || len(elements[0].Report.Bindings) != n {
			b.Fatal(err, elements)
		}
	}
}

// BenchmarkEncodingJSON1000 is the yardstick for the scanner: the same body into
// plain structs of strings, without any of the checks.
func BenchmarkEncodingJSON1000(b *testing.B) {
	body := reportOf(1000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var reports []struct {
			Event string `json:"event"`
			SN    string `json:"sn"`
			List  []struct {
				DID       string `json:"did"`
				DIDID     string `json:"didId"`
				TrunkID   string `json:"trunkId"`
				TrunkName string `json:"trunkName"`
			} `json:"trunkDidInfoList"`
			UpdateTime int64 `json:"updateTime"`
		}
		if err := json.Unmarshal(body, &reports); err != nil {
			b.Fatal(err)
		}
	}
}
