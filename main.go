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
	"syscall"
	"time"
	_ "time/tzdata" // the container has no time zones of its own
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
func run(ctx context.Context, c config, log *slog.Logger) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // from here on the second signal is the system's

	if err := c.check(); err != nil {
		return err
	}
	s, err := open(c, log)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	handler, err := wire(ctx, c, s, log)
	if err != nil {
		return errors.Join(fmt.Errorf("wire: %w", err), s.close())
	}
	// Listening comes after migrating: who can connect finds a server that works.
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), s.close())
	}
	log.Info("listening", "address", listener.Addr().String())
	if c.listening != nil {
		c.listening(listener.Addr())
	}
	err = serve(ctx, newServer(handler, log), listener, drainTime, log)
	return errors.Join(err, s.close())
}

// store is what is opened before anything is wired, and closed after everything is drained.
type store struct {
	key   []byte // 32 bytes, for secrets at rest and cookies
	users users  // for the user commands
}

// open makes the data folder if it is missing, loads the key, and opens and migrates the
// database.
func open(c config, log *slog.Logger) (*store, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, err
	}
	key, err := c.loadKey(log)
	if err != nil {
		return nil, err
	}
	return &store{key: key}, nil
}

// close closes what open opened.
func (s *store) close() error { return nil }

// wire builds the handler of the whole server and starts its workers, which end with ctx.
// Long-lived responses end with ctx too: a server that drains does not wait for them.
func wire(ctx context.Context, c config, s *store, log *slog.Logger) (http.Handler, error) {
	mux := http.NewServeMux()
	alive := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", alive)
	return mux, nil
}

// drainTime is what requests under way get when the server stops. A container runtime
// kills after ten seconds by default; what is cut here is settled at the next start.
const drainTime = 8 * time.Second

// newServer sets the limits that keep a slow or endless client from holding the server.
// There is no WriteTimeout: live pages are responses that do not end.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
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
