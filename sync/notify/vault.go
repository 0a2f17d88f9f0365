package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// Where settings are kept. What may hold a secret is sealed under its key.
const (
	keyCommon  = "notify"
	keyWebhook = "notify.webhook"
	keyMail    = "notify.mail"
)

// Vault keeps settings.
type Vault interface {
	// Setting answers KindNotFound for what was never stored.
	Setting(ctx context.Context, key string) ([]byte, error)
	// KeepSetting stores a value with its audit entry.
	KeepSetting(ctx context.Context, key string, value []byte, e audit.Entry) error
}

// The stored forms: those of settings.go print their secrets as •••.
type (
	storedCommon struct {
		Kinds []Kind `json:"kinds"`
		Base  string `json:"base"`
	}
	storedWebhook struct {
		On     bool   `json:"on"`
		URL    string `json:"url"`
		Secret string `json:"secret"`
	}
	storedMail struct {
		On       bool     `json:"on"`
		Host     string   `json:"host"`
		Port     int      `json:"port"`
		Security Security `json:"security"`
		Username string   `json:"username"`
		Password string   `json:"password"`
		From     string   `json:"from"`
		To       []string `json:"to"`
	}
)

// Settings reads the settings. Parts that were never stored, or can't be opened, have their defaults;
// of the latter the error tells.
func (n *Notifier) Settings(ctx context.Context) (Settings, error) {
	s := Settings{Mail: Mail{Port: 587, Security: StartTLS}}
	var common storedCommon
	var hook storedWebhook
	var post storedMail
	found, err := n.load(ctx, keyCommon, false, &common)
	if found {
		s.Common = Common(common)
	}
	found, fault := n.load(ctx, keyWebhook, true, &hook)
	if err = errors.Join(err, fault); found {
		s.Webhook = Webhook{hook.On, hook.URL, Secret(hook.Secret)}
	}
	found, fault = n.load(ctx, keyMail, true, &post)
	if err = errors.Join(err, fault); found {
		s.Mail = Mail{post.On, post.Host, post.Port, post.Security, post.Username, Secret(post.Password), post.From, post.To}
	}
	return s, err
}

func (n *Notifier) load(ctx context.Context, key string, sealed bool, into any) (found bool, err error) {
	text, err := n.d.Vault.Setting(ctx, key)
	if err != nil && fleet.KindOf(err) == fleet.KindNotFound {
		return false, nil
	}
	if err == nil && sealed {
		if text, err = n.d.Sealer.Open(key, text); err != nil {
			return false, &fleet.Error{Kind: fleet.KindUnavailable, Op: "notify.Settings", Err: err,
				Msg: "What is stored can't be opened with the key that Cordboard was started with. Start it with the old key, or enter everything again."}
		}
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return false, fmt.Errorf("notify: setting %s: %w", key, err)
	}
	return true, nil
}

// readable is the settings, with defaults where they can't be opened: they were sealed with another
// key, and saving them anew is the way out.
func (n *Notifier) readable(ctx context.Context) (Settings, bool) {
	s, err := n.Settings(ctx)
	if err != nil && ctx.Err() == nil {
		n.d.Log.Error("the settings of notifications can't be read: nobody is told anything", "error", err)
	}
	return s, err == nil
}

// SaveCommon stores what all channels share.
func (n *Notifier) SaveCommon(ctx context.Context, by audit.By, c Common) error {
	if bad := c.check(); len(bad) > 0 {
		return fleet.Invalid("notify.SaveCommon", "The settings were not saved.", bad...)
	}
	old, _ := n.Settings(ctx)
	if c.Kinds == nil {
		c.Kinds = []Kind{} // none is a choice; nil is everything
	}
	return n.save(ctx, by, keyCommon, false, storedCommon(c), storedCommon(old.Common), storedCommon(c))
}

// SaveWebhook stores where and how JSON is posted. An empty secret keeps the one that is stored,
// but not for another host: whoever typed the secret meant the old one.
func (n *Notifier) SaveWebhook(ctx context.Context, by audit.By, w Webhook) error {
	old, _ := n.Settings(ctx) // what can't be opened is replaced as a whole
	kept := w.Secret == "" && w.URL != ""
	if kept {
		w.Secret = old.Webhook.Secret
	}
	bad := w.check()
	if kept && w.Secret != "" && hostOf(w.URL) != hostOf(old.Webhook.URL) {
		bad = append(bad, fleet.Field{Name: "secret", Rule: "Another host: enter the secret for it."})
	}
	if len(bad) > 0 {
		return fleet.Invalid("notify.SaveWebhook", "The settings were not saved.", bad...)
	}
	return n.save(ctx, by, keyWebhook, true, storedWebhook{w.On, w.URL, string(w.Secret)}, old.Webhook.record(""), w.record(old.Webhook.Secret))
}

// SaveMail stores where and how mail is sent. An empty password keeps the one that is stored, as
// for the webhook's secret.
func (n *Notifier) SaveMail(ctx context.Context, by audit.By, m Mail) error {
	old, _ := n.Settings(ctx)
	kept := m.Password == "" && m.Username != ""
	if kept {
		m.Password = old.Mail.Password
	}
	bad := m.check()
	if kept && m.Password != "" && (m.Host != old.Mail.Host || m.Username != old.Mail.Username) {
		bad = append(bad, fleet.Field{Name: "password", Rule: "Another server or user: enter the password for it."})
	}
	if len(bad) > 0 {
		return fleet.Invalid("notify.SaveMail", "The settings were not saved.", bad...)
	}
	doc := storedMail{m.On, m.Host, m.Port, m.Security, m.Username, string(m.Password), m.From, m.To}
	return n.save(ctx, by, keyMail, true, doc, old.Mail.record(""), m.record(old.Mail.Password))
}

// save stores a part of the settings. before and after are what the audit log keeps of it.
func (n *Notifier) save(ctx context.Context, by audit.By, key string, sealed bool, doc, before, after any) error {
	value, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("notify: setting %s: %w", key, err)
	}
	if sealed {
		value = n.d.Sealer.Seal(key, value)
	}
	e := audit.Entry{At: n.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.SettingsUpdate, Target: targets[key], Outcome: audit.Succeeded}
	if e.Before, err = json.Marshal(before); err != nil {
		return err
	}
	if e.After, err = json.Marshal(after); err != nil {
		return err
	}
	if err := n.d.Vault.KeepSetting(ctx, key, value, e); err != nil {
		return err
	}
	n.d.Announce("notices")
	n.Poke()
	return nil
}

var targets = map[string]string{keyCommon: "notifications", keyWebhook: "notifications by webhook", keyMail: "notifications by e-mail"}

// record is what the audit log keeps: where, never the address itself or a secret. old is the secret before.
func (w Webhook) record(old Secret) any {
	return map[string]any{"on": w.On, "host": hostOf(w.URL), "secret": changed(old, w.Secret)}
}

func (m Mail) record(old Secret) any {
	return map[string]any{"on": m.On, "host": m.Host, "port": m.Port, "security": m.Security, "username": m.Username, "password": changed(old, m.Password), "from": m.From, "to": m.To}
}

func isSet(s Secret) string {
	if s == "" {
		return "not set"
	}
	return "set"
}

// changed is what the record tells of a secret after a save: that it became another, never which.
func changed(old, now Secret) string {
	if old != "" && now != "" && old != now {
		return "changed"
	}
	return isSet(now)
}

// hostOf is the host and port of an address.
func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Host
}
