package station

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cordboard/db"
	"cordboard/sync/backup"
	"cordboard/sync/batch"
	"cordboard/sync/change"
	"cordboard/sync/choices"
	"cordboard/sync/doctor"
	"cordboard/sync/door"
	"cordboard/sync/factor"
	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
	"cordboard/sync/job"
	"cordboard/sync/lines"
	"cordboard/sync/notify"
	"cordboard/sync/observe"
	"cordboard/sync/phone"
	"cordboard/sync/reconcile"
	"cordboard/sync/seal"
	"cordboard/sync/settings"
	"cordboard/sync/trunks"
	"cordboard/sync/upstream"
	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/ycm"
)

// Config says what to wire. Zero durations mean their defaults, but an Interval of zero means
// that no pass starts by itself.
type Config struct {
	Database       string           // path of the file
	Vendor         *ycm.Config      // nil: what the settings say, which may be nothing yet
	WebhookSecrets []yeastar.Secret // none: those that people set in the browser are good
	Interval       time.Duration    // between two passes, where the settings don't say
	HomeRegion     string           // where the settings don't say
	Log            *slog.Logger
	Now            func() time.Time // nil: time.Now
	Backup         backup.Config    // where copies of the database go, and when
	Key            []byte           // of the installation; nil: nobody is notified, and no setting that holds a secret can be read
	OldKeys        [][]byte         // that it replaced: what they sealed is sealed anew at the start

	ReadBack time.Duration   // how long the cloud may take to show a write; 5 s
	Poll     time.Duration   // the first pause while waiting for that; 250 ms
	Lifetime time.Duration   // how long a draft may wait, where the settings don't say; 30 min
	Grace    time.Duration   // how long the report of a change may take before it is missed; 2 min
	Patience change.Patience // how long making and running a PBX waits for the cloud; minutes
	Sure     time.Duration   // how long a drift or an open fate lasts before people are told; 1 min
	Follow   time.Duration   // how long a trunk of a PBX is followed after it was changed; 1 min
	Look     time.Duration   // the pause between two looks at it; 2 s
	Roots    *x509.CertPool  // whom notifications trust; nil: the system's

	// PBXRate is how many calls a minute one PBX gets; 0: five a second.
	PBXRate int
	// TunePBX changes the settings of direct clients of PBXs; nil: nothing.
	TunePBX func(*pseries.Direct)
	// Yeastar is the connection where Vendor and the settings don't say; Fixed are the values that the settings can't
	// change, each with the flag or the variable that gave it.
	Yeastar settings.Yeastar
	Fixed   map[settings.Field]string

	// Place is where it runs, for whoever asks what is wrong with the installation.
	Place doctor.Place

	// Announce tells open pages what changed, by topic.
	Announce func(topics ...string)
}

// Station is the wired whole. Its workers run between Start and Close.
type Station struct {
	DB       *db.DB
	Cloud    *upstream.Cloud
	PBXs     *upstream.PBXAPI
	Observer *observe.Observer
	Changer  *change.Changer
	Bulk     *change.Bulk
	Wide     *change.WideEditor
	Lines    *lines.Watcher
	Ingester *ingest.Ingester
	Worker   *reconcile.Worker
	Trunks   *trunks.Watcher
	Jobs     *job.Runner
	Choices  *choices.Book
	Life     *change.Lifecycle
	Batch    *batch.Batch
	Notifier *notify.Notifier // nil without a key
	Factors  *factor.Keeper   // nil without a key
	Sealer   *seal.Sealer     // nil without a key
	Door     *door.Keeper
	Settings *settings.Book
	Backups  *backup.Keeper
	Phone    phone.Reader

	schedules bool // whether anything is read by itself

	file    string
	place   doctor.Place
	now     func() time.Time
	log     *slog.Logger
	mu      sync.Mutex
	ctx     context.Context // between Start and Close; nil before
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Open opens and migrates the database and wires the rest. Nothing runs yet.
func Open(ctx context.Context, c Config) (*Station, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Announce == nil {
		c.Announce = func(...string) {}
	}
	s := &Station{log: c.Log, file: c.Database, place: c.Place, now: c.Now}
	var err error
	if s.DB, err = db.Open(ctx, db.Config{Path: c.Database, Log: c.Log, Now: c.Now, Unparked: func() { s.Ingester.Wake() }}); err != nil {
		return nil, fmt.Errorf("station: %w", err)
	}
	if err = s.wireKeys(ctx, c); err == nil {
		err = s.readSettings(ctx, &c)
	}
	if err == nil {
		err = s.DB.Start(ctx, s.Phone.Keys, s.Phone.Version())
	}
	if err == nil {
		err = s.wire(c)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("station: %w", err), s.DB.Close())
	}
	return s, nil
}

