package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"cordboard/yeastar/yeastartest"
)

const (
	sweepLatency = 50 * time.Millisecond
	sweepSlots   = 32     // calls that a pass has in flight at the rates below (main.go: inFlight)
	sweepRate    = 60_000 // requests a minute: more than the slots allow
	sweepSlow    = 6_000  // fewer than they allow
	sweepFor     = 12 * time.Second
)

// vendor is the simulated YCM with the fleet of the filled database, and a count of its calls.
type vendor struct {
	*httptest.Server
	calls atomic.Int64
}

// newVendor shows what fill put into the database: a hundred numbers on each PBX.
func newVendor(numbers int) (*vendor, error) {
	sim := yeastartest.New(yeastartest.Config{Assumptions: yeastartest.Assumptions{NoRateLimit: true}, Latency: sweepLatency, NoRecord: true})
	for t := range int64(20) {
		sim.AddTrunk(yeastartest.Trunk{ID: t + 1, Name: fmt.Sprint("register-trunk-shared_", t+1)})
	}
	dids := make([]yeastartest.DID, numbers)
	for i := range dids {
		id := int64(i + 1)
		dids[i] = yeastartest.DID{ID: id, Number: fmt.Sprintf("+44%010d", id*7919%9999991*997), Trunks: []int64{id%20 + 1}}
	}
	sim.AddDIDs(dids)
	for p := range int64(numbers / 100) {
		id := p + 1
		sim.AddPBX(yeastartest.PBX{
			ID: id, Serial: fmt.Sprintf("36%014d", id), Name: fmt.Sprintf("Customer %d %c", id*7919%int64(numbers/100), 'A'+rune(id%26)),
			URL: fmt.Sprintf("c%d.example.com", id), Region: fmt.Sprint("Region ", id%3), Firmware: "84.22.0.134",
		})
		pairs := make([]yeastartest.Binding, 100)
		for i := range pairs {
			did := p*100 + int64(i) + 1
			pairs[i] = yeastartest.Binding{Trunk: did%20 + 1, DID: did}
		}
		sim.Bind(id, pairs...)
	}
	v := &vendor{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.calls.Add(1)
		sim.ServeHTTP(w, r)
	}))
	return v, sim.Err()
}

// startFleet runs the program on a data folder, with a vendor and passes when they are asked for.
func startFleet(program, data, vendor string, rate int) (*process, error) {
	return start(program, "/readyz", func(address string) []string {
		return []string{"serve", "--listen", address, "--data", data, "--reconcile-interval", "0", "--admin-username", username, "--admin-password", password,
			"--ycm-url", vendor, "--ycm-client-id", yeastartest.DefaultClientID, "--ycm-client-secret", yeastartest.DefaultClientSecret, "--ycm-rate", strconv.Itoa(rate)}
	})
}

// swept is what one pass cost.
type swept struct {
	pbxs, verified, snapshots int
	calls                     int64
	took, cpu                 time.Duration
	before, peak              int // kilobytes of memory
}

