package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestTheRecordIsNarrowedByWordsAndByHowAnActEnded(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	for i, outcome := range []audit.Outcome{audit.Succeeded, audit.Failed, audit.Refused} {
		e := sampleAct([]string{"Bäckerei Süß", "Acme", "Mill"}[i], "because of Monday")
		e.Outcome = outcome
		if err := h.DB.AppendAudit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	c := h.As(t, team.Viewer)
	page := c.Get("/audit?q=backerei+mon").Parse(t)
	says(t, page, http.StatusOK, "Words: backerei mon", "Bäckerei Süß", "1 act")
	says(t, c.Get("/audit?outcome=failed").Parse(t), http.StatusOK, "How it ended: failed", "Acme", "1 act")
	says(t, c.Get("/audit?q=monday&outcome=refused&actor=ana").Parse(t), http.StatusOK, "Mill", "1 act")
	says(t, c.Get("/audit?q=nobody+knows").Parse(t), http.StatusOK, "No act matches")
	says(t, c.Get("/audit?outcome=well").Parse(t), http.StatusUnprocessableEntity, "No act ends this way")
	says(t, c.Get("/audit?q="+strings.Repeat("x", 300)).Parse(t), http.StatusUnprocessableEntity, "too long")
	head, err := h.DB.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	says(t, c.Get("/audit").Parse(t), http.StatusOK, head.String())
	s := newScript(t, h, team.Viewer)
	if found := items(s.get("/audit?q=monday&outcome=refused")); len(found) != 1 {
		t.Errorf("%v", found)
	}
	s.refused(422, "invalid", "GET", "/audit?outcome=well", "", "outcome")
}

func TestAnActHasAPageThatTellsWhatItChangedInWords(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	confirm, _ := s.draft("/pbxs/4808/plans", `{"bind":[{"trunk_id":6681,"did_id":50036}],"unbind":[{"trunk_id":6681,"did_id":50031}]}`)
	s.ask(200, "POST", confirm, `{"name":"Acme HQ","reason":"they asked"}`)
	wrote, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.BindingsUpdate)})
	if err != nil || len(wrote.Items) != 1 {
		t.Fatal(wrote, err)
	}
	act := wrote.Items[0]
	path := "/audit/" + items(s.get("/audit?action=bindings.update"))[0]["id"].(string)
	page := s.Get(path).Parse(t)
	says(t, page, http.StatusOK, "operator: bindings.update", "Acme HQ", "they asked", webtest.Number(50036)[:3], "Added", "Removed", "Colt London", "3 numbers stay as they were", act.Hash, act.Prev, "The one before")
	if list := s.Get("/audit").Body; !strings.Contains(list, `href="`+path+`"`) {
		t.Error("the list does not lead to it")
	}

	admin := h.As(t, team.Admin)
	mail := url.Values{"part": {"mail"}, "host": {"smtp.example"}, "port": {"587"}, "security": {"starttls"}, "username": {"cb"}, "password": {"planted-mail-password"}, "from": {"a@b.example"}, "to": {"c@d.example"}}
	for i, host := range []string{"smtp.example", "mail.example"} {
		mail.Set("host", host)
		mail.Set("password", fmt.Sprint("planted-mail-password", i))
		if a := admin.Post("/settings/notifications", mail); a.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	saved, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.SettingsUpdate)})
	if err != nil || len(saved.Items) != 2 {
		t.Fatal(saved, err)
	}
	a := admin.Get(fmt.Sprint("/audit/", saved.Items[0].Seq))
	says(t, a.Parse(t), http.StatusOK, "notifications by e-mail", "Host", "smtp.example", "mail.example", "Password", "changed", "587")
	if strings.Contains(a.Body, "planted-mail-password") {
		t.Error("the password is shown")
	}

	if err := h.DB.AppendAudit(t.Context(), audit.Entry{At: time.Now(), Actor: "ana", Action: audit.PBXUpdate, Target: "X", Outcome: audit.Failed,
		Before: []byte(`[1,2]`), After: []byte(`{"trunkAccess":true,"deep":{"base_url":null,"list":[{"name":"<b>"},3]},"PBXID":4808}`)}); err != nil {
		t.Fatal(err)
	}
	odd := s.Get("/audit/" + items(s.get("/audit?actor=ana"))[0]["id"].(string))
	says(t, odd.Parse(t), http.StatusOK, "Trunk access", "yes", "Deep › base url", "not set", "Deep › list › 1 › name", "<b>", "4808", "1, 2")
	for _, nowhere := range []string{"/audit/0", "/audit/x", "/audit/99999"} {
		if a := s.Get(nowhere); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", nowhere, a.Status)
		}
	}
}
