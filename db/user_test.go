package db_test

import (
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

func TestUsersAreFoundByNameInAnyCaseAndNamesAreTakenOnce(t *testing.T) {
	d := dbtest.New(t)
	if has, err := d.HasUsers(t.Context()); has || err != nil {
		t.Errorf("%v %v", has, err)
	}
	made := audit.Entry{At: noon, Actor: "terminal", Action: audit.UserCreate, Outcome: audit.Succeeded}
	u, err := d.CreateUser(t.Context(), team.User{Name: "ana", Role: team.Admin}, "hash", made)
	if err != nil || u.ID == 0 {
		t.Fatalf("%+v %v", u, err)
	}
	if _, err := d.CreateUser(t.Context(), team.User{Name: "ANA", Role: team.Viewer}, "other", made); fleet.KindOf(err) != fleet.KindConflict {
		t.Errorf("%v", err)
	}
	if _, err := d.CreateUser(t.Context(), team.User{Name: "ben", Role: "owner"}, "other", made); err == nil {
		t.Error("a role that does not exist was stored")
	}
	found, hash, err := d.UserByName(t.Context(), "Ana")
	if err != nil || found != u || hash != "hash" {
		t.Errorf("%+v %v", found, err)
	}
	if _, _, err := d.UserByName(t.Context(), "eve"); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("%v", err)
	}
	if has, err := d.HasUsers(t.Context()); !has || err != nil {
		t.Errorf("%v %v", has, err)
	}
	if all, err := d.Users(t.Context()); err != nil || len(all) != 1 || all[0] != u {
		t.Errorf("%+v %v", all, err)
	}
	if good, err := d.VerifyAudit(t.Context(), audit.Head{}); good != 1 || err != nil {
		t.Errorf("a refused user left an audit row of a success: %d %v", good, err)
	}
}

func TestSessionsAreTouchedEndedAndPrunedAndANewPasswordEndsThem(t *testing.T) {
	d := dbtest.New(t)
	u, err := d.CreateUser(t.Context(), team.User{Name: "ana", Role: team.Admin}, "hash", entry(audit.UserCreate, audit.Succeeded))
	if err != nil {
		t.Fatal(err)
	}
	sessions := make([]team.Session, 4)
	for i := range sessions {
		sessions[i], _ = team.NewSession(u.ID, noon)
		if err := d.SaveSession(t.Context(), sessions[i]); err != nil {
			t.Fatal(err)
		}
	}
	exists := func(s team.Session) bool {
		t.Helper()
		got, err := d.Session(t.Context(), s.Hash)
		if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
			t.Fatal(err)
		}
		if err == nil && got != s {
			t.Errorf("%+v, want %+v", got, s)
		}
		return err == nil
	}
	sessions[0].SeenAt = noon.Add(time.Hour)
	if err := d.TouchSession(t.Context(), sessions[0]); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteSession(t.Context(), sessions[1].Hash); err != nil {
		t.Fatal(err)
	}
	if !exists(sessions[0]) || exists(sessions[1]) || !exists(sessions[2]) {
		t.Error("the wrong session ended")
	}
	if err := d.PruneSessions(t.Context(), noon.Add(team.SessionIdle+time.Minute)); err != nil {
		t.Fatal(err)
	}
	if !exists(sessions[0]) || exists(sessions[2]) {
		t.Error("the wrong session was pruned")
	}
	if err := d.SetPassword(t.Context(), "ana", "new", entry("user.password", audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	if exists(sessions[0]) {
		t.Error("a session outlived the password")
	}
	if _, hash, err := d.UserByName(t.Context(), "ana"); err != nil || hash != "new" {
		t.Errorf("%v", err)
	}
	if err := d.SetPassword(t.Context(), "eve", "new", entry("user.password", audit.Succeeded)); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("%v", err)
	}
}

func TestSettingsComeBackAndAnAbsentOneIsNotFound(t *testing.T) {
	d := dbtest.New(t)
	if _, err := d.Setting(t.Context(), "k"); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("%v", err)
	}
	for _, v := range []string{"one", ""} {
		if err := d.SetSetting(t.Context(), "k", []byte(v)); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Setting(t.Context(), "k"); err != nil || string(got) != v {
			t.Errorf("%q %v", got, err)
		}
	}
}
