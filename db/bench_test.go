package db_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

// reportBody is a DID-change report as seed 002 shows it.
func reportBody(serial string, at int64, dids ...int64) []byte {
	type info struct {
		DID       string `json:"did"`
		DIDID     string `json:"didId"`
		TrunkID   string `json:"trunkId"`
		TrunkName string `json:"trunkName"`
	}
	list := make([]info, len(dids))
	for i, d := range dids {
		list[i] = info{fmt.Sprintf("+4420%08d", d), strconv.FormatInt(1_192_000+d, 10), "114529", "register-trunk-shared_32YFS4"}
	}
	body, err := json.Marshal([]map[string]any{{"event": "did_change", "sn": serial, "trunkDidInfoList": list, "updateTime": at}})
	if err != nil {
		return nil // strings and numbers always marshal
	}
	return body
}

func sixNumbers() []byte { return reportBody("36XXXXXXXXXXXXZK", 1773105500177, 1, 2, 3, 4, 5, 6) }

// BenchmarkFsync is the yardstick: one append of a report and one fdatasync after another.
func BenchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	copy(page, sixNumbers())
	for b.Loop() {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := fdatasync(f); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "syncs/s")
}

// BenchmarkStore is durable acceptance of a report with six numbers.
func BenchmarkStore(b *testing.B) {
	body := sixNumbers()
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			d := dbtest.New(b)
			share(b, callers, func() error {
				_, err := d.Store(context.Background(), body, time.Now())
				return err
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reports/s")
		})
	}
}

