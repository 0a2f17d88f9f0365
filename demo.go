package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/reconcile"
	"cordboard/sync/station"
	"cordboard/sync/team"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
	"cordboard/yeastar/yeastartest/demofleet"
)

type demoCommand struct{}

// The demo's sign-in. Nothing behind it is real, and it ends with the process.
const (
	demoUsername = "demo"
	demoPassword = "nothing-here-is-real"
)

const (
	demoSeed     = 4808
	demoSecret   = "k7Jq2mVx9RtB4nWc8YzL5pHd3GsF6aTe" // of the simulator's webhook
	demoInterval = 25 * time.Second                   // between passes: the simulator is near
	demoRate     = 6000                               // requests per minute, for the same reason
)

// Run is the server against the simulator, in a temporary data folder that is removed at the end:
// first the fleet's history, then the server with a colleague who goes on changing things. Settings
// for the real vendor are ignored: the demo must not reach a real PBX.
func (demoCommand) Run(ctx context.Context, c config, s streams) (err error) {
	log := newLog(c, s.err)
	c.Data, err = os.MkdirTemp("", "cordboard-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.Data)) }()
	account, err := demofleet.New(demoSeed, time.Now())
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	url, err := account.Vendor().Start()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, account.Vendor().Close(), account.Vendor().Err()) }()
	c = c.forDemo(url)
	if err := playHistory(ctx, c, account); err != nil {
		return fmt.Errorf("demo: history: %w", err)
	}

	ctx, leave := context.WithCancel(ctx)
	var colleague sync.WaitGroup
	defer colleague.Wait()
	defer leave()
	c.listening = func(at net.Addr) {
		c.Listen = at.String()
		colleague.Go(func() { goLive(ctx, c, s, account, log) })
	}
	return run(ctx, c, log)
}

// goLive waits for the server to answer, connects the simulator to it, welcomes the visitor and
// lets the colleague work until ctx ends.
func goLive(ctx context.Context, c config, s streams, account *demofleet.Fleet, log *slog.Logger) {
	address := "http://" + reachable(c.Listen)
	err := healthcheckCommand{}.Run(ctx, c, streams{out: io.Discard})
	if err == nil {
		err = account.Vendor().AddWebhook(address+"/hooks/ycm", demoSecret)
	}
	if err != nil {
		if ctx.Err() == nil {
			log.Error("the demo has no live events", "error", err)
		}
		return
	}
	welcome(s.out, address, account)
	account.Colleague(ctx, demofleet.Calm)
}

// welcome tells how to get in and what to try.
func welcome(out io.Writer, address string, account *demofleet.Fleet) {
	fmt.Fprintf(out, `
  Cordboard demo:  %s
  username:        %s
  password:        %s

  Try first: bind %s and %s on Harbourfront Dental Group (PBX %d), and read the plan before you confirm it.
  Then: Camden Veterinary Clinic lost its numbers in a restore. Find them in its history and plan to go back.

  Something happens every few seconds. Ctrl-C ends it; nothing is kept.

`, address, demoUsername, demoPassword, account.Number(demofleet.ExampleDIDA), account.Number(demofleet.ExampleDIDB), demofleet.ExamplePBX)
}

// forDemo replaces everything that could lead to a real vendor, and keeps where to listen and how
// to log. The home region is a guess that makes 020 7946 0007 a number.
func (c config) forDemo(vendor string) config {
	return config{
		Listen: c.Listen, Data: c.Data, Log: c.Log, HomeRegion: cmp.Or(c.HomeRegion, "GB"), terminal: c.terminal,
		YCMURL: vendor, YCMClientID: yeastartest.DefaultClientID, YCMClientSecret: yeastar.NewSecret(yeastartest.DefaultClientSecret),
		YCMRate: demoRate, WebhookSecret: yeastar.NewSecret(demoSecret), ReconcileInterval: demoInterval, BackupKeep: 2,
		given: map[string]string{"ycm-url": "the demo", "ycm-client-id": "the demo", "ycm-client-secret": "the demo"},
	}
}

