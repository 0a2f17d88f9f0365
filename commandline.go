package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cordboard/sync/team"
	"cordboard/yeastar"
)

// commandLine is what the arguments and the environment say: the settings, the options that single
// commands have, and the words that are no flags.
type commandLine struct {
	Config  config
	Role    string
	Expires time.Duration
	JSON    bool
	Head    string
	words   []string
	used    []string // flags given as arguments
}

// streams are the standard streams of the process, or a test's.
type streams struct {
	in  io.Reader
	out io.Writer // what was asked for
	err io.Writer // log and complaints
}

// command is one thing that the program does.
type command struct {
	words   string // as typed: "user add"
	operand string // the word that must follow, or empty
	flag    string // an option that this command has, or empty
	also    string // another one, which may be left out
	needed  bool   // the option must be given
	help    string
	run     func(context.Context, commandLine, string, streams) error
}

func commands() []command {
	return []command{
		{words: "serve", help: "Run the server (the default).",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return serveCommand{}.Run(ctx, l.Config, s)
			}},
		{words: "demo", help: "Run the server against a built-in simulator of the vendor, with a fleet, in a temporary data folder.",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return demoCommand{}.Run(ctx, l.Config, s)
			}},
		{words: "healthcheck", help: "Exit with 0 when the server at --listen is ready.",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return healthcheckCommand{}.Run(ctx, l.Config, s)
			}},
		{words: "reconcile", flag: "json", help: "Do one pass over the fleet; exit with 0 in sync, 2 when drift was found, 1 on an error.",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return reconcileCommand{JSON: l.JSON}.Run(ctx, l.Config, s)
			}},
		{words: "verify", flag: "head", help: "Hold the record against its evidence: the audit chain, and history against the raw inbox.",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return verifyCommand{Head: l.Head}.Run(ctx, l.Config, s)
			}},
		{words: "backup", operand: "FILE", help: "Write a consistent copy of the database, while the server runs too.",
			run: func(ctx context.Context, l commandLine, file string, s streams) error {
				return backupCommand{File: file}.Run(ctx, l.Config, s)
			}},
		{words: "doctor", flag: "json", help: "Say what is wrong with this installation and how to mend it; exit with 1 when something is.",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return doctorCommand{JSON: l.JSON}.Run(ctx, l.Config, s)
			}},
		{words: "key rotate", help: "Make a new key for secrets at rest, and seal everything anew with it; the server must not run.",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return rotateKeyCommand{}.Run(ctx, l.Config, s)
			}},
		{words: "restore", operand: "FILE", help: "Put a backup in place of the database, which stays beside it; the server must not run.",
			run: func(ctx context.Context, l commandLine, file string, s streams) error {
				return restoreCommand{File: file}.Run(ctx, l.Config, s)
			}},
		{words: "user add", operand: "NAME", flag: "role", needed: true, help: "Add a user; the password is read from standard input.",
			run: func(ctx context.Context, l commandLine, name string, s streams) error {
				return addUserCommand{Name: name, Role: l.Role}.Run(ctx, l.Config, s)
			}},
		{words: "user passwd", operand: "NAME", help: "Give a user a new password, read from standard input.",
			run: func(ctx context.Context, l commandLine, name string, s streams) error {
				return setPasswordCommand{Name: name}.Run(ctx, l.Config, s)
			}},
		{words: "token add", operand: "NAME", flag: "role", also: "expires", needed: true, help: "Make an API token and print it, this once.",
			run: func(ctx context.Context, l commandLine, name string, s streams) error {
				return addTokenCommand{Name: name, Role: l.Role, Expires: l.Expires}.Run(ctx, l.Config, s)
			}},
		{words: "token list", help: "List the API tokens: name, role, owner, end, last use.",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return listTokensCommand{}.Run(ctx, l.Config, s)
			}},
		{words: "token revoke", operand: "NAME", help: "End an API token at once.",
			run: func(ctx context.Context, l commandLine, name string, s streams) error {
				return revokeTokenCommand{Name: name}.Run(ctx, l.Config, s)
			}},
		{words: "user list", help: "List the users and their roles.",
			run: func(ctx context.Context, l commandLine, _ string, s streams) error {
				return listUsersCommand{}.Run(ctx, l.Config, s)
			}},
	}
}

