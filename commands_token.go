package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/team"
)

type addTokenCommand struct {
	Name    string
	Role    string
	Expires time.Duration
}

// Run makes a token for scripts and prints it alone on standard output: nobody can show it again. It
// belongs to nobody, so that it outlives whoever made it.
func (a addTokenCommand) Run(ctx context.Context, c config, s streams) error {
	role, err := team.ParseRole(a.Role)
	if err != nil {
		return err
	}
	if err := team.CheckToken(a.Name, role, team.Admin, a.Expires); err != nil {
		return err
	}
	return withDatabase(ctx, c, s, func(d *db.DB) error {
		t, key := team.NewToken(a.Name, role, team.User{}, time.Now(), a.Expires)
		e := done(audit.TokenCreate, a.Name)
		e.After = []byte(fmt.Sprintf(`{"role":%q,"expires_at":%q}`, role, t.ExpiresAt.Format(time.RFC3339)))
		if err := d.SaveToken(ctx, t, key.Hash(), e); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, key.Reveal())
		return err
	})
}

type listTokensCommand struct{}

// Run prints one token a line: name, role, owner, when it expires and was last used.
func (listTokensCommand) Run(ctx context.Context, c config, s streams) error {
	return withDatabase(ctx, c, s, func(d *db.DB) error {
		tokens, err := d.Tokens(ctx)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			owner, used := t.Owner.Name, "never"
			if owner == "" {
				owner = "-"
			}
			if !t.UsedAt.IsZero() {
				used = t.UsedAt.Format(time.RFC3339)
			}
			if _, err := fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\t%s\n", t.Name, t.User().Role, owner, t.ExpiresAt.Format(time.RFC3339), used); err != nil {
				return err
			}
		}
		return nil
	})
}

type revokeTokenCommand struct {
	Name string
}

// Run ends a token at once.
func (r revokeTokenCommand) Run(ctx context.Context, c config, s streams) error {
	return withDatabase(ctx, c, s, func(d *db.DB) error {
		tokens, err := d.Tokens(ctx)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if t.Name == r.Name {
				return d.RevokeToken(ctx, t.ID, done(audit.TokenRevoke, t.Name))
			}
		}
		return errors.New("there is no token of that name")
	})
}
