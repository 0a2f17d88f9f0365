package station_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

func TestVerifyHoldsHistoryAgainstTheRawInbox(t *testing.T) {
	h := build(t)
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Duplicate: yeastartest.Copies(1)})
	if _, err := h.confirm(h.draft(bindExample)); err != nil {
		t.Fatal(err)
	}
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50051)})
	h.post(yeastartest.ReportBody(h.report(acmeHQ, yeastartest.EventDIDChange, time.Now().Add(-time.Hour), at(london, 50031))))
	h.post([]byte("[]"))
	h.post([]byte("not a report"))
	h.settled()
	proof, err := h.Verify(t.Context(), audit.Head{})
	if err != nil || proof.Reports != 5 || proof.AuditRows < 3 {
		t.Fatalf("%+v, %v", proof, err)
	}
	for _, tt := range []struct{ names, statements string }{ // each after the ones before: they are looked at in the other order
		{"delivery", `UPDATE holding SET did_id = 50047 WHERE pbx_id = 4808 AND did_id = 50031 AND to_at < 9223372036854775807`},
		{"PBX 4808 counts", `UPDATE holding SET did_id = 50049 WHERE pbx_id = 4808 AND did_id = 50051`},
		{"snapshot", `UPDATE snapshot SET count = count + 1 WHERE id = (SELECT min(id) FROM snapshot WHERE pbx_id = 4808)`},
		{"audit", `DROP TRIGGER audit_keeps_words; UPDATE audit SET actor = 'nobody' WHERE seq = 2`},
	} {
		tamper(t, h.path, tt.statements)
		if _, err := h.Verify(t.Context(), audit.Head{}); err == nil || !strings.Contains(err.Error(), tt.names) {
			t.Errorf("%s: %v", tt.statements, err)
		}
	}
}

func TestADeadElementStillSaysWhoseItIs(t *testing.T) {
	h := build(t)
	h.post(yeastartest.ReportBody(h.report(acmeHQ, "did_exploded", time.Now(), at(london, 50030))))
	h.settled()
	e := deliveries(t, h)[0].Elements[0]
	if e.State != fleet.DeliveryDead || e.Serial != "36A0B4311196ACME" || e.Error == "" {
		t.Errorf("%+v", e)
	}
}

// tamper is somebody who writes into the database file by hand.
func tamper(t *testing.T, path, statements string) {
	t.Helper()
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(statements); err != nil {
		t.Fatal(err)
	}
}