// execute runs a command line and returns the exit code: 0 done, 1 not.
func execute(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	s := streams{in: in, out: out, err: errs}
	line, err := parseLine(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprint(s.out, help())
		return 0
	}
	if err == nil {
		err = line.run(ctx, s)
	}
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	if err != nil {
		fmt.Fprintln(s.err, "cordboard:", plain(err))
		return 1
	}
	return 0
}

// plain returns what a person at the terminal needs of an error: the sentence of a broken
// rule, else the whole chain.
func plain(err error) string {
	if broken := (*team.RuleError)(nil); errors.As(err, &broken) {
		return broken.Msg
	}
	return err.Error()
}

// parseLine reads the arguments, and the environment for every setting that they don't give.
func parseLine(args []string) (commandLine, error) {
	var line commandLine
	flags := line.flags()
	if err := flags.Parse(args); err != nil {
		return line, err
	}
	line.Config.given = map[string]string{}
	flags.Visit(func(f *pflag.Flag) {
		line.used = append(line.used, f.Name)
		line.Config.given[f.Name] = "--" + f.Name
	})
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		text, set := os.LookupEnv(variable(f.Name))
		if f.Changed || !set || isOption(f.Name) {
			return
		}
		line.Config.given[f.Name] = variable(f.Name)
		if err := f.Value.Set(text); err != nil {
			errs = append(errs, setting(f.Name, err))
		}
	})
	line.words = flags.Args()
	return line, errors.Join(errs...)
}

// flags are all settings, and the options of single commands.
func (l *commandLine) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("cordboard", pflag.ContinueOnError)
	f.SortFlags = false
	f.Usage = func() {}
	l.Config.register(f)
	f.StringVar(&l.Role, "role", "", "What the user may do: `viewer`, operator or admin (user add), or the token (token add).")
	f.DurationVar(&l.Expires, "expires", team.TokenDefault, "How long a token works (token add).")
	f.BoolVar(&l.JSON, "json", false, "Print the report as JSON (reconcile, doctor).")
	f.StringVar(&l.Head, "head", "", "A `HEAD` of the audit log that was kept elsewhere: rows cut off since show (verify).")
	return f
}

// isOption tells the options of single commands from settings, which have a variable each.
func isOption(flag string) bool {
	return slices.Contains([]string{"role", "expires", "json", "head"}, flag)
}

// run finds the command that the words name, and runs it.
func (l commandLine) run(ctx context.Context, s streams) error {
	typed := strings.Join(l.words, " ")
	if typed == "" {
		typed = "serve"
	}
	for _, c := range commands() {
		rest, ok := strings.CutPrefix(typed+" ", c.words+" ")
		if !ok {
			continue
		}
		operand := strings.TrimSpace(rest)
		if err := c.fits(l, operand); err != nil {
			return err
		}
		return c.run(ctx, l, operand, s)
	}
	return fmt.Errorf("there is no command %q; see --help", typed)
}

// fits says what a command misses, or has too much of.
func (c command) fits(l commandLine, operand string) error {
	switch {
	case c.operand == "" && operand != "":
		return fmt.Errorf("%s takes no %q", c.words, operand)
	case c.operand != "" && operand == "":
		return fmt.Errorf("%s needs a %s", c.words, c.operand)
	case c.needed && !slices.Contains(l.used, c.flag):
		return fmt.Errorf("%s needs --%s", c.words, c.flag)
	}
	for _, flag := range l.used {
		if isOption(flag) && flag != c.flag && flag != c.also {
			return fmt.Errorf("%s has no --%s", c.words, flag)
		}
	}
	return nil
}

func help() string {
	var b strings.Builder
	b.WriteString("Safe hands and an exact memory for the numbers of Yeastar Cloud PBXs.\n\nUsage: cordboard [COMMAND] [FLAGS]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-18s %s\n", strings.TrimSpace(c.words+" "+c.operand), c.help)
	}
	b.WriteString("\nFlags, each with the variable that sets it too; flags win:\n")
	var line commandLine
	b.WriteString(line.flags().FlagUsagesWrapped(110))
	return b.String()
}

