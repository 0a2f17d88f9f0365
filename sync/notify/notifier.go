package notify

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/seal"
)

// Record reads what conditions are concluded from.
type Record interface {
	// DriftedPBXs are all with an open drift, deleted ones included.
	DriftedPBXs(ctx context.Context) ([]fleet.PBXRow, error)
	// SomePBXs are PBXs by id; those never seen are absent.
	SomePBXs(ctx context.Context, ids []fleet.PBXID) (map[fleet.PBXID]fleet.PBXRow, error)
	// PlanTroubles are plans of unknown fate, and diverged ones sent since that no other followed.
	PlanTroubles(ctx context.Context, since time.Time) ([]PlanTrouble, error)
}

// Store keeps notices and messages.
type Store interface {
	OpenNotices(ctx context.Context) ([]Notice, error)
	// KeepSteps stores steps and their messages in one transaction. A message of the event Closed goes
	// to those channels alone that were told before.
	KeepSteps(ctx context.Context, steps []Kept) error
	// DueMessages are waiting messages of a channel whose time has come, oldest first; none that
	// follows one of the same notice which still waits.
	DueMessages(ctx context.Context, c Channel, now time.Time, limit int) ([]Posted, error)
	// KeepMessage stores what became of an attempt, or a test.
	KeepMessage(ctx context.Context, p Posted, e *audit.Entry) error
}

// Kept is a step with the messages that tell it.
type Kept struct {
	Step
	Messages []Posted
}

// Deps is what a Notifier works with. Every field is needed, except Backup and Roots.
type Deps struct {
	Record Record
	Store  Store
	Vault  Vault
	Sealer *seal.Sealer
	// Path judges the webhook path.
	Path func(context.Context) (fleet.PathVerdict, error)
	// SignIn says why YCM is not called any more, or nothing.
	SignIn func() string
	// Backup says why there is no fresh backup and since when, or nothing; nil: backups are nobody's business here.
	Backup func(context.Context) (why string, since time.Time, err error)
	// Confirm asks for a read of a PBX whose drift only a report has told.
	Confirm   func(fleet.PBXID)
	Now       func() time.Time
	VendorNow func() time.Time // the clock by which drift and writes are dated
	Sure      time.Duration    // 0: a minute
	Log       *slog.Logger
	Announce  func(topics ...string)
	Roots     *x509.CertPool // whom TLS trusts; nil: the system's
}

// Notifier tells people what they should hear of.
type Notifier struct {
	d     Deps
	wake  chan struct{}
	turn  sync.Mutex // one evaluation at a time
	asked map[fleet.PBXID]time.Time
	state fleet.PathState // of the webhook path, as open pages know it
	ways  map[Channel]*way
}

// way is one channel's own pace: none waits for another.
type way struct {
	wake chan struct{}
	turn sync.Mutex
	last time.Time // when something was sent last
}

// New checks the dependencies.
func New(d Deps) (*Notifier, error) {
	if d.Record == nil || d.Store == nil || d.Vault == nil || d.Sealer == nil || d.Path == nil || d.SignIn == nil || d.Confirm == nil ||
		d.Now == nil || d.VendorNow == nil || d.Log == nil || d.Announce == nil {
		return nil, errors.New("notify: a field of Deps is nil")
	}
	if d.Sure == 0 {
		d.Sure = sureAfter
	}
	n := &Notifier{d: d, wake: make(chan struct{}, 1), asked: map[fleet.PBXID]time.Time{}, ways: map[Channel]*way{}}
	for _, c := range Channels() {
		n.ways[c] = &way{wake: make(chan struct{}, 1)}
	}
	return n, nil
}

const (
	// lookEvery is how often conditions are judged without a poke: some hold by the passing of time.
	lookEvery = 10 * time.Second
	// restAfter is the least time between two looks: thousands of reports a minute cost a few looks.
	restAfter = time.Second
)

// Poke has the conditions judged soon.
func (n *Notifier) Poke() { nudge(n.wake) }

func nudge(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// Run looks and sends until ctx ends. What an earlier run left waiting is sent first.
func (n *Notifier) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, c := range Channels() {
		all.Go(func() { n.carry(ctx, c) })
	}
	all.Go(func() {
		for {
			if err := n.Look(ctx); err != nil && ctx.Err() == nil {
				n.d.Log.Warn("what people should hear of could not be judged", "error", err)
			}
			sleep(ctx, nil, restAfter)
			if !sleep(ctx, n.wake, lookEvery) {
				return
			}
		}
	})
	all.Wait()
}

