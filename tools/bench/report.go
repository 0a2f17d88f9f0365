package main

import (
	"encoding/json"
	"fmt"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/event"
)

// secret signs the reports of the run.
const secret = "0123456789abcdef0123456789abcdef"

// rounds is after how many reports a PBX has shown all its numbers.
const rounds = 3

// reports are DID-change reports as seed 002 shows them: of so many PBXs in turn, each with so many
// numbers, of which one is another than in the PBX's last report. A PBX has two numbers more than
// are bound at a time.
type reports struct {
	pbxs, numbers int
	n             int
	at            int64
	sets          [][]int64
}

func newReports(pbxs, numbers int) *reports {
	r := &reports{pbxs: pbxs, numbers: numbers, at: 1773105500177}
	for p := range pbxs {
		set := make([]int64, numbers)
		for i := range set {
			set[i] = int64(p*1_000_000 + i + 1)
		}
		r.sets = append(r.sets, set)
	}
	return r
}

type didInfo struct {
	DID       string `json:"did"`
	DIDID     string `json:"didId"`
	TrunkID   string `json:"trunkId"`
	TrunkName string `json:"trunkName"`
}

type element struct {
	Event  string    `json:"event"`
	Serial string    `json:"sn"`
	List   []didInfo `json:"trunkDidInfoList"`
	Time   int64     `json:"updateTime"`
}

// next is the next report.
func (r *reports) next() element {
	pbx := r.n % r.pbxs
	set := r.sets[pbx]
	set[0] = int64(pbx*1_000_000 + 1)
	if turn := r.n / r.pbxs % rounds; turn > 0 {
		set[0] = int64(pbx*1_000_000 + r.numbers + turn)
	}
	r.n++
	r.at += 1003
	e := element{Event: "did_change", Serial: serial(pbx), Time: r.at}
	for _, did := range set {
		e.List = append(e.List, didInfo{fmt.Sprintf("+44%010d", did), fmt.Sprint(did), "114529", "register-trunk-shared_32YFS4"})
	}
	return e
}

func serial(pbx int) string { return fmt.Sprintf("36%014d", pbx+1) }

// deliveries are signed webhook calls.
func (r *reports) deliveries(n int) ([][]byte, error) {
	key := yeastar.NewSecret(secret)
	out := make([][]byte, n)
	for i := range out {
		body, err := json.Marshal([]element{r.next()})
		if err != nil {
			return nil, err
		}
		out[i] = post("/hooks/ycm", "X-Signature: "+event.Sign(key, body)+"\r\n", body)
	}
	return out, nil
}

// records are the same reports as calls of PocketBase's own API.
func (r *reports) records(n int) ([][]byte, error) {
	out := make([][]byte, n)
	for i := range out {
		body, err := json.Marshal(r.next())
		if err != nil {
			return nil, err
		}
		out[i] = post("/api/collections/reports/records?fields=id", "", body)
	}
	return out, nil
}

// parseOnly is how many reports a second the parser alone reads, on one core.
func (r *reports) parseOnly(limit time.Duration) (float64, error) {
	body, err := json.Marshal([]element{r.next()})
	if err != nil {
		return 0, err
	}
	n, began := 0, time.Now()
	for ; time.Since(began) < limit; n++ {
		if _, err := event.Parse(body, began); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
