package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/backup"
	"cordboard/sync/batch"
	"cordboard/sync/change"
	"cordboard/sync/choices"
	"cordboard/sync/door"
	"cordboard/sync/factor"
	"cordboard/sync/ingest"
	"cordboard/sync/job"
	"cordboard/sync/notify"
	"cordboard/sync/phone"
	"cordboard/sync/reconcile"
	"cordboard/sync/settings"
	"cordboard/sync/sso"
	"cordboard/sync/team"
	"cordboard/sync/trunks"
)

// Deps is what the server works with. Every field is needed, except where it says otherwise.
type Deps struct {
	Fleet    Fleet
	Ledger   Ledger
	Trunks   Trunks
	History  History
	Search   Search
	Plans    Plans
	JobBook  JobBook
	Drifts   Drifts
	Inbox    Inbox
	Passes   Passes
	Notices  Notices
	Record   Record
	People   People
	Sessions Sessions
	Tokens   Tokens

	Approvals Approvals

	Picker Picker
	Line   Line

	Addresses Addresses
	PBXTrunks PBXTrunks
	Access    Access
	SIPBook   SIPBook
	Lines     FleetTrunks
	Wide      *change.WideEditor

	Changer  *change.Changer
	Life     *change.Lifecycle
	Choices  *choices.Book
	Batch    *batch.Batch
	Bulk     *change.Bulk
	Ingester *ingest.Ingester
	Worker   *reconcile.Worker
	Jobs     *job.Runner
	Notifier *notify.Notifier
	Door     *door.Keeper
	Backups  *backup.Keeper
	Hasher   *team.Hasher
	Factors  *factor.Keeper  // second factors
	Provider *sso.Provider   // single sign-on; nil: there is none
	Watcher  *trunks.Watcher // reads how trunks stand
	Hub      *Hub
	Settings *settings.Book
	Doctor   Doctor
	Proxies  []netip.Prefix // whose word on who calls is taken; none: nobody's
	Phone    phone.Reader   // how numbers are shown

	Key       []byte         // 32 bytes: cookies are signed and encrypted with keys made from it
	SetupCode team.SetupCode // opens /setup while there is no user
	Now       func() time.Time
	Log       *slog.Logger
	// Ready reports whether the database answers.
	Ready func(context.Context) error
}

func (d Deps) check() error {
	switch {
	case d.Fleet == nil,
		d.Ledger == nil,
		d.Trunks == nil,
		d.History == nil,
		d.Search == nil,
		d.Plans == nil,
		d.Drifts == nil,
		d.JobBook == nil,
		d.Inbox == nil,
		d.Passes == nil,
		d.Notices == nil,
		d.Record == nil,
		d.People == nil,
		d.Sessions == nil,
		d.Tokens == nil,
		d.Approvals == nil,
		d.Line == nil,
		d.Addresses == nil,
		d.PBXTrunks == nil,
		d.Access == nil,
		d.SIPBook == nil,
		d.Lines == nil,
		d.Wide == nil,
		d.Passes == nil,
		d.Picker == nil:
		return errors.New("web: a port of Deps is nil")
	case d.Changer == nil,
		d.Life == nil,
		d.Choices == nil,
		d.Batch == nil,
		d.Bulk == nil,
		d.Ingester == nil,
		d.Worker == nil,
		d.Jobs == nil,
		d.Notifier == nil,
		d.Door == nil,
		d.Backups == nil,
		d.Watcher == nil,
		d.Hasher == nil,
		d.Factors == nil,
		d.Hub == nil,
		d.Settings == nil,
		d.Doctor == nil:
		return errors.New("web: a use case of Deps is nil")
	case d.Now == nil, d.Log == nil, d.Ready == nil, len(d.Key) != 32:
		return errors.New("web: a setting of Deps is missing")
	}
	return nil
}

// Server is the whole handler.
type Server struct {
	Deps
	sessions *sessionStore
	throttle team.Throttle
	metrics  *metrics
	book     phoneBook
	looks    looks
	refusals refusals
	large    chan struct{}   // a place for each large delivery under way
	first    sync.Mutex      // held while the first user is made: the code is good for one
	stop     context.Context // ends when the server drains: live streams end with it
}

// New builds the handler. Streams end with ctx.
func New(ctx context.Context, d Deps) (http.Handler, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	store, err := newSessionStore(d.Key, d.Sessions, d.Now)
	if err != nil {
		return nil, err
	}
	s := &Server{Deps: d, sessions: store, metrics: newMetrics(), stop: ctx, large: make(chan struct{}, largeAtOnce)}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.answerError
	e.IPExtractor = callers(d.Proxies)
	e.Use(s.observe, wrongMethod, s.authenticate)
	for _, r := range s.routes() {
		e.Add(r.method, r.path, s.guard(r))
		if r.method == http.MethodGet {
			e.Add(http.MethodHead, r.path, s.guard(r)) // net/http leaves the body out
		}
	}
	small, err := compress(e)
	if err != nil {
		return nil, err
	}
	return s.shield(small), nil
}
