package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/team"
)

type serveCommand struct{}

// Run is the server.
func (serveCommand) Run(ctx context.Context, c config, s streams) error {
	c.terminal = s.err
	return run(ctx, c, newLog(c, s.err))
}

type healthcheckCommand struct{}

// healthcheckTime is how long a ready server may take to say so.
const healthcheckTime = 3 * time.Second

// Run asks the server at --listen whether it is ready: nil means yes. A server that listens
// on all addresses is asked on loopback.
func (healthcheckCommand) Run(ctx context.Context, c config, s streams) error {
	if err := setting("listen", checkListen(c.Listen)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(c.Listen)+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy: the server is here
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("healthcheck: the server at %s answers %s", c.Listen, response.Status)
	}
	fmt.Fprintln(s.out, "ready")
	return nil
}

// reachable returns the address to connect to for an address that is listened on.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if address, err := netip.ParseAddr(host); host == "" || err == nil && address.IsUnspecified() {
		host = "127.0.0.1"
		if address.Is6() {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port)
}

// users is what the user commands need of the database. Each change is kept together with
// its audit entry or not at all.
type users interface {
	// CreateUser adds a user; a name that is taken is an error.
	CreateUser(ctx context.Context, u team.User, hash team.PasswordHash, e audit.Entry) (team.User, error)
	// SetPassword replaces the password and ends the user's sessions; an unknown name is an error.
	SetPassword(ctx context.Context, name string, hash team.PasswordHash, e audit.Entry) error
	// Users returns all users by name.
	Users(ctx context.Context) ([]team.User, error)
}

// terminal is the actor of what is done by a command and not in the browser.
const terminal = "terminal"

// done is the audit entry of a user command.
func done(action audit.Action, name string) audit.Entry {
	return audit.Entry{At: time.Now().UTC(), Actor: terminal, Action: action, Target: name, Outcome: audit.Succeeded}
}

type addUserCommand struct {
	Name string
	Role string
}

// Run adds a user to the database in --data, beside a running server too.
func (a addUserCommand) Run(ctx context.Context, c config, s streams) error {
	role, err := team.ParseRole(a.Role)
	if err != nil {
		return err
	}
	return withUsers(ctx, c, s, func(all users) error {
		name, hash, err := newSignIn(ctx, a.Name, s)
		if err != nil {
			return err
		}
		_, err = all.CreateUser(ctx, team.User{Name: name, Role: role}, hash, done(audit.UserCreate, name))
		return err
	})
}

type setPasswordCommand struct {
	Name string
}

// Run replaces the user's password, which ends the user's sessions.
func (p setPasswordCommand) Run(ctx context.Context, c config, s streams) error {
	return withUsers(ctx, c, s, func(all users) error {
		name, hash, err := newSignIn(ctx, p.Name, s)
		if err != nil {
			return err
		}
		return all.SetPassword(ctx, name, hash, done(audit.UserPassword, name))
	})
}

type listUsersCommand struct{}

// Run prints one user a line: name, role.
func (listUsersCommand) Run(ctx context.Context, c config, s streams) error {
	return withUsers(ctx, c, s, func(all users) error {
		found, err := all.Users(ctx)
		if err != nil {
			return err
		}
		for _, u := range found {
			fmt.Fprintf(s.out, "%s\t%s\n", u.Name, u.Role)
		}
		return nil
	})
}

func withUsers(ctx context.Context, c config, s streams, act func(users) error) error {
	return withDatabase(ctx, c, s, func(d *db.DB) error { return act(d) })
}

// withDatabase opens what is stored, migrated if need be, and closes it after act.
func withDatabase(ctx context.Context, c config, s streams, act func(*db.DB) error) error {
	if err := errors.Join(setting("data", checkData(c.Data)), setting("key", c.checkKey()), setting("log", checkLog(c.Log))); err != nil {
		return err
	}
	log := newLog(c, s.err)
	if _, err := open(c, log); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	opened, err := db.Open(ctx, db.Config{Path: c.database(), Log: log})
	if err != nil {
		return err
	}
	return errors.Join(act(opened), opened.Close())
}

// newSignIn checks a typed name and the password on standard input, and returns the name
// as it is stored and the password's hash. The password is the first line, without its end.
func newSignIn(ctx context.Context, typed string, s streams) (string, team.PasswordHash, error) {
	name, err := team.CleanUsername(typed)
	if err != nil {
		return "", "", err
	}
	line, err := bufio.NewReader(io.LimitReader(s.in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", "", fmt.Errorf("read the password from standard input: %w", err)
	}
	password := team.Password(strings.TrimRight(line, "\r\n"))
	if err := team.CheckPassword(name, password); err != nil {
		return "", "", err
	}
	hasher, err := team.NewHasher()
	if err != nil {
		return "", "", err
	}
	hash, err := hasher.Hash(ctx, password)
	return name, hash, err
}