// variable is the environment variable of a setting.
func variable(flag string) string {
	return "CORDBOARD_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// register makes a flag of every setting.
func (c *config) register(f *pflag.FlagSet) {
	text := func(to *string, name, otherwise, help string) {
		f.StringVar(to, name, otherwise, help+" [$"+variable(name)+"]")
	}
	secret := func(to *yeastar.Secret, name, help string) {
		f.Var(secretFlag{to}, name, help+" [$"+variable(name)+"]")
	}
	text(&c.Listen, "listen", "127.0.0.1:8080", "`ADDRESS` to serve on.")
	text(&c.Data, "data", defaultData(), "Data `FOLDER`; the database is cordboard.db in it.")
	text(&c.YCMURL, "ycm-url", "https://ycm.yeastar.com", "`URL` of Yeastar Central Management. http:// only for loopback addresses.")
	text(&c.YCMClientID, "ycm-client-id", "", "Client `ID` of the YCM API.")
	secret(&c.YCMClientSecret, "ycm-client-secret", "Client `SECRET` of the YCM API.")
	f.IntVar(&c.YCMRate, "ycm-rate", 100, "Requests per minute towards YCM. [$"+variable("ycm-rate")+"]")
	secret(&c.WebhookSecret, "webhook-secret", "`SECRET` of the webhook's signature; two with a comma during a rotation.")
	text(&c.AdminUsername, "admin-username", "", "`NAME` of the first admin, made when there is no user yet; else the setup page does.")
	secret(&c.AdminPassword, "admin-password", "`PASSWORD` of the first admin.")
	secret(&c.Key, "key", "32 bytes in `BASE64` for secrets at rest and cookies, older ones behind it with commas; else made once in the data folder.")
	f.DurationVar(&c.ReconcileInterval, "reconcile-interval", defaultInterval, "Time between two passes of the sync worker; 0 means never by itself. [$"+variable("reconcile-interval")+"]")
	text(&c.BackupDir, "backup-dir", "", "`FOLDER` for backups, better on another disk; else backups in the data folder.")
	f.DurationVar(&c.BackupEvery, "backup-every", 24*time.Hour, "Time between two backups; 0 means only when asked. [$"+variable("backup-every")+"]")
	f.IntVar(&c.BackupKeep, "backup-keep", 7, "How many backups stay. [$"+variable("backup-keep")+"]")
	text(&c.HomeRegion, "home-region", "", "ISO `COUNTRY`, such as AT, whose national forms of numbers are understood.")
	text(&c.OIDC.Issuer, "oidc-issuer", "", "`URL` of the OpenID Connect provider for single sign-on; none by default.")
	text(&c.OIDC.ClientID, "oidc-client-id", "", "Client `ID` at the provider.")
	secret(&c.OIDC.ClientSecret, "oidc-client-secret", "Client `SECRET` at the provider; empty for a public client.")
	text(&c.OIDC.GroupsClaim, "oidc-groups-claim", "groups", "`CLAIM` of the ID token that lists a person's groups.")
	text(&c.OIDC.AdminGroup, "oidc-admin-group", "", "`GROUP` whose members are admins; several with commas.")
	text(&c.OIDC.OperatorGroup, "oidc-operator-group", "", "`GROUP` whose members are operators.")
	text(&c.OIDC.ViewerGroup, "oidc-viewer-group", "", "`GROUP` whose members are viewers.")
	f.StringSliceVar(&c.TrustedProxies, "trusted-proxies", nil, "`ADDRESSES` and networks of proxies, with commas, whose X-Forwarded-For is believed. [$"+variable("trusted-proxies")+"]")
	text(&c.Log, "log", "text", "`FORM` of the log on standard error: text or json.")
}

// secretFlag reads a secret; it can't fail on its content, so no message ever repeats it.
type secretFlag struct{ to *yeastar.Secret }

// Set takes the text.
func (s secretFlag) Set(text string) error {
	*s.to = yeastar.NewSecret(text)
	return nil
}

// String never tells.
func (s secretFlag) String() string { return "" }

// Type names the kind of value for the help.
func (s secretFlag) Type() string { return "secret" }
