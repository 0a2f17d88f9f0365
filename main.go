// Command cordboard keeps the memory and the safe hands that the API of Yeastar Central
// Management lacks: every binding's exact history, and no write that nobody reviewed.
//
// Package main wires the other packages together and may import all of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
	_ "time/tzdata" // the container has no time zones of its own

	"github.com/gofrs/flock"

	"cordboard/sync/audit"
	"cordboard/sync/station"
	"cordboard/sync/team"
	"cordboard/web"
)

func main() {
	os.Exit(execute(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// newLog returns the program's log, in the configured form.
func newLog(c config, w io.Writer) *slog.Logger {
	if c.Log == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// run is the server: it opens what is stored, wires the packages, serves, and drains when
// ctx ends or the process gets SIGTERM or SIGINT. A second signal ends the process at once.
// It returns nil when everything under way was finished.
func run(ctx context.Context, c config, log *slog.Logger) (err error) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // from here on the second signal is the system's

	if err := c.check(); err != nil {
		return err
	}
	key, err := open(c, log)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	release, err := c.hold()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	hub := &web.Hub{}
	s, err := assemble(ctx, c, key, hub, log)
	if err != nil {
		return err
	}
	code := team.NewSetupCode()
	handler, err := wire(ctx, c, key, code, s, hub, log)
	if err != nil {
		return errors.Join(fmt.Errorf("wire: %w", err), s.Close())
	}
	// Listening comes after migrating: who can connect finds a server that works.
	listener, err := listen(c.Listen, mostConnections, log)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), s.Close())
	}
	log.Info("listening", "address", listener.Addr().String())
	if err := c.greet(context.WithoutCancel(ctx), s, listener.Addr(), code); err != nil {
		return errors.Join(err, listener.Close(), s.Close())
	}
	s.Start(context.WithoutCancel(ctx)) // workers outlive the signal: what is under way is finished first
	err = serve(ctx, newServer(handler, log), listener, drainTime, log)
	return errors.Join(err, s.Close())
}

// open makes the data folder if it is missing and loads the key.
func open(c config, log *slog.Logger) (key []byte, err error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, err
	}
	return c.loadKey(log)
}

// hold takes the data folder for this server alone, until release or the end of the process: two servers
// would each think that what the other writes was done by somebody else. Commands beside a
// running server don't take it.
func (c config) hold() (release func() error, err error) {
	lock := flock.New(filepath.Join(c.Data, "cordboard.lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock of the data folder: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("another Cordboard serves the data folder %s: end it first, or choose another folder with --data", c.Data)
	}
	return lock.Unlock, nil
}

// database is the file in the data folder that holds everything.
func (c config) database() string { return filepath.Join(c.Data, "cordboard.db") }

// assemble opens the database and wires everything below the web. Without a key nobody is notified.
func assemble(ctx context.Context, c config, key []byte, hub *web.Hub, log *slog.Logger) (*station.Station, error) {
	secrets, err := c.webhookSecrets()
	if err != nil {
		return nil, err
	}
	var old [][]byte
	if key != nil {
		if old, err = c.oldKeys(); err != nil {
			return nil, err
		}
	}
	return station.Open(ctx, station.Config{
		Database: c.database(), WebhookSecrets: secrets, Interval: c.ReconcileInterval, HomeRegion: c.HomeRegion,
		Log: log, Announce: hub.Announce, Backup: c.backups(), Key: key, OldKeys: old, Yeastar: c.yeastar(), Fixed: c.fixed(), Place: c.place(),
	})
}

// wire builds the handler of the whole server. Live streams end with ctx, so that a server that
// drains does not wait for them.
func wire(ctx context.Context, c config, key []byte, code team.SetupCode, s *station.Station, hub *web.Hub, log *slog.Logger) (http.Handler, error) {
	hasher, err := team.NewHasher()
	if err != nil {
		return nil, err
	}
	proxies, err := c.proxies()
	if err != nil {
		return nil, err
	}
	if err := firstAdmin(ctx, c, s, hasher); err != nil {
		return nil, err
	}
	d := web.Deps{
		Fleet:     s.DB,
		Ledger:    s.DB,
		Trunks:    s.DB,
		History:   s.DB,
		Search:    s.DB,
		Plans:     s.DB,
		Drifts:    s.DB,
		JobBook:   s.DB,
		Inbox:     s.DB,
		Passes:    s.DB,
		Notices:   s.DB,
		Record:    s.DB,
		People:    s.DB,
		Sessions:  s.DB,
		Tokens:    s.DB,
		Approvals: s.DB,
		Picker:    s.Cloud,
		Line:      s.Cloud,
		Changer:   s.Changer,
		Bulk:      s.Bulk,
		Life:      s.Life,
		Choices:   s.Choices,
		Batch:     s.Batch,
		Addresses: s.Cloud,
		PBXTrunks: s.PBXs,
		Access:    s.PBXs,
		SIPBook:   s.DB,
		Ingester:  s.Ingester,
		Worker:    s.Worker,
		Jobs:      s.Jobs,
		Notifier:  s.Notifier,
		Door:      s.Door,
		Backups:   s.Backups,
		Watcher:   s.Trunks,
		Hasher:    hasher,
		Factors:   s.Factors,
		Hub:       hub,
		Settings:  s.Settings,
		Doctor:    s,
		Proxies:   proxies,
		Phone:     s.Phone,
		Key:       key, SetupCode: code,
		Lines: s.DB,
		Wide:  s.Wide,
		Now:   time.Now, Log: log, Ready: s.DB.Ready,
	}
	if d.Provider, err = c.provider(); err != nil {
		return nil, err
	}
	return web.New(ctx, d)
}

// greet tells whoever started the program where it listens, and how to make the first user.
func (c config) greet(ctx context.Context, s *station.Station, at net.Addr, code team.SetupCode) error {
	if c.listening != nil {
		c.listening(at)
	}
	has, err := s.DB.HasUsers(ctx)
	if err == nil && !has && c.terminal != nil {
		fmt.Fprintf(c.terminal, "\n  There is no user yet. Open http://%s/setup and enter this code:  %s\n\n", reachable(at.String()), code.Reveal())
	}
	return err
}

// firstAdmin makes the admin of the settings when there is no user yet.
func firstAdmin(ctx context.Context, c config, s *station.Station, hasher *team.Hasher) error {
	has, err := s.DB.HasUsers(ctx)
	if err != nil || has || c.AdminUsername == "" {
		return err
	}
	name, err := team.CleanUsername(c.AdminUsername)
	if err != nil {
		return err
	}
	hash, err := hasher.Hash(ctx, team.Password(c.AdminPassword.Reveal()))
	if err != nil {
		return err
	}
	_, err = s.DB.CreateUser(ctx, team.User{Name: name, Role: team.Admin}, hash, done(audit.UserCreate, name))
	return err
}

// drainTime is what requests under way get when the server stops. A container runtime
// kills after ten seconds by default; what is cut here is settled at the next start.
const drainTime = 8 * time.Second

// newServer sets the limits that keep a slow or endless client from holding the server.
// Live pages are responses that do not end: they set their own limit, message by message.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      10 * time.Minute, // an export over a slow line
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ConnState:         follow,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serve answers requests until ctx ends, then stops listening and lets the requests under
// way finish. Those that need longer than drain are cut, which is an error.
func serve(ctx context.Context, server *http.Server, listener net.Listener, drain time.Duration, log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("draining", "at_most", drain.String())
	timed, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(timed); err != nil {
		return errors.Join(fmt.Errorf("requests were cut after %s: %w", drain, err), server.Close())
	}
	log.Info("stopped")
	return nil
}