// player lets Cordboard live through the fleet's history, by the fleet's clock: the same inbox,
// worker and writer as the server's, only earlier.
type player struct {
	*station.Station
	account *demofleet.Fleet
	plans   map[string]fleet.PlanID // by the name that the history gives them
}

// playHistory fills the database with what the last months brought.
func playHistory(ctx context.Context, c config, account *demofleet.Fleet) (err error) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	s, err := station.Open(ctx, station.Config{
		Database: c.database(), HomeRegion: c.HomeRegion, Now: account.Now, Log: slog.New(slog.DiscardHandler),
		Vendor: &ycm.Config{BaseURL: c.YCMURL, ClientID: c.YCMClientID, ClientSecret: c.YCMClientSecret,
			RatePerMinute: 1_000_000, RetryBase: time.Millisecond}, // months pass in seconds
		WebhookSecrets: []yeastar.Secret{c.WebhookSecret}, Lifetime: 2 * time.Hour,
		ReadBack: 200 * time.Millisecond, Poll: 5 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p := player{s, account, map[string]fleet.PlanID{}}
	if err := p.hire(ctx); err != nil {
		return err
	}
	for m := range account.History() {
		if err := p.live(ctx, m); err != nil {
			return fmt.Errorf("%s: %w", m.At.Format(time.DateTime), err)
		}
	}
	return nil
}

// hire makes the visitor's account and the team's, all with the same password.
func (p player) hire(ctx context.Context) error {
	hasher, err := team.NewHasher()
	if err != nil {
		return err
	}
	hash, err := hasher.Hash(ctx, demoPassword)
	if err != nil {
		return err
	}
	people := append([]demofleet.Person{{Name: demoUsername, Role: string(team.Admin)}}, demofleet.People...)
	for _, who := range people {
		e := p.entry(demofleet.Person{Name: terminal}, audit.UserCreate, who.Name)
		if _, err := p.DB.CreateUser(ctx, team.User{Name: who.Name, Role: team.Role(who.Role)}, hash, e); err != nil {
			return err
		}
	}
	return nil
}

func (p player) entry(by demofleet.Person, action audit.Action, target string) audit.Entry {
	return audit.Entry{At: p.account.Now(), Actor: by.Name, IP: by.IP, Action: action, Target: target, Outcome: audit.Succeeded}
}

// live has Cordboard see one moment.
func (p player) live(ctx context.Context, m demofleet.Moment) error {
	switch {
	case m.Pass:
		_, err := p.Worker.RunFor(ctx, reconcile.Cause{Why: fleet.PassSchedule})
		return errors.Join(err, p.digest(ctx))
	case m.Refresh:
		return p.refresh(ctx)
	case m.SignIn.Name != "":
		return p.DB.AppendAudit(ctx, p.entry(m.SignIn, audit.SignIn, m.SignIn.Name))
	case m.Protect != nil:
		return p.protect(ctx, *m.Protect)
	case m.Ask != nil:
		return p.ask(ctx, *m.Ask)
	case m.Confirm != nil:
		return p.confirm(ctx, *m.Confirm)
	}
	if err := p.receive(ctx, m.Reports); err != nil {
		return err
	}
	return p.adopt(ctx)
}

// adopt is the team's answer to removals that a report told: they were meant.
func (p player) adopt(ctx context.Context) error {
	for _, cause := range []fleet.Cause{fleet.CauseChangedOutside, fleet.CauseDIDDeleted, fleet.CauseTrunkDeleted, fleet.CausePBXDeleted} {
		open, err := p.DB.Drifts(ctx, fleet.DriftFilter{State: fleet.DriftOpen, Cause: cause, Page: fleet.PageRequest{Limit: 50}})
		if err != nil {
			return err
		}
		for _, d := range open.Items {
			e := p.entry(demofleet.People[0], audit.DriftAdopt, d.PBXName)
			e.PBX, e.Reason = d.PBX, d.Sentence
			if err := p.DB.AdoptDrift(ctx, d.ID, time.Time{}, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// receive takes reports in through the same door as the server: signed, stored, then digested.
func (p player) receive(ctx context.Context, reports [][]byte) error {
	errs := make([]error, len(reports))
	var posts sync.WaitGroup
	for i, body := range reports {
		posts.Go(func() { errs[i] = p.Ingester.Accept(ctx, body, yeastartest.SignedBody(demoSecret, body)) })
	}
	posts.Wait()
	return errors.Join(append(errs, p.digest(ctx))...)
}

func (p player) digest(ctx context.Context) error {
	for {
		n, err := p.Ingester.Digest(ctx)
		if n == 0 || err != nil {
			return err
		}
	}
}

// refresh is what the worker does when a report names a stranger.
func (p player) refresh(ctx context.Context) error {
	pbxs, err := p.Cloud.ListPBXs(ctx)
	if err != nil {
		return err
	}
	fresh, err := p.DB.KeepPBXs(ctx, pbxs, p.account.Now())
	if err != nil {
		return err
	}
	return errors.Join(p.Ingester.Known(ctx, fresh), p.digest(ctx))
}

func (p player) protect(ctx context.Context, m demofleet.Protect) error {
	id := fleet.DIDID(m.DID)
	rows, err := p.DB.Numbers(ctx, []fleet.DIDID{id})
	if err != nil {
		return err
	}
	e := p.entry(m.By, audit.NumberProtect, rows[id].Number)
	e.After = []byte(`{"protected":true}`)
	return p.DB.SetProtected(ctx, id, true, e)
}

func (p player) ask(ctx context.Context, a demofleet.Ask) error {
	ask := change.Ask{PBX: fleet.PBXID(a.PBX), Bind: pairs(a.Bind), Unbind: pairs(a.Unbind), Clear: a.Clear}
	if a.Headers != nil {
		stated := make([]fleet.Header, len(a.Headers))
		for i, h := range a.Headers {
			stated[i] = fleet.Header{Trunk: fleet.TrunkID(h.Trunk), Header: fleet.HeaderID(h.Header), Value: h.Value}
		}
		ask.Headers = &stated
	}
	if a.Undo {
		newest, err := p.DB.Snapshots(ctx, ask.PBX, fleet.PageRequest{Limit: 2})
		if err != nil {
			return err
		}
		if len(newest.Items) < 2 {
			return fmt.Errorf("PBX %d has nothing to go back to", ask.PBX)
		}
		ask.UndoTo = newest.Items[1].ID
	}
	plan, err := p.Changer.Draft(ctx, audit.By{Actor: a.By.Name, IP: a.By.IP}, ask)
	if err != nil {
		return fmt.Errorf("plan %q: %w", a.Plan, err)
	}
	p.plans[a.Plan] = plan.ID
	return nil
}

func (p player) confirm(ctx context.Context, m demofleet.Confirm) error {
	plan, err := p.Changer.Confirm(ctx, audit.By{Actor: m.By.Name, IP: m.By.IP}, p.plans[m.Plan], change.Consent{Name: m.Name, Reason: m.Reason})
	if m.Fails && err != nil && plan.Outcome.Result != "" {
		return nil // refused or stale, as the story wants it
	}
	if m.Fails {
		err = errors.Join(err, errors.New("it should have been refused"))
	}
	if err != nil {
		return fmt.Errorf("plan %q ended as %s: %w", m.Plan, plan.Status, err)
	}
	return nil
}

func pairs(in []yeastartest.Binding) []fleet.Binding {
	out := make([]fleet.Binding, len(in))
	for i, b := range in {
		out[i] = fleet.Binding{Trunk: fleet.TrunkID(b.Trunk), DID: fleet.DIDID(b.DID)}
	}
	return out
}