func (s *Station) wire(c Config) (err error) {
	s.schedules = c.Interval > 0
	pages := c.Announce
	c.Announce = func(topics ...string) {
		pages(topics...)
		if s.Notifier != nil {
			s.Notifier.Poke()
		}
	}
	if s.Observer, err = observe.New(observe.Deps{Cloud: s.Cloud, Ledger: s.DB, Now: c.Now}); err != nil {
		return err
	}
	if err := s.wireAccess(c); err != nil {
		return err
	}
	editor, err := s.trunkEditor(c)
	if err != nil {
		return err
	}
	topics := func(id fleet.PBXID) []string { return []string{"fleet", "pbx:" + id.String()} }
	s.Changer, err = change.New(change.Deps{
		Looker: s.Observer, Reader: s.Cloud, Writer: s.Cloud, Journal: s.DB, Open: s.DB, Directory: s.DB, Guard: s.Settings.Current().Guard.Plan(),
		Approvals: s.DB,
		Now:       c.Now, VendorNow: s.Cloud.VendorNow, Log: c.Log,
		Announce: func(id fleet.PBXID, p fleet.PlanID) {
			c.Announce(append(topics(id), "plans", "plan:"+string(p))...)
		},
		Trunks:   editor,
		ReadBack: or(c.ReadBack, 5*time.Second), Poll: or(c.Poll, 250*time.Millisecond), Lifetime: c.Lifetime,
	})
	if err != nil {
		return err
	}
	if err := s.wireLines(c); err != nil {
		return err
	}
	s.Trunks, err = trunks.New(trunks.Deps{
		Cloud: statuses{s.Cloud}, Catalogue: s.DB, Now: c.Now, Log: c.Log, Changed: func() { c.Announce("trunks") },
	})
	if err != nil {
		return err
	}
	s.Bulk, err = change.NewBulk(change.BulkDeps{
		Changer: s.Changer, Journal: s.DB, Directory: s.DB, Register: s.DB, Shelf: s.DB, Same: s.Phone.Same, Show: s.Phone.Pretty, Now: c.Now, Log: c.Log,
	})
	if err != nil {
		return err
	}
	if s.Worker, err = s.worker(c, topics); err != nil {
		return err
	}
	s.Ingester, err = ingest.New(ingest.Deps{
		Inbox: inbox{s.DB}, Vendor: upstream.NewWebhook(s.Door), Path: s.DB,
		Now: c.Now, VendorNow: s.Cloud.VendorNow, Grace: or(c.Grace, 2*time.Minute), Log: c.Log,
		Moved: func(id fleet.PBXID, ask bool) {
			if ask {
				s.Worker.Ask(id)
			}
			c.Announce(topics(id)...)
		},
		Stranger:  func(string) { s.Worker.AskCatalogue() },
		Delivered: func() { c.Announce("webhooks") },
	})
	if err != nil {
		return err
	}
	s.Jobs, err = job.NewRunner(job.Deps{
		Store: s.DB, Works: s.works(), Now: c.Now, Log: c.Log,
		Announce: func(id job.ID) { c.Announce("jobs", "job:"+string(id)) },
	})
	if err != nil {
		return err
	}
	if s.Backups, err = backup.New(backup.Deps{Store: s.DB, Config: c.Backup, Now: c.Now, Log: c.Log, Announce: c.Announce}); err != nil {
		return err
	}
	if err := s.wireNotices(c, pages); err != nil {
		return err
	}
	s.Settings.Follow(s.apply)
	return s.wireLife(c)
}

