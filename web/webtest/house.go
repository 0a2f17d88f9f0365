package webtest

import (
	"cmp"
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/backup"
	"cordboard/sync/change"
	"cordboard/sync/factor"
	"cordboard/sync/fleet"
	"cordboard/sync/seal"
	"cordboard/sync/settings"
	"cordboard/sync/sso"
	"cordboard/sync/station"
	"cordboard/sync/team"
	"cordboard/web"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

// WebhookSecret signs the simulator's reports.
const WebhookSecret = "0123456789abcdef0123456789abcdef"

// Password is everybody's.
const Password = "a long enough password"

// passwordHash is of [Password], as cheap as argon2id can be: hundreds of tests sign in.
const passwordHash = "$argon2id$v=19$m=8,t=1,p=1$4+0Yl1jR7+fIp2nJ70KQYQ$LnsNMJyAmJIPJ+xA4TG0p9Or9En/arwMNOzSRvyF+BM"

// patient ends a test that hangs; no test waits for it to pass.
const patient = 20 * time.Second

// House is a running Cordboard and its cloud.
type House struct {
	*station.Station
	Sim *yeastartest.Server
	Hub *web.Hub
	URL string // "http://127.0.0.1:41234"
	// Handler is what serves at URL: for requests from elsewhere than loopback.
	Handler http.Handler
	// Path of the database file.
	Path string
	// Code opens /setup in a house without users.
	Code team.SetupCode

	t testing.TB
	c Config
}

// Config changes what New builds. The zero value is a fleet that everybody knows, read once.
type Config struct {
	// Fleet fills the simulator; nil is [Acme].
	Fleet func(*yeastartest.Server)
	// Unread leaves out the first pass: nothing is known yet.
	Unread bool
	// Unconnected starts without credentials for the vendor.
	Unconnected bool
	// Lifetime of a draft; 0 is the program's own.
	Lifetime time.Duration
	// Assumptions of the simulator; its rate limit is off in any case.
	Assumptions yeastartest.Assumptions
	// HomeRegion reads national numbers; "" reads none.
	HomeRegion string
	// Database is an existing file, with its users; empty is a fresh one.
	Database string
	// NoUsers leaves the first user to /setup.
	NoUsers bool
	// WebhookSecrets are accepted at the door, fixed; nil is [WebhookSecret] alone. An empty list leaves them to the browser.
	WebhookSecrets []string
	// Now is the clock of the pages and of sign-ins; nil is time.Now.
	Now func() time.Time
	// Grace and Sure are the station's: how long a report may take, and a drift must last.
	Grace, Sure time.Duration
	// Patience of what makes and runs PBXs; what is 0 is the program's own.
	Patience change.Patience
	// Provider is where people sign in too; nil: nowhere.
	Provider *sso.Provider
	// Roots are whom notifications trust; nil: the system's.
	Roots *x509.CertPool
	// Fixed are settings that the start gave.
	Fixed map[settings.Field]string
	// Proxies are trusted.
	Proxies []netip.Prefix
	// Log of everything; nil keeps none.
	Log *slog.Logger
}

func (c *Config) complete() {
	c.Assumptions.NoRateLimit = true
	c.Assumptions.SIP.Settle = cmp.Or(c.Assumptions.SIP.Settle, 50*time.Millisecond)
	if c.Fleet == nil {
		c.Fleet = Acme
	}
	if c.WebhookSecrets == nil {
		c.WebhookSecrets = []string{WebhookSecret}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// New starts a house with the users viewer, operator and admin, and closes it when the test ends.
func New(t testing.TB, c Config) *House {
	t.Helper()
	c.complete()
	h := &House{t: t, c: c, Hub: &web.Hub{}, Code: team.NewSetupCode(), Path: c.Database}
	if h.Path == "" {
		h.Path = dbtest.File(t)
	}
	h.Sim = yeastartest.Start(t, yeastartest.Config{Assumptions: c.Assumptions, Webhooks: yeastartest.WebhookPolicy{ResendDelay: 5 * time.Millisecond}})
	c.Fleet(h.Sim)
	h.open()
	h.serve()
	if !c.NoUsers && c.Database == "" {
		for _, role := range team.Roles() {
			h.addUser(role)
		}
	}
	if !c.Unread && !c.Unconnected {
		h.Sweep()
	}
	return h
}

func (h *House) open() {
	h.t.Helper()
	c := h.c
	sc := station.Config{
		Database: h.Path, HomeRegion: c.HomeRegion, Log: c.Log, ReadBack: 600 * time.Millisecond, Poll: 10 * time.Millisecond, Lifetime: c.Lifetime, Follow: 3 * time.Second, Look: 100 * time.Millisecond,
		PBXRate: 1_000_000, Announce: h.Hub.Announce, Key: theKey(), Grace: c.Grace, Sure: c.Sure, Roots: c.Roots, Fixed: c.Fixed, Patience: c.Patience,
	}
	sc.Backup = backup.Config{Folder: filepath.Join(filepath.Dir(h.Path), "backups"), Keep: 2}
	for _, secret := range c.WebhookSecrets {
		sc.WebhookSecrets = append(sc.WebhookSecrets, yeastar.NewSecret(secret))
	}
	if !c.Unconnected {
		sc.Vendor = &ycm.Config{
			BaseURL: h.Sim.URL(), ClientID: yeastartest.DefaultClientID, ClientSecret: yeastar.NewSecret(yeastartest.DefaultClientSecret),
			RatePerMinute: 1_000_000, MaxInFlight: 8, Log: c.Log, ReadTimeout: 20 * time.Second, WriteTimeout: 1500 * time.Millisecond, RetryBase: time.Millisecond,
		}
	}
	s, err := station.Open(h.t.Context(), sc)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Station = s
}

// theKey is the installation's.
func theKey() []byte { return []byte(strings.Repeat("k", 32)) }

func (h *House) serve() {
	h.t.Helper()
	hasher, err := team.NewHasher()
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, drain := context.WithCancel(context.WithoutCancel(h.t.Context()))
	handler, err := web.New(ctx, web.Deps{
		Fleet:     h.DB,
		Ledger:    h.DB,
		Trunks:    h.DB,
		History:   h.DB,
		Search:    h.DB,
		Plans:     h.DB,
		Drifts:    h.DB,
		JobBook:   h.DB,
		Inbox:     h.DB,
		Passes:    h.DB,
		Notices:   h.DB,
		Record:    h.DB,
		People:    h.DB,
		Sessions:  h.DB,
		Tokens:    h.DB,
		Approvals: h.DB,
		Picker:    h.Cloud,
		Line:      h.Cloud,
		Changer:   h.Changer,
		Bulk:      h.Bulk,
		Life:      h.Life,
		Choices:   h.Choices,
		Batch:     h.Batch,
		Addresses: h.Cloud,
		PBXTrunks: h.PBXs,
		Access:    h.PBXs,
		SIPBook:   h.DB,
		Lines:     h.DB,
		Wide:      h.Wide,
		Ingester:  h.Ingester,
		Worker:    h.Worker,
		Jobs:      h.Jobs,
		Notifier:  h.Notifier,
		Door:      h.Door,
		Backups:   h.Backups,
		Watcher:   h.Trunks,
		Hasher:    hasher,
		Factors:   h.factors(),
		Provider:  h.c.Provider,
		Hub:       h.Hub,
		Settings:  h.Settings,
		Doctor:    h.Station,
		Proxies:   h.c.Proxies,
		Phone:     h.Phone,
		Key:       theKey(), SetupCode: h.Code,
		Now: h.c.Now, Log: h.c.Log, Ready: h.DB.Ready,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	h.URL, h.Handler = server.URL, handler
	h.Start(ctx)
	if err := h.Sim.AddWebhook(h.URL+"/hooks/ycm", append(h.c.WebhookSecrets, WebhookSecret)[0]); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		drain()
		server.Close()
		if err := h.Close(); err != nil {
			h.t.Error(err)
		}
	})
}

// factors go by the clock of sign-ins.
func (h *House) factors() *factor.Keeper {
	h.t.Helper()
	sealer, err := seal.New(theKey())
	if err != nil {
		h.t.Fatal(err)
	}
	keeper, err := factor.New(h.DB, sealer, h.c.Now)
	if err != nil {
		h.t.Fatal(err)
	}
	return keeper
}

func (h *House) addUser(role team.Role) {
	h.t.Helper()
	e := audit.Entry{At: time.Now(), Actor: "test", Action: audit.UserCreate, Target: string(role), Outcome: audit.Succeeded}
	if _, err := h.DB.CreateUser(h.t.Context(), team.User{Name: string(role), Role: role}, passwordHash, e); err != nil {
		h.t.Fatal(err)
	}
}

// Sweep has the worker read everything.
func (h *House) Sweep() {
	h.t.Helper()
	if r, err := h.Worker.RunOnce(h.t.Context()); err != nil || !r.Complete {
		h.t.Fatalf("pass: %+v, %v", r, err)
	}
}

// Settled waits until every report of the simulator was delivered and digested.
func (h *House) Settled() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patient)
	defer cancel()
	if err := h.Sim.WaitIdle(ctx); err != nil {
		h.t.Fatal(err)
	}
	h.Eventually("every delivery is digested", func() bool {
		counts, err := h.DB.DeliveryCounts(ctx)
		return err == nil && counts[fleet.DeliveryStored] == 0
	})
}

// Eventually waits until ok says yes.
func (h *House) Eventually(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	h.t.Fatalf("it never came true that %s", what)
}

// Bound is what the cloud holds for a PBX.
func (h *House) Bound(id fleet.PBXID) fleet.BindingSet {
	var pairs []fleet.Binding
	for _, b := range h.Sim.Bindings(int64(id)) {
		pairs = append(pairs, fleet.Binding{Trunk: fleet.TrunkID(b.Trunk), DID: fleet.DIDID(b.DID)})
	}
	return fleet.NewBindingSet(pairs...)
}
