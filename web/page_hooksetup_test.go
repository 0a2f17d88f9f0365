package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// TestTheSecretOfTheWebhookIsRotatedInTheBrowser walks a whole rotation: none, one, two, and the old one gone.
func TestTheSecretOfTheWebhookIsRotatedInTheBrowser(t *testing.T) {
	const first, second = "planted-first-secret-0000000001", "planted-second-secret-000000002"
	h := webtest.New(t, webtest.Config{WebhookSecrets: []string{}})
	admin, viewer := h.As(t, team.Admin), h.As(t, team.Viewer)
	report := func(secret string) int {
		return h.Stranger(t).Do("POST", "/hooks/ycm", "[]", "X-Signature", yeastartest.SignedBody(secret, []byte("[]"))).Status
	}
	add := func(secret string) webtest.Answer {
		return admin.Post("/settings/webhook/secrets", url.Values{"secret": {secret}})
	}
	says(t, admin.Get("/settings/webhook").Parse(t), http.StatusOK, "Not set", "Set the secret")
	if got := report(first); got != http.StatusUnauthorized {
		t.Errorf("without a secret: %d", got)
	}
	for bad, rule := range map[string]string{"": "At least 16", "short": "At least 16", strings.Repeat("x", 201): "At most 200", "with a space in the middle": "No spaces"} {
		a := add(bad)
		says(t, a.Parse(t), http.StatusUnprocessableEntity, "The secret was not added", rule)
		if len(bad) > 10 && strings.Contains(a.Body, bad) {
			t.Errorf("%q is shown again", bad)
		}
	}
	if a := add("  " + first + "\n"); a.Status != http.StatusSeeOther || a.Location() != "/settings/webhook" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	says(t, admin.Get("/settings/webhook").Parse(t), http.StatusOK, "Set by admin", "No report came with it yet", "Add the new secret")
	if report(first) != http.StatusOK || report(second) != http.StatusUnauthorized {
		t.Error("the first secret is not the one that is good")
	}
	says(t, add(first).Parse(t), http.StatusUnprocessableEntity, "good already")
	if id := h.Door.List()[0].ID; admin.Post("/settings/webhook/secrets/"+id+"/remove", nil).Status != http.StatusConflict {
		t.Error("the only secret could be removed")
	}
	if a := add(second); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if report(first) != http.StatusOK || report(second) != http.StatusOK {
		t.Error("not both are good")
	}
	page := admin.Get("/settings/webhook")
	says(t, page.Parse(t), http.StatusOK, "Two are set", "The last report came", "Remove")
	if a := add(first + second); a.Status != http.StatusConflict {
		t.Errorf("a third one: %d", a.Status)
	}
	if strings.Contains(viewer.Get("/settings/webhook").Body, "Remove") {
		t.Error("a viewer is offered to remove one")
	}
	if a := admin.Post("/settings/webhook/secrets/"+h.Door.List()[0].ID+"/remove", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if report(first) != http.StatusUnauthorized || report(second) != http.StatusOK {
		t.Error("the old one is still good, or the new one is not")
	}
	if a := admin.Post("/settings/webhook/secrets/nowhere/remove", nil); a.Status != http.StatusNotFound {
		t.Errorf("one that is not there: %d", a.Status)
	}
	var told []string
	rows, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.SettingsUpdate)})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Backward(rows.Items) {
		if e.Outcome == audit.Refused {
			told = append(told, "refused")
			continue
		}
		told = append(told, strings.Repeat("+", strings.Count(string(e.Before), `"`)/2-1)+">"+strings.Repeat("+", strings.Count(string(e.After), `"`)/2-1))
	}
	if strings.Join(told, " ") != ">+ refused +>++ refused ++>+" {
		t.Errorf("the record: %q", told)
	}
	if err := h.Door.KeepUses(t.Context()); err != nil {
		t.Fatal(err)
	}
	uses, err := h.DB.Setting(t.Context(), "webhook.uses")
	if err != nil || !strings.Contains(string(uses), h.Door.List()[0].ID) {
		t.Errorf("%s %v", uses, err)
	}
	kept, err := h.DB.Setting(t.Context(), "webhook.secrets")
	if err != nil || strings.Contains(string(kept), "planted") {
		t.Errorf("%q %v", kept, err)
	}
	suggested := admin.Get("/settings/webhook?suggest=yes")
	says(t, suggested.Parse(t), http.StatusOK, "stored nowhere")
	if again := admin.Get("/settings/webhook?suggest=yes"); again.Body == suggested.Body {
		t.Error("the same secret is made up twice")
	}
}

func TestASecretOfTheStartIsFixedInTheBrowser(t *testing.T) {
	h := webtest.New(t, webtest.Config{WebhookSecrets: []string{webtest.WebhookSecret, "planted-second-secret-000000002"}})
	admin := h.As(t, team.Admin)
	page := admin.Get("/settings/webhook")
	says(t, page.Parse(t), http.StatusOK, "Secret given at the start, the first", "Two are set", "fixed here")
	if strings.Contains(page.Body, "Add the new secret") || strings.Contains(page.Body, webtest.WebhookSecret) {
		t.Error("it can be changed, or is shown")
	}
	if a := admin.Post("/settings/webhook/secrets", url.Values{"secret": {strings.Repeat("x", 32)}}); a.Status != http.StatusConflict {
		t.Errorf("%d", a.Status)
	}
}
