package notify_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/notify"
	"cordboard/sync/notify/notifytest"
	"cordboard/sync/seal"
)

var ana = audit.By{Actor: "ana", IP: "127.0.0.1"}

// books is the database as these tests use it.
type books interface {
	notify.Store
	notify.Vault
	Notices(ctx context.Context, limit int) ([]notify.Notice, error)
	MessagesOf(ctx context.Context, notice int64) ([]notify.Posted, error)
	LastTest(ctx context.Context, c notify.Channel) ([]notify.Posted, error)
	Audit(ctx context.Context, f audit.Filter) (fleet.Page[audit.Entry], error)
	Close() error
}

// desk is a notifier on a real database file, whose facts a test sets.
type desk struct {
	*notify.Notifier
	t       *testing.T
	db      books
	path    string
	now     time.Time
	drifted []fleet.PBXRow
	way     fleet.PathVerdict
	asked   []fleet.PBXID
	roots   *x509.CertPool
	key     byte
	log     bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, path: dbtest.File(t), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), key: 1}
	d.open()
	return d
}

// open starts a notifier, as another run of the process would.
func (d *desk) open() {
	d.t.Helper()
	if d.db != nil {
		if err := d.db.Close(); err != nil {
			d.t.Fatal(err)
		}
	}
	d.db = dbtest.Open(d.t, d.path, nil)
	sealer, err := seal.New(bytes.Repeat([]byte{d.key}, seal.KeySize))
	if err != nil {
		d.t.Fatal(err)
	}
	d.Notifier, err = notify.New(notify.Deps{
		Record: facts{d}, Store: d.db, Vault: d.db, Sealer: sealer,
		Path:    func(context.Context) (fleet.PathVerdict, error) { return d.way, nil },
		SignIn:  func() string { return "" },
		Confirm: func(id fleet.PBXID) { d.asked = append(d.asked, id) },
		Now:     d.clock, VendorNow: d.clock, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Announce: func(...string) {}, Roots: d.roots,
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) clock() time.Time { return d.now }

type facts struct{ d *desk }

func (f facts) DriftedPBXs(context.Context) ([]fleet.PBXRow, error) { return f.d.drifted, nil }
func (f facts) SomePBXs(context.Context, []fleet.PBXID) (map[fleet.PBXID]fleet.PBXRow, error) {
	return map[fleet.PBXID]fleet.PBXRow{}, nil
}
func (f facts) PlanTroubles(context.Context, time.Time) ([]notify.PlanTrouble, error) {
	return nil, nil
}

// drift makes n PBXs drift, confirmed by a read.
func (d *desk) drift(n int) {
	d.drifted = nil
	for i := range n {
		d.drifted = append(d.drifted, fleet.PBXRow{PBX: fleet.PBX{ID: fleet.PBXID(4808 + i), Name: fmt.Sprintf("PBX number %d", i)}, Numbers: 3,
			Standing: fleet.Standing{DriftAt: d.now.Add(-time.Hour), VerifiedAt: d.now.Add(-time.Minute), DriftNote: "2 numbers were removed."}})
	}
}

// look judges and sends what is due then.
func (d *desk) look() {
	d.t.Helper()
	if err := d.Look(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	for _, c := range notify.Channels() {
		if err := d.Deliver(d.t.Context(), c); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *desk) saveWebhook(address string) {
	d.t.Helper()
	if err := d.SaveWebhook(d.t.Context(), ana, notify.Webhook{On: true, URL: address, Secret: notifytest.Secret}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) saveMail(s *notifytest.SMTP) {
	d.t.Helper()
	err := d.SaveMail(d.t.Context(), ana, notify.Mail{On: true, Host: s.Host, Port: s.Port, Security: notify.StartTLS, Username: notifytest.Username,
		Password: notifytest.Password, From: "Cordboard <cordboard@example.com>", To: []string{"ana@example.com", "ben@example.com"}})
	if err != nil {
		d.t.Fatal(err)
	}
}

func types(posts []notifytest.Post) (list []string) {
	for _, p := range posts {
		list = append(list, p.Type)
	}
	return list
}

func TestAWebhookIsSignedAndTellsABeginningOnceAndTheEndOnce(t *testing.T) {
	d, r := newDesk(t), notifytest.Receive(t)
	if err := d.SaveCommon(t.Context(), ana, notify.Common{Base: "https://cordboard.example", Kinds: notify.Kinds()}); err != nil {
		t.Fatal(err)
	}
	d.saveWebhook(r.URL)
	d.drift(1)
	d.look()
	d.look()
	posts := r.Posts()
	if len(posts) != 1 || posts[0].Type != "notice.opened" || posts[0].Data["kind"] != "drift" || posts[0].Data["pbx_id"] != float64(4808) || posts[0].Data["url"] != "https://cordboard.example/pbx/4808" {
		t.Fatalf("the receiver got %+v", posts)
	}
	d.now = d.now.Add(25 * time.Hour)
	d.look()
	d.drifted = nil
	d.look()
	d.look()
	if got := types(r.Posts()); !slices.Equal(got, []string{"notice.opened", "notice.reminder", "notice.closed"}) {
		t.Errorf("the receiver got %v", got)
	}
}

func TestAMessageIsTriedAgainOverARestartWithTheSameIDUntilItArrives(t *testing.T) {
	d, r := newDesk(t), notifytest.Receive(t)
	d.saveWebhook(r.URL)
	r.Answer(http.StatusInternalServerError)
	d.drift(1)
	d.look()
	d.look()
	if n := len(r.Posts()); n != 1 {
		t.Fatalf("%d attempts without any pause", n)
	}
	d.open()
	d.now = d.now.Add(time.Minute)
	d.look()
	r.Answer(http.StatusNoContent)
	d.open()
	d.drifted = nil // over before anybody was told of the beginning: the order stays
	d.look()
	d.now = d.now.Add(time.Hour)
	d.look()
	d.look()
	posts := r.Posts()
	if got := types(posts); !slices.Equal(got, []string{"notice.opened", "notice.opened", "notice.opened", "notice.closed"}) {
		t.Fatalf("the receiver got %v", got)
	}
	if posts[0].ID != posts[1].ID || posts[1].ID != posts[2].ID || posts[3].ID == posts[2].ID || posts[0].Body != posts[2].Body {
		t.Errorf("the attempts differ: %+v", posts)
	}
	notices, err := d.db.Notices(t.Context(), 10)
	if err != nil || len(notices) != 1 {
		t.Fatalf("%+v, %v", notices, err)
	}
	messages, err := d.db.MessagesOf(t.Context(), notices[0].ID)
	if err != nil || len(messages) != 2 || messages[0].State != notify.Sent || messages[0].Attempts != 3 || !strings.Contains(messages[0].Answer, "204") {
		t.Errorf("the messages are %+v, %v", messages, err)
	}
}

func TestAMessageIsGivenUpInTheEnd(t *testing.T) {
	d, r := newDesk(t), notifytest.Receive(t)
	d.saveWebhook(r.URL)
	r.Answer(http.StatusTeapot)
	d.drift(1)
	for range 30 {
		d.look()
		d.now = d.now.Add(9 * time.Hour)
		d.drift(1)
		d.drifted[0].Standing.DriftAt = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	}
	messages, err := d.db.MessagesOf(t.Context(), 1)
	if err != nil || len(messages) == 0 || messages[0].State != notify.Failed || messages[0].Attempts > 20 || !strings.Contains(messages[0].Answer, "418") {
		t.Errorf("the message is %+v, %v", messages, err)
	}
}

func TestOneChannelThatFailsHoldsNoOtherUp(t *testing.T) {
	d, r := newDesk(t), notifytest.Receive(t)
	s := notifytest.ServeMail(t)
	d.roots = s.Roots
	d.open()
	d.saveMail(s)
	d.saveWebhook(r.URL)
	r.Answer(http.StatusBadGateway)
	d.drift(1)
	d.look()
	if len(s.Mails()) != 1 || len(r.Posts()) != 1 {
		t.Errorf("%d mails, %d posts", len(s.Mails()), len(r.Posts()))
	}
}

func TestMailComesThroughTLSWithItsTextAndADisasterIsOneMail(t *testing.T) {
	s := notifytest.ServeMail(t)
	d := newDesk(t)
	d.roots = s.Roots
	d.open()
	d.saveMail(s)
	d.drift(1)
	d.drifted[0].Name = "Acme\r\nBcc: evil@example.com \u202e& Söhne"
	d.look()
	mails := s.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m := mails[0]
	if !m.Secure || m.User != notifytest.Username || len(m.To) != 2 || !strings.Contains(m.MessageID, "@example.com") || !strings.Contains(m.Text, "2 numbers were removed.") {
		t.Errorf("the mail is %+v", m)
	}
	if strings.Contains(m.Text, "\u202e") || strings.Contains(m.Text, "\nBcc:") {
		t.Errorf("the text is %q", m.Text)
	}
	d.drift(30)
	d.look()
	if n := len(s.Mails()); n != 1 {
		t.Fatalf("the next mail came at once: %d", n)
	}
	d.now = d.now.Add(2 * time.Minute)
	d.drift(30)
	d.look()
	mails = s.Mails()
	if len(mails) != 2 || !strings.Contains(mails[1].Subject, "more") || strings.Count(mails[1].Text, "2 numbers were removed.") < 29 {
		t.Errorf("%d mails, the last: %+v", len(mails), mails[len(mails)-1])
	}
}

func TestMailIsNotSentWithoutTheEncryptionThatWasChosen(t *testing.T) {
	s := notifytest.ServeMail(t)
	d := newDesk(t) // the certificate is not trusted here
	d.saveMail(s)
	p, err := d.Test(t.Context(), ana, notify.ByMail)
	if err != nil || p.State != notify.Failed || !strings.Contains(p.Answer, "certificate") || len(s.Mails()) != 0 {
		t.Errorf("the test: %+v, %v; %d mails", p, err, len(s.Mails()))
	}
}

func TestATestSaysInWordsWhatHappened(t *testing.T) {
	s, r := notifytest.ServeMail(t), notifytest.Receive(t)
	d := newDesk(t)
	d.roots = s.Roots
	d.open()
	if _, err := d.Test(t.Context(), ana, notify.ByMail); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("testing what is not set up: %v", err)
	}
	d.saveMail(s)
	d.saveWebhook(r.URL)
	ok := func(c notify.Channel, state notify.MessageState, says string) {
		t.Helper()
		p, err := d.Test(t.Context(), ana, c)
		if err != nil || p.State != state || !strings.Contains(p.Answer, says) {
			t.Errorf("%s: %+v, %v", c, p, err)
		}
		last, err := d.db.LastTest(t.Context(), c)
		if err != nil || len(last) != 1 || last[0].Answer != p.Answer {
			t.Errorf("%s: the stored test is %+v, %v", c, last, err)
		}
	}
	ok(notify.ByMail, notify.Sent, "took the mail for 2 people")
	ok(notify.ByWebhook, notify.Sent, "204")
	s.Refuse("550 5.7.1 not today")
	ok(notify.ByMail, notify.Failed, "not today")
	r.Answer(http.StatusFound)
	ok(notify.ByWebhook, notify.Failed, "redirect")
	if n := len(r.Posts()); n != 2 {
		t.Errorf("%d posts: a redirect was followed", n)
	}
	r.Close()
	ok(notify.ByWebhook, notify.Failed, "reached")
	page, err := d.db.Audit(t.Context(), audit.Filter{Action: string(audit.NoticeTest), Page: fleet.PageRequest{Limit: 10}})
	if err != nil || page.Total != 5 || page.Items[0].Outcome != audit.Failed || page.Items[4].Outcome != audit.Succeeded {
		t.Errorf("the record: %+v, %v", page.Items, err)
	}
}

func TestAChannelThatIsTurnedOffSendsNothingMoreAndChosenKindsAloneAreTold(t *testing.T) {
	d, r := newDesk(t), notifytest.Receive(t)
	d.saveWebhook(r.URL)
	if err := d.SaveCommon(t.Context(), ana, notify.Common{Kinds: []notify.Kind{notify.WebhookPath}}); err != nil {
		t.Fatal(err)
	}
	d.drift(1)
	d.look()
	d.way = fleet.PathVerdict{State: fleet.PathBroken, Sentence: "broken", Since: d.now}
	d.look()
	posts := r.Posts()
	if len(posts) != 1 || posts[0].Data["kind"] != "webhook_path" {
		t.Fatalf("the receiver got %+v", posts)
	}
	r.Answer(http.StatusInternalServerError)
	d.way = fleet.PathVerdict{State: fleet.PathHealthy}
	d.look()
	if err := d.SaveWebhook(t.Context(), ana, notify.Webhook{URL: r.URL}); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Hour)
	d.look()
	if n := len(r.Posts()); n != 2 {
		t.Errorf("%d posts after the channel was turned off", n)
	}
}

func TestUnconfirmedDriftIsReadOnceAndNotTold(t *testing.T) {
	d, r := newDesk(t), notifytest.Receive(t)
	d.saveWebhook(r.URL)
	d.drift(1)
	d.drifted[0].Standing.VerifiedAt = d.now.Add(-2 * time.Hour)
	d.look()
	d.look()
	if len(r.Posts()) != 0 || !slices.Equal(d.asked, []fleet.PBXID{4808}) {
		t.Errorf("%d posts, reads asked for: %v", len(r.Posts()), d.asked)
	}
}
