package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"reflect"
	"time"

	"github.com/alecthomas/kong"

	"cordboard/yeastar"
)

// commandLine is the whole command line: the settings and the commands.
type commandLine struct {
	Config      config             `embed:""`
	Serve       serveCommand       `cmd:"" default:"1" help:"Run the server (the default)."`
	Demo        demoCommand        `cmd:"" help:"Run the server against a built-in simulator of the vendor, with a fleet, in a temporary data folder."`
	Healthcheck healthcheckCommand `cmd:"" help:"Exit with 0 when the server at --listen is ready."`
}

// streams are the standard streams of the process, or a test's.
type streams struct {
	in  io.Reader
	out io.Writer // what was asked for
	err io.Writer // log and complaints
}

// execute runs a command line and returns the exit code: 0 done, 1 not.
func execute(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	s := streams{in: in, out: out, err: errs}
	var line commandLine
	ended := false // by --help
	parser, err := newParser(&line, s, func(int) { ended = true })
	if err != nil {
		fmt.Fprintln(s.err, "cordboard:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if ended {
		return 0
	}
	if err == nil {
		parsed.BindTo(ctx, (*context.Context)(nil))
		err = parsed.Run(line.Config, s)
	}
	if err != nil {
		fmt.Fprintln(s.err, "cordboard:", err)
		return 1
	}
	return 0
}

func newParser(line *commandLine, s streams, exit func(int)) (*kong.Kong, error) {
	return kong.New(line,
		kong.Name("cordboard"),
		kong.Description("Safe hands and an exact memory for the numbers of Yeastar Cloud PBXs."),
		kong.Vars{"data": defaultData()},
		kong.TypeMapper(reflect.TypeFor[yeastar.Secret](), kong.MapperFunc(scanSecret)),
		kong.Writers(s.out, s.err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 110}),
	)
}

// scanSecret reads the value of a secret flag or variable; it can not fail on its content,
// so no message ever repeats it.
func scanSecret(from *kong.DecodeContext, to reflect.Value) error {
	var text string
	if err := from.Scan.PopValueInto("secret", &text); err != nil {
		return errors.New("a value is missing")
	}
	to.Set(reflect.ValueOf(yeastar.NewSecret(text)))
	return nil
}

type serveCommand struct{}

// Run is the server.
func (serveCommand) Run(ctx context.Context, c config, s streams) error {
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

type demoCommand struct{}

// The demo's sign-in. Nothing behind it is real, and it ends with the process.
const (
	demoUsername = "demo"
	demoPassword = "nothing-here-is-real"
)

// Run is the server in a temporary data folder, which is removed at the end. Settings for
// the real vendor are ignored: the demo must not reach a real PBX.
func (demoCommand) Run(ctx context.Context, c config, s streams) (err error) {
	c.Data, err = os.MkdirTemp("", "cordboard-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.Data)) }()
	c.Key, c.WebhookSecret, c.YCMClientID, c.YCMClientSecret = yeastar.Secret{}, yeastar.Secret{}, "", yeastar.Secret{}
	c.AdminUsername, c.AdminPassword = demoUsername, yeastar.NewSecret(demoPassword)
	c.listening = func(at net.Addr) {
		fmt.Fprintf(s.out, "\n  Cordboard demo:  http://%s\n  username:        %s\n  password:        %s\n\n  Ctrl-C ends it; nothing is kept.\n\n",
			reachable(at.String()), demoUsername, demoPassword)
	}
	return run(ctx, c, newLog(c, s.err))
}
