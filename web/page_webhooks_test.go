package web_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// report delivers a body with a good signature.
func report(t *testing.T, h *webtest.House, body string) {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(webtest.WebhookSecret))
	mac.Write([]byte(body))
	a := h.Stranger(t).Do(http.MethodPost, "/hooks/ycm", body, "X-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	if a.Status != http.StatusOK {
		t.Fatalf("a delivery: %d", a.Status)
	}
}

func TestTheInboxShowsEveryFateOfADeliveryAndReplaysOne(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	const good = `[{"event":"did_change","sn":"36A0B4311196ACME","trunkDidInfoList":[{"did":"+442079450030","didId":"50030","trunkId":"6681","trunkName":"<script>alert(1)</script>"}],"updateTime":1773105500177}]`
	report(t, h, good)
	h.Settled()
	report(t, h, good)
	h.Settled()
	report(t, h, `[{"event":"did_change","sn":"36STRANGERXXXXZK","trunkDidInfoList":[],"updateTime":1773105500177}]`)
	report(t, h, `{"no":"list"`)
	report(t, h, "\xff\xfe not even text")
	h.Settled()

	says(t, c.Get("/webhooks").Parse(t), http.StatusOK, "Parked", "Dead", "36STRANGERXXXXZK", "Acme HQ", "Look at it")
	says(t, c.Get("/webhooks?state=parked").Parse(t), http.StatusOK, "No known PBX has this serial number")
	says(t, c.Get("/webhooks?state=stored").Parse(t), http.StatusOK, "No delivery in this state")
	page := c.Get("/webhooks/1").Parse(t)
	says(t, page, http.StatusOK, "Shown indented", `"trunkName": "<script>alert(1)</script>"`, "1 number", "did_change", "10 Mar 2026, 01:18:20 UTC")
	if strings.Contains(page.Body, "<script>alert") {
		t.Error("the body is not escaped")
	}
	says(t, c.Get("/webhooks/4").Parse(t), http.StatusOK, "can't be understood", `{"no":"list"`, "Shown as it came")
	says(t, c.Get("/webhooks/5").Parse(t), http.StatusOK, "Bytes that are no text are escaped")

	if !c.Get("/webhooks/3").Parse(t).HasPost("/webhooks/3/replay") {
		t.Fatal("no replay for an operator")
	}
	if h.As(t, team.Viewer).Get("/webhooks/3").Parse(t).HasPost("/webhooks/3/replay") {
		t.Error("a viewer is offered a replay")
	}
	if a := c.Post("/webhooks/3/replay", url.Values{}); a.Status != http.StatusSeeOther || a.Location() != "/webhooks/3" {
		t.Fatalf("replay: %d %s", a.Status, a.Location())
	}
	h.Settled()
	says(t, c.Get("/webhooks/3").Parse(t), http.StatusOK, "Parked")
	says(t, c.Get("/audit?action=delivery.replay").Parse(t), http.StatusOK, "delivery 3", "operator")
}

func TestALongBodyIsCutOnThePageOnly(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	body := `["` + strings.Repeat("ä", 200_000) + `"]`
	report(t, h, body)
	h.Settled()
	a := h.As(t, team.Viewer).Get("/webhooks/1")
	if page := a.Parse(t); a.Status != http.StatusOK || len(a.Body) > 200_000 || !strings.Contains(page.Text(), "stored byte for byte") || strings.Contains(page.Text(), "escaped") {
		t.Errorf("%d, %d bytes", a.Status, len(a.Body))
	}
	_, stored, err := h.DB.Delivery(t.Context(), 1)
	if err != nil || string(stored) != body {
		t.Errorf("stored %d bytes, %v", len(stored), err)
	}
}