// share spreads b.N calls over some goroutines.
func share(b *testing.B, callers int, call func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	errs := make(chan error, callers)
	b.ResetTimer()
	for range callers {
		go func() {
			var err error
			for err == nil && left.Add(-1) >= 0 {
				err = call()
			}
			errs <- err
		}()
	}
	for range callers {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
}

// digestAll digests and packs whatever waits, every report as the newest of its PBX.
func digestAll(b *testing.B, d *db.DB, settle func(context.Context, fleet.RawDelivery, *db.History) (fleet.Settled, error)) {
	b.Helper()
	for {
		n, err := d.Digest(b.Context(), 64, settle)
		if err != nil {
			b.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// BenchmarkSnapshotBytes measures what a snapshot costs on disk: a PBX with 100 numbers, one of
// which is swapped each time. The goal is 474 bytes of history and 695 with the raw report.
func BenchmarkSnapshotBytes(b *testing.B) {
	const snapshots, pbxs = 2000, 4
	for b.Loop() {
		d := dbtest.New(b)
		var list []fleet.PBX
		for p := range pbxs {
			list = append(list, fleet.PBX{ID: fleet.PBXID(4808 + p), Serial: fmt.Sprintf("36XXXXXXXXXXXX%02d", p), Name: "Acme"})
		}
		if _, err := d.KeepPBXs(b.Context(), list, time.Now()); err != nil {
			b.Fatal(err)
		}
		empty := usedBytes(b, d)
		at := int64(1773105500177)
		sets := make([][]int64, pbxs)
		for p := range pbxs {
			for i := range 100 {
				sets[p] = append(sets[p], int64(p*100_000+i))
			}
		}
		for n := range snapshots {
			p := n % pbxs
			sets[p][(n*7)%100] = int64(p*100_000 + 100 + n)
			at += 61_003
			if _, err := d.Store(b.Context(), reportBody(list[p].Serial, at, sets[p]...), time.UnixMilli(at)); err != nil {
				b.Fatal(err)
			}
		}
		digestAll(b, d, func(ctx context.Context, raw fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
			return settleAsNewest(ctx, raw, h, false)
		})
		for {
			n, err := d.Pack(b.Context(), 1000)
			if err != nil {
				b.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		sizes := tableBytes(b, d)
		evidence := sizes["packed_body"] + sizes["body"] + sizes["delivery"] + sizes["delivery_by_state"] + sizes["body_key"]
		history := sizes["holding"] + sizes["holding_by_start"] + sizes["holding_by_did"] + sizes["snapshot"] + sizes["snapshot_by_id"]
		b.ReportMetric(float64(history)/snapshots, "history-B/snapshot")
		b.ReportMetric(float64(history+evidence)/snapshots, "all-B/snapshot")
		b.ReportMetric(float64(usedBytes(b, d)-empty)/snapshots, "file-B/snapshot")
		b.Logf("%v", sizes)
	}
}

// settleAsNewest digests a report the way ingest does, without its doubts.
func settleAsNewest(ctx context.Context, raw fleet.RawDelivery, h *db.History, names bool) (fleet.Settled, error) {
	var elements []struct {
		SN   string                                            `json:"sn"`
		Time int64                                             `json:"updateTime"`
		List []struct{ DID, DIDID, TrunkID, TrunkName string } `json:"trunkDidInfoList"`
	}
	if err := json.Unmarshal(raw.Body, &elements); err != nil {
		return fleet.Settled{}, err
	}
	settled := fleet.Settled{State: fleet.DeliveryDigested}
	for _, e := range elements {
		report := fleet.Report{Serial: e.SN, Event: fleet.DIDChange, At: time.UnixMilli(e.Time)}
		var pairs []fleet.Binding
		for _, i := range e.List {
			did, err := strconv.ParseInt(i.DIDID, 10, 64)
			if err != nil {
				return settled, err
			}
			trunk, err := strconv.ParseInt(i.TrunkID, 10, 64)
			if err != nil {
				return settled, err
			}
			pair := fleet.Binding{Trunk: fleet.TrunkID(trunk), DID: fleet.DIDID(did)}
			pairs = append(pairs, pair)
			if names {
				report.Names = append(report.Names, fleet.ReportedName{Binding: pair, Number: i.DID, TrunkName: i.TrunkName})
			}
		}
		report.Set = fleet.NewBindingSet(pairs...)
		id, err := h.PBXBySerial(ctx, e.SN)
		if err != nil {
			return settled, err
		}
		if _, _, err := h.Mark(ctx, id, report.At); err != nil {
			return settled, err
		}
		snapshot, err := h.Add(ctx, id, report, raw.ID, true)
		if err != nil {
			return settled, err
		}
		settled.Elements = append(settled.Elements, fleet.Element{Serial: e.SN, Event: fleet.DIDChange, State: fleet.DeliveryDigested, Snapshot: snapshot, PBX: id})
	}
	return settled, nil
}

func tableBytes(b *testing.B, d *db.DB) map[string]int64 {
	b.Helper()
	sizes, err := d.TableBytes(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return sizes
}

func usedBytes(b *testing.B, d *db.DB) int64 {
	b.Helper()
	n, err := d.UsedBytes(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// filled are the sizes of the goals: numbers, on PBXs with a hundred each.
var filled = []int{10_000, 1_000_000}

func fillBench(b *testing.B, numbers int) *db.DB {
	b.Helper()
	d := dbtest.New(b)
	if err := d.Fill(b.Context(), numbers/100, 100); err != nil {
		b.Fatal(err)
	}
	return d
}

// BenchmarkFleetPage lists fifty PBXs from the middle of the fleet.
func BenchmarkFleetPage(b *testing.B) {
	now := time.UnixMicro(1700000000000000)
	for _, numbers := range filled {
		d := fillBench(b, numbers)
		for _, f := range []fleet.PBXFilter{{}, {State: fleet.InSync}, {Sort: "-changed"}, {Sort: "-numbers"}, {Sort: "verified", Region: "Region 1"}} {
			b.Run(fmt.Sprintf("numbers=%d/sort=%s,state=%s,region=%s", numbers, f.Sort, f.State, f.Region), func(b *testing.B) {
				first, err := d.PBXs(b.Context(), f, now, time.Hour)
				if err != nil {
					b.Fatal(err)
				}
				f.Page.After = first.Next
				for b.Loop() {
					if _, err := d.PBXs(b.Context(), f, now, time.Hour); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkFindNumber looks a number up: whole, by its beginning, and by eight digits inside.
func BenchmarkFindNumber(b *testing.B) {
	for _, numbers := range filled {
		d := fillBench(b, numbers)
		middle, err := d.Numbers(b.Context(), []fleet.DIDID{fleet.DIDID(numbers / 2)})
		if err != nil {
			b.Fatal(err)
		}
		number := middle[fleet.DIDID(numbers/2)].Number
		b.Run(fmt.Sprintf("numbers=%d/scan", numbers), func(b *testing.B) {
			for b.Loop() {
				if n, err := d.ScanFor(b.Context(), number[5:]); err != nil || n == 0 {
					b.Fatal(n, err)
				}
			}
		})
		for name, text := range map[string]string{"point": number, "prefix": number[:len(number)-4], "page": number[:5], "inside": number[5:]} {
			b.Run(fmt.Sprintf("numbers=%d/%s", numbers, name), func(b *testing.B) {
				for b.Loop() {
					page, err := d.FindNumbers(b.Context(), text, fleet.When{}, fleet.PageRequest{})
					if err != nil {
						b.Fatal(err)
					}
					if len(page.Items) == 0 {
						b.Fatal("nothing found")
					}
				}
			})
		}
	}
}
