package station_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"

	"cordboard/sync/station"
	"cordboard/yeastar"
	"cordboard/yeastar/yeastartest"
)

// sealing is a house with a key of its own, at a YCM where a newer token kills the older ones.
func sealing(t *testing.T) *house {
	t.Helper()
	return furnish(t, func(c *station.Config) { c.Key = bytes.Repeat([]byte("k"), 32) }, func(*yeastartest.Server) {},
		func(a *yeastartest.Assumptions) { a.StrictTokens = true })
}

// beside opens the same database a second time, as a command beside the server does.
func (h *house) beside() *station.Station {
	h.t.Helper()
	c := station.Config{Database: h.path, Vendor: vendor(h.sim), Log: slog.New(slog.DiscardHandler)}
	h.tune(&c)
	s, err := station.Open(h.t.Context(), c)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return s
}

// complete runs passes of all stations at once.
func complete(t *testing.T, all ...*station.Station) {
	t.Helper()
	var passes sync.WaitGroup
	for i, s := range all {
		passes.Go(func() {
			for range 3 {
				if p, err := s.Worker.RunOnce(t.Context()); err != nil || !p.Complete {
					t.Errorf("station %d: %+v, %v", i, p, err)
				}
			}
		})
	}
	passes.Wait()
}

func (h *house) wantTokens(want int) {
	h.t.Helper()
	if n := h.sim.TokensIssued(); n != want || h.sim.FailedLogins() != 0 {
		h.t.Fatalf("%d token pairs issued, %d failed logins; want %d pairs", n, h.sim.FailedLogins(), want)
	}
}

func TestHazardProcessesOnOneDatabaseShareOneToken(t *testing.T) {
	h := sealing(t)
	command := h.beside()
	complete(t, h.Station, command)
	h.wantTokens(1)
	for ended := range 4 { // both come to need another one at the same moment
		h.sim.ExpireTokens()
		complete(t, h.Station, command, h.beside())
		h.wantTokens(2 + ended)
	}
	h.sim.RevokeTokens()
	complete(t, h.Station, command)
	h.wantTokens(6)
}

func TestAStartGoesOnWithTheTokenOfTheLastRun(t *testing.T) {
	h := sealing(t)
	h.close()
	h.open()
	h.sweep()
	h.wantTokens(1)
}

func TestATokenOfOtherCredentialsOrAnotherTimeIsNotUsed(t *testing.T) {
	h := sealing(t)
	old, err := h.DB.Setting(t.Context(), "ycm.token")
	if err != nil {
		t.Fatal(err)
	}
	h.sim.SetClientSecret("another")
	sealed := h.tune
	h.tune = func(c *station.Config) {
		sealed(c)
		c.Vendor.ClientSecret = yeastar.NewSecret("another")
	}
	h.close()
	h.open()
	h.sweep()
	h.wantTokens(2)
	for name, kept := range map[string][]byte{"of a restored copy, of other credentials": old, "that nobody can open": []byte("\x01nonsense")} {
		h.close()
		s := h.beside()
		if err := s.DB.SetSetting(t.Context(), "ycm.token", kept); err != nil {
			t.Fatal(err)
		}
		before := h.sim.TokensIssued()
		h.open()
		complete(t, h.Station, s)
		if n := h.sim.TokensIssued() - before; n != 1 {
			t.Errorf("with a pair %s there were %d logins", name, n)
		}
	}
	if old, err = h.DB.Setting(t.Context(), "ycm.token"); err != nil {
		t.Fatal(err)
	}
	h.sim.RevokeTokens()
	h.sweep()
	h.close()
	s := h.beside()
	if err := s.DB.SetSetting(t.Context(), "ycm.token", old); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.sweep() // the pair of the restored copy is rejected, and one login follows
	if n := h.sim.FailedLogins(); n != 0 {
		t.Errorf("%d failed logins", n)
	}
}