// works says who carries out which kind of job.
func (s *Station) works() map[job.Kind]job.Work {
	return map[job.Kind]job.Work{
		job.BulkBindings: s.Bulk.Work,
		job.EditTrunks:   s.Wide.Work,
		job.MoveNumbers:  s.Changer.Moves(),
		job.CreatePBXs:   func(ctx context.Context, r *job.Run) error { return s.Batch.Work(ctx, r) },
		job.CreatePBX:    func(ctx context.Context, r *job.Run) error { return s.Life.CreatePBX(ctx, r) },
		job.ChangePBX:    func(ctx context.Context, r *job.Run) error { return s.Life.ChangePBX(ctx, r) },
	}
}

// context is what works until Close; nil before Start.
func (s *Station) context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx == nil || s.ctx.Err() != nil {
		return nil
	}
	return s.ctx
}

// settleEvery is how often plans of unknown fate are looked at again.
const settleEvery = 30 * time.Second

// packEvery is how often digested bodies are packed, and packAtOnce how many at a time.
const (
	packEvery  = 10 * time.Second
	packAtOnce = 500
)

// Start settles what the last run left open, and lets the workers run until Close.
func (s *Station) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(ctx)
	s.mu.Lock()
	s.ctx = ctx
	s.mu.Unlock()
	s.running.Go(func() { s.Ingester.Run(ctx) })
	s.running.Go(func() { s.Worker.Run(ctx) })
	s.running.Go(func() { s.Trunks.Run(ctx) })
	if s.schedules {
		s.running.Go(func() { s.Lines.Run(ctx) })
	}
	s.running.Go(func() { s.followAll(ctx) })
	s.running.Go(func() { s.settle(ctx) })
	s.running.Go(func() { s.pack(ctx) })
	s.running.Go(func() { s.takeUp(ctx) })
	s.running.Go(func() { s.keepUses(ctx) })
	s.running.Go(func() { s.Backups.Run(ctx) })
	if s.Notifier != nil {
		s.running.Go(func() { s.Notifier.Run(ctx) })
	}
	s.Jobs.Start(ctx)
}

func (s *Station) settle(ctx context.Context) {
	if err := s.Changer.Recover(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("a plan of the last run has no known outcome yet", "error", err)
	}
	every(ctx, settleEvery, func() {
		s.DB.ExpireDrafts(ctx)
		if err := s.Changer.Settle(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("a plan has no known outcome yet", "error", err)
		}
	})
}

func (s *Station) pack(ctx context.Context) {
	every(ctx, packEvery, func() {
		if _, err := s.DB.Pack(ctx, packAtOnce); err != nil && ctx.Err() == nil {
			s.log.Warn("stored deliveries could not be packed", "error", err)
		}
	})
}

// takeUpEvery is how often deliveries that were left lying are looked through.
const takeUpEvery = time.Minute

func (s *Station) takeUp(ctx context.Context) {
	look := func() {
		n, err := s.Ingester.TakeUp(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("deliveries that were left lying could not be taken up", "error", err)
		}
		if n > 0 {
			s.log.Info("deliveries are digested once more: what was wrong with them is gone, or may be", "deliveries", n)
		}
	}
	look()
	every(ctx, takeUpEvery, look)
}

func every(ctx context.Context, d time.Duration, do func()) {
	ticker := time.NewTicker(d)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			do()
		}
	}
}

// Close ends the workers and closes the database.
func (s *Station) Close() error {
	if s.stop != nil {
		s.stop()
		s.Jobs.Wait()
	}
	s.running.Wait()
	s.releasePBXs()
	return s.DB.Close()
}

func or(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