// carry sends what is due on one channel.
func (n *Notifier) carry(ctx context.Context, c Channel) {
	for {
		if err := n.Deliver(ctx, c); err != nil && ctx.Err() == nil {
			n.d.Log.Warn("notifications wait", "channel", c, "error", err)
		}
		if !sleep(ctx, n.ways[c].wake, lookEvery) {
			return
		}
	}
}

// sleep waits for d, for a nudge or for the end of ctx, which is what false says.
func sleep(ctx context.Context, wake <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-timer.C:
	}
	return true
}

// Look judges what holds now, stores what is new or over, and has people told.
func (n *Notifier) Look(ctx context.Context) error {
	n.turn.Lock()
	defer n.turn.Unlock()
	held, err := n.conditions(ctx)
	if err != nil {
		return err
	}
	open, err := n.d.Store.OpenNotices(ctx)
	if err != nil {
		return err
	}
	settings, _ := n.readable(ctx)
	channels, now := settings.on(), n.d.Now()
	wants := func(k Kind) bool { return len(channels) > 0 && settings.Common.wants(k) }
	steps := Decide(held, open, wants, now)
	if len(steps) == 0 {
		return nil
	}
	if err := n.bury(ctx, steps); err != nil {
		return err
	}
	kept := make([]Kept, len(steps))
	for i, s := range steps {
		kept[i].Step = s
		if s.Tell == "" {
			continue
		}
		for _, c := range channels {
			m := s.compose(newID(), settings.Common.Base, now)
			kept[i].Messages = append(kept[i].Messages, Posted{Message: m, Channel: c, State: Waiting, MadeAt: now, NextAt: now})
		}
	}
	if err := n.d.Store.KeepSteps(ctx, kept); err != nil {
		return err
	}
	n.d.Announce("notices")
	for _, c := range channels {
		nudge(n.ways[c].wake)
	}
	return nil
}