// sweep tells about P5.
func (b bench) sweep() (err error) {
	dir, err := b.filled(sizes[1])
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "cordboard.db")
	if err := listed(path, sizes[1]); err != nil {
		return err
	}
	v, err := newVendor(sizes[1])
	if err != nil {
		return err
	}
	defer v.Close()
	rows, err := countRows(path)
	if err != nil {
		return err
	}
	p, err := startFleet(b.program, dir, v.URL, sweepRate)
	if err != nil {
		return err
	}
	s, err := p.onePass(v, 0)
	if err = errors.Join(err, p.stop()); err != nil {
		return err
	}
	if s.verified != s.pbxs || s.snapshots != 0 {
		return fmt.Errorf("the fleet is not as the database has it: %+v", s)
	}
	after, err := countRows(path)
	if err != nil {
		return err
	}
	if p, err = startFleet(b.program, dir, v.URL, sweepSlow); err != nil {
		return err
	}
	slow, err := p.onePass(v, sweepFor)
	if err = errors.Join(err, p.stop()); err != nil {
		return err
	}
	bound := time.Duration(s.calls) * sweepLatency / sweepSlots
	spare := float64(sweepSlow/4 - sweepSlow/4/2) // what a pass may send at once
	fmt.Fprintf(b.out, "\n## One pass over %d PBXs of 100 numbers, answers after %s\n\n", s.pbxs, sweepLatency)
	fmt.Fprintln(b.out, "| | |\n|---|---:|")
	fmt.Fprintf(b.out, "| calls per PBX | %.2f |\n", float64(s.calls)/float64(s.pbxs))
	fmt.Fprintf(b.out, "| of the bound of %d calls in flight | %.1f %% |\n", sweepSlots, 100*bound.Seconds()/s.took.Seconds())
	fmt.Fprintf(b.out, "| of the bound of %d calls a minute | %.1f %% |\n", sweepSlow, 100*(float64(slow.calls)-spare)/(sweepSlow/60*slow.took.Seconds()))
	fmt.Fprintf(b.out, "| processor time per PBX | %s |\n", short(s.cpu/time.Duration(s.pbxs)))
	fmt.Fprintf(b.out, "| memory growth | %.1f MiB |\n", float64(s.peak-s.before)/1024)
	fmt.Fprintf(b.out, "| rows written besides its own report and audit entry | %d |\n", after-rows)
	return nil
}

// onePass has the server do a pass and measures it; after limit, if there is one, the pass is given up.
func (p *process) onePass(v *vendor, limit time.Duration) (s swept, err error) {
	cookie, err := signIn(p.address)
	if err != nil {
		return s, err
	}
	if s.before, err = p.kilobytes("VmRSS"); err != nil {
		return s, err
	}
	if err := os.WriteFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "clear_refs"), []byte("5"), 0); err != nil { // forgets the peak
		return s, err
	}
	used, err := p.processor()
	if err != nil {
		return s, err
	}
	calls, began := v.calls.Load(), time.Now()
	ctx := context.Background()
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	report, err := reconcile(ctx, p.address, cookie)
	s.took, s.calls = time.Since(began), v.calls.Load()-calls
	if limit > 0 && ctx.Err() != nil {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.pbxs, s.verified, s.snapshots = report.PBXs, report.Verified, report.Snapshots
	now, err := p.processor()
	s.cpu = now - used
	if err != nil {
		return s, err
	}
	s.peak, err = p.kilobytes("VmHWM")
	return s, err
}

// passReport is what a pass says of itself.
type passReport struct {
	Complete                  bool
	StoppedBy                 *string `json:"stopped_by"`
	PBXs, Verified, Snapshots int
}

// reconcile runs a pass and waits for its report.
func reconcile(ctx context.Context, address, cookie string) (report passReport, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/api/v1/reconcile", nil)
	if err != nil {
		return report, err
	}
	name, value, _ := strings.Cut(strings.TrimSpace(cookie), ": ")
	r.Header.Set(name, value)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return report, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&report); err != nil || !report.Complete {
		return report, errors.Join(fmt.Errorf("the pass: %s, %+v", answer.Status, report), err)
	}
	return report, nil
}

// processor is the processor time that the server has used.
func (p *process) processor() (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var ticks int64
	for _, field := range fields[11:13] { // utime and stime, in hundredths of a second
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// listed makes the database remember that its numbers were listed, as a first pass would.
func listed(path string, numbers int) (err error) {
	pool, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.Exec(`INSERT OR REPLACE INTO setting (key, value) VALUES ('db.numbers_listed', CAST(json_object('total', ?, 'at', ?) AS BLOB))`, numbers, time.Now().UnixMicro())
	return err
}

// countRows counts what the database holds, but for reports of passes and the audit.
func countRows(path string) (total int, err error) {
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	for _, table := range []string{"pbx", "trunk", "did", "did_trunk", "did_key", "snapshot", "holding", "delivery", "body", "plan", "drift"} {
		var n int
		if err := pool.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
