package upstream

import (
	"context"
	"time"
)

// Trouble says why YCM can't be used now, or nothing.
func (c *Cloud) Trouble() string {
	if c.ycm.Load() == nil {
		return notConnected
	}
	return c.SignInTrouble()
}

// SignInTrouble says why YCM is not called any more although credentials are there, or nothing.
func (c *Cloud) SignInTrouble() string {
	if client := c.ycm.Load(); client != nil && client.Status().Stopped {
		return "Cordboard stopped calling Yeastar after refused sign-ins, so that the address is not blocked. Try again once YCM accepts the client id and secret, or set other ones."
	}
	return ""
}

// Stopped is since when nothing is sent because sign-ins were refused, and what Yeastar said; the zero
// time when nothing is wrong.
func (c *Cloud) Stopped() (since time.Time, why string) {
	client := c.ycm.Load()
	if client == nil {
		return time.Time{}, ""
	}
	s := client.Status()
	return s.Since, s.Reason
}

// TryAgain lifts the stop for one sign-in and tells how it went. When it is refused too, nothing more is
// sent until the next time.
func (c *Cloud) TryAgain(ctx context.Context) error {
	const op = "upstream.TryAgain"
	client, err := c.client(op)
	if err != nil {
		return err
	}
	client.Resume()
	_, err = client.AvailableTrunks(ctx) // the shortest list that there is
	return readError(op, err)
}