// bury marks the steps that tell of an end which came with the deletion of the PBX.
func (n *Notifier) bury(ctx context.Context, steps []Step) error {
	var ids []fleet.PBXID
	for _, s := range steps {
		if s.Tell == Closed && s.Notice.PBX != 0 {
			ids = append(ids, s.Notice.PBX)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := n.d.Record.SomePBXs(ctx, ids)
	for i, s := range steps {
		steps[i].Gone = s.Tell == Closed && !rows[s.Notice.PBX].Standing.GoneAt.IsZero()
	}
	return err
}

func newID() string { return "msg_" + strings.ToLower(rand.Text()) }

// conditions gathers the facts. On the way it tells open pages when the webhook path became another,
// which happens by the passing of time too, and has unconfirmed drift read.
func (n *Notifier) conditions(ctx context.Context) ([]Condition, error) {
	f := Facts{Now: n.d.VendorNow(), Sure: n.d.Sure, SignIn: n.d.SignIn()}
	var err error
	if f.Drifted, err = n.d.Record.DriftedPBXs(ctx); err != nil {
		return nil, err
	}
	if f.Plans, err = n.d.Record.PlanTroubles(ctx, f.Now.Add(-7*24*time.Hour)); err != nil {
		return nil, err
	}
	if f.Path, err = n.d.Path(ctx); err != nil {
		return nil, err
	}
	if n.d.Backup != nil {
		if f.Backup, f.BackupSince, err = n.d.Backup(ctx); err != nil {
			return nil, err
		}
	}
	if f.Path.State != n.state {
		n.state = f.Path.State
		n.d.Announce("webhooks")
	}
	held, unsure := Conditions(f)
	n.confirm(f, unsure)
	return held, nil
}

// confirm asks for a read of each unconfirmed drift, once.
func (n *Notifier) confirm(f Facts, unsure []fleet.PBXID) {
	since := make(map[fleet.PBXID]time.Time, len(unsure))
	for _, row := range f.Drifted {
		since[row.ID] = row.Standing.DriftAt
	}
	for _, id := range unsure {
		if !n.asked[id].Equal(since[id]) {
			n.asked[id] = since[id]
			n.d.Confirm(id)
		}
	}
	for id := range n.asked {
		if _, still := since[id]; !still {
			delete(n.asked, id)
		}
	}
}

// sender is one way to send.
type sender interface {
	most() int // messages at once
	send(ctx context.Context, messages []Message) (answer string, err error)
}

func (n *Notifier) sender(s Settings, c Channel) sender {
	if c == ByWebhook {
		return hook{s.Webhook, n.d.Now, n.d.Roots}
	}
	return postman{s.Mail, n.d.Roots}
}

// Deliver sends what is due on one channel. A failure is stored with the time of the next attempt
// and is no error of Deliver.
func (n *Notifier) Deliver(ctx context.Context, c Channel) error {
	w := n.ways[c]
	w.turn.Lock()
	defer w.turn.Unlock()
	for ctx.Err() == nil {
		now := n.d.Now()
		if c == ByMail && !w.last.IsZero() && now.Sub(w.last) < mailGap {
			return nil
		}
		settings, ok := n.readable(ctx)
		if !ok {
			return nil
		}
		s := n.sender(settings, c)
		due, err := n.d.Store.DueMessages(ctx, c, now, s.most())
		if err != nil || len(due) == 0 {
			return err
		}
		if err := n.attempt(ctx, settings, s, due); err != nil {
			return err
		}
		w.last = n.d.Now()
	}
	return nil
}

// attempt sends some messages as one and stores what came of it.
func (n *Notifier) attempt(ctx context.Context, settings Settings, s sender, due []Posted) error {
	c := due[0].Channel
	messages := make([]Message, len(due))
	for i, p := range due {
		messages[i] = p.Message
	}
	var answer string
	var fault error
	off := c == ByWebhook && !settings.Webhook.On || c == ByMail && !settings.Mail.On
	if !off {
		if answer, fault = s.send(ctx, messages); fault != nil && ctx.Err() != nil {
			return nil // the program ends: the next run tries
		}
	}
	now := n.d.Now()
	for _, p := range due {
		p.Attempts++
		wait, again := after(p.Attempts)
		switch {
		case off:
			p.State, p.EndedAt, p.Answer = Failed, now, "The channel was turned off before this was sent."
		case fault == nil:
			p.State, p.EndedAt, p.Answer = Sent, now, answer
		case again:
			p.NextAt, p.Answer = now.Add(wait), sentence(fault)
		default:
			p.State, p.EndedAt, p.Answer = Failed, now, sentence(fault)
		}
		if err := n.d.Store.KeepMessage(ctx, p, nil); err != nil {
			return err
		}
	}
	if fault != nil {
		n.d.Log.Warn("a notification could not be sent", "channel", c, "messages", len(due), "error", fault)
	}
	n.d.Announce("notices")
	return nil
}

// sentence is an error as a sentence.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// Test sends a test message on a channel, at once and once, and says what came of it.
func (n *Notifier) Test(ctx context.Context, by audit.By, c Channel) (Posted, error) {
	settings, err := n.Settings(ctx)
	if err != nil {
		return Posted{}, err
	}
	if w := settings.Webhook; c == ByWebhook && w.URL == "" || c == ByMail && settings.Mail.Host == "" {
		return Posted{}, fleet.Invalid("notify.Test", "Set the channel up and save it, then test it.")
	}
	now := n.d.Now()
	p := Posted{Channel: c, State: Sent, MadeAt: now, NextAt: now, Attempts: 1, Message: Message{
		ID: newID(), Event: Testing, Kind: "test", Key: "test", Title: "A test of Cordboard's notifications",
		Sentence: fmt.Sprintf("%s tried whether notifications arrive. They do.", by.Actor), Since: now, At: now,
	}}
	if settings.Common.Base != "" {
		p.URL = settings.Common.Base + "/settings/notifications"
	}
	e := audit.Entry{Actor: by.Actor, IP: by.IP, Action: audit.NoticeTest, Target: string(c), Outcome: audit.Succeeded}
	if p.Answer, err = n.sender(settings, c).send(ctx, []Message{p.Message}); err != nil {
		p.State, p.Answer = Failed, sentence(err)
		e.Outcome, e.Reason = audit.Failed, p.Answer
	}
	p.EndedAt = n.d.Now()
	e.At = p.EndedAt
	if err := n.d.Store.KeepMessage(context.WithoutCancel(ctx), p, &e); err != nil {
		return p, err
	}
	n.d.Announce("notices")
	return p, nil
}
