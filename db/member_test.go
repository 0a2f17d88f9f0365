package db_test

import (
	"sync"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/team"
)

func hire(t *testing.T, d *db.DB, name string, role team.Role) team.User {
	t.Helper()
	u, err := d.CreateUser(t.Context(), team.User{Name: name, Role: role}, "hash", entry(audit.UserCreate, audit.Succeeded))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestASessionThatWasEndedIsNotBroughtBackByItsLastRequest(t *testing.T) {
	d := dbtest.New(t)
	ana := hire(t, d, "ana", team.Admin)
	s, _ := team.NewSession(ana.ID, noon)
	if err := d.SaveSession(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := d.EndOtherSessions(t.Context(), ana.ID, team.SessionHash{}, entry(audit.SessionEnd, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	s.SeenAt = noon.Add(time.Minute)
	if err := d.TouchSession(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Session(t.Context(), s.Hash); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("it is back: %v", err)
	}
}

func TestOfTwoAdminsWhoDemoteEachOtherAtTheSameMomentOneStays(t *testing.T) {
	for range 20 {
		d := dbtest.New(t)
		ana, ben := hire(t, d, "ana", team.Admin), hire(t, d, "ben", team.Admin)
		errs := make(chan error, 2)
		var both sync.WaitGroup
		both.Go(func() {
			errs <- d.SetRole(t.Context(), ben.ID, team.Viewer, entry(audit.UserRole, audit.Succeeded))
		})
		both.Go(func() { errs <- d.Deactivate(t.Context(), ana.ID, entry(audit.UserDeactivate, audit.Succeeded)) })
		both.Wait()
		one, two := <-errs, <-errs
		if (one == nil) == (two == nil) {
			t.Fatalf("%v, %v", one, two)
		}
	}
}

func TestAnInvitationIsAcceptedOnceHoweverManyTryAtTheSameMoment(t *testing.T) {
	d := dbtest.New(t)
	invite, key := team.NewInvite("dora", team.Viewer, "ana", noon)
	if err := d.SaveInvite(t.Context(), invite, key.Hash(), entry(audit.UserInvite, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	found, err := d.Invite(t.Context(), key.Hash())
	if err != nil || found.Name != "dora" || found.Role != team.Viewer || !found.ExpiresAt.Equal(invite.ExpiresAt) {
		t.Fatalf("%+v, %v", found, err)
	}
	made := make(chan bool, 8)
	var all sync.WaitGroup
	for range cap(made) {
		all.Go(func() {
			_, err := d.Accept(t.Context(), found, "hash", entry(audit.UserCreate, audit.Succeeded))
			made <- err == nil
		})
	}
	all.Wait()
	n := 0
	for range cap(made) {
		if <-made {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d accepted it", n)
	}
}

func TestWhoIsNoAdminAnyMoreLeavesNoOpenLinks(t *testing.T) {
	ends := map[string]func(d *db.DB, id team.UserID) error{
		"deactivated": func(d *db.DB, id team.UserID) error {
			return d.Deactivate(t.Context(), id, entry(audit.UserDeactivate, audit.Succeeded))
		},
		"an operator": func(d *db.DB, id team.UserID) error {
			return d.SetRole(t.Context(), id, team.Operator, entry(audit.UserRole, audit.Succeeded))
		},
		"a viewer at the provider": func(d *db.DB, id team.UserID) error {
			return d.FollowRole(t.Context(), id, team.Viewer, entry(audit.UserRole, audit.Succeeded))
		},
	}
	for name, end := range ends {
		d := dbtest.New(t)
		ana, ben := hire(t, d, "ana", team.Admin), hire(t, d, "ben", team.Admin)
		made := map[string]team.Key{}
		for _, by := range []team.User{ana, ben} {
			i, key := team.NewInvite("friend.of."+by.Name, team.Admin, by.Name, noon)
			made[by.Name] = key
			if err := d.SaveInvite(t.Context(), i, key.Hash(), entry(audit.UserInvite, audit.Succeeded)); err != nil {
				t.Fatal(err)
			}
		}
		if err := end(d, ana.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Invite(t.Context(), made["ana"].Hash()); fleet.KindOf(err) != fleet.KindNotFound {
			t.Errorf("%s: a link of theirs still makes an admin: %v", name, err)
		}
		if _, err := d.Invite(t.Context(), made["ben"].Hash()); err != nil {
			t.Errorf("%s: another's link: %v", name, err)
		}
	}
}

func TestWhoIsDeactivatedTakesTheirWordOnDraftsAlong(t *testing.T) {
	d := dbtest.New(t)
	ana, ben := hire(t, d, "ana", team.Admin), hire(t, d, "ben", team.Admin)
	keepPBXs(t, d, acme)
	p := draft("waits", fleet.NewBindingSet(), fleet.NewBindingSet())
	if err := d.SavePlan(t.Context(), p, entry(audit.PlanCreate, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	for _, u := range []team.User{ana, ben} {
		if err := d.Approve(t.Context(), plan.Approval{Plan: p.ID, Hash: "h", Person: u.Name, At: noon}, entry(audit.PlanApprove, audit.Succeeded)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Deactivate(t.Context(), ana.ID, entry(audit.UserDeactivate, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	if left, err := d.ApprovalsOf(t.Context(), p.ID); err != nil || len(left) != 1 || left[0].Person != "ben" {
		t.Errorf("%+v, %v", left, err)
	}
}

func TestAStepAndARecoveryCodeAreSpentOnceHoweverManyTryAtTheSameMoment(t *testing.T) {
	d := dbtest.New(t)
	ana := hire(t, d, "ana", team.Admin)
	code := team.Key("ABCD").Hash()
	if err := d.KeepFactor(t.Context(), ana.ID, team.Factor{Sealed: []byte{1}, Step: 7, MadeAt: noon}, []team.KeyHash{code}, entry(audit.FactorSet, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	for name, spend := range map[string]func() (bool, error){
		"step": func() (bool, error) { return d.SpendStep(t.Context(), ana.ID, 8) },
		"code": func() (bool, error) { return d.SpendCode(t.Context(), ana.ID, code) },
	} {
		spent := make(chan bool, 8)
		var all sync.WaitGroup
		for range cap(spent) {
			all.Go(func() {
				ok, err := spend()
				spent <- ok && err == nil
			})
		}
		all.Wait()
		n := 0
		for range cap(spent) {
			if <-spent {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the %s counted %d times", name, n)
		}
	}
	if ok, err := d.SpendStep(t.Context(), ana.ID, 7); ok || err != nil {
		t.Errorf("an older step: %v, %v", ok, err)
	}
}

func TestARestoredCopyOpensNoSessionAndNoInvitation(t *testing.T) {
	d := dbtest.New(t)
	ana := hire(t, d, "ana", team.Admin)
	s, _ := team.NewSession(ana.ID, time.Now())
	invite, key := team.NewInvite("dora", team.Viewer, "ana", time.Now())
	if err := d.SaveSession(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := d.SaveInvite(t.Context(), invite, key.Hash(), entry(audit.UserInvite, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir() + "/copy.db"
	if _, err := d.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	restored, err := db.Open(t.Context(), db.Config{Path: copied, Keys: db.DigitKeys})
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	if _, err := restored.Session(t.Context(), s.Hash); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("the session: %v", err)
	}
	if _, err := restored.Invite(t.Context(), key.Hash()); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("the invitation: %v", err)
	}
}
