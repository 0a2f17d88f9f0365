package station_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/notify"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/sync/station"
	"cordboard/sync/team"
)

// TestEverythingSealedOpensAfterTheKeyWasReplaced seals something in each place, replaces the key, and uses all of it
// with the new key alone.
func TestEverythingSealedOpensAfterTheKeyWasReplaced(t *testing.T) {
	o := ownTrunks(t)
	o.direct("")
	if _, err := o.PBXs.SIPTrunks(t.Context(), acmeHQ); err != nil { // which leaves a token pair
		t.Fatal(err)
	}
	draft, err := o.Changer.DraftEdit(t.Context(), ana, change.EditAsk{PBX: acmeHQ, Trunk: o.carrier, Password: "hush-new",
		Want: func(s sip.Trunk) (sip.Trunk, []fleet.Field) { return s, nil }})
	if err != nil {
		t.Fatal(err)
	}
	mail := notify.Mail{Host: "127.0.0.1", Port: 25, Security: notify.StartTLS, Username: "cb", Password: "hush-mail", From: "a@b.example", To: []string{"c@d.example"}}
	if err := o.Notifier.SaveMail(t.Context(), ana, mail); err != nil {
		t.Fatal(err)
	}
	user, err := o.DB.CreateUser(t.Context(), team.User{Name: "ana", Role: team.Admin}, "x", audit.Entry{At: time.Now(), Actor: "test", Action: audit.UserCreate})
	if err != nil {
		t.Fatal(err)
	}
	offer, err := o.Factors.Offer(user)
	if err != nil {
		t.Fatal(err)
	}
	secret, now := strings.ReplaceAll(offer.Key, " ", ""), time.Now()
	code := func(at time.Time) string {
		digits, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return digits
	}
	if _, err := o.Factors.Enable(t.Context(), ana, user, offer.Sealed, code(now.Add(-30*time.Second))); err != nil {
		t.Fatal(err)
	}

	tune, key := o.tune, bytes.Repeat([]byte("n"), 32)
	for _, old := range [][][]byte{{bytes.Repeat([]byte("k"), 32)}, nil} {
		o.close()
		o.tune = func(c *station.Config) {
			tune(c)
			c.Key, c.OldKeys = key, old
		}
		o.open()
	}
	if settings, err := o.Notifier.Settings(t.Context()); err != nil || settings.Mail.Password != "hush-mail" {
		t.Errorf("notifications: %v", err)
	}
	if _, err := o.Factors.Check(t.Context(), user.ID, code(now)); err != nil {
		t.Errorf("second factor: %v", err)
	}
	if said, err := o.PBXs.TestAccess(t.Context(), acmeHQ); err != nil || strings.Contains(said, "through YCM") {
		t.Errorf("the PBX's own API: %q %v", said, err)
	}
	if p, err := o.confirm(draft); err != nil || p.Status != plan.Applied {
		t.Errorf("a password between draft and confirmation: %s %v", p.Status, err)
	}
	if page, err := o.DB.Audit(t.Context(), audit.Filter{Action: string(audit.KeyRotate)}); err != nil || len(page.Items) != 1 || !bytes.Contains(page.Items[0].After, []byte(`"sealed_anew":`)) {
		t.Errorf("%+v %v", page.Items, err)
	}
}
