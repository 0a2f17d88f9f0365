package web_test

import (
	"fmt"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// The goal of docs/performance.md for lists is 20 kB a 50 rows, 4 kB compressed. The frame around
// the rows, with the navigation, has up to 6 kB of its own.
func TestListsOfFiftyRowsStaySmall(t *testing.T) {
	house := webtest.New(t, webtest.Config{Unconnected: true})
	crowd(t, house)
	viewer := house.As(t, team.Viewer)
	for _, path := range []string{"/pbx", "/webhooks", "/audit", "/numbers?number=4420"} {
		plain, small := viewer.Get(path, "Accept-Encoding", "identity"), viewer.Get(path, "Accept-Encoding", "gzip")
		if plain.Status != 200 || len(plain.Body) > 26_000 || len(small.Body) > 4_200 {
			t.Errorf("%s: %d with %d bytes, %d compressed", path, plain.Status, len(plain.Body), len(small.Body))
		}
		if len(plain.Body) < 14_000 {
			t.Errorf("%s: %d bytes are no fifty rows", path, len(plain.Body))
		}
	}
}

// crowd makes sixty PBXs with a number each, reported one by one, and as many audit entries.
func crowd(t *testing.T, house *webtest.House) {
	t.Helper()
	var list []fleet.PBX
	for i := range 60 {
		list = append(list, fleet.PBX{ID: fleet.PBXID(5000 + i), Serial: fmt.Sprintf("36%014d", i), Name: fmt.Sprintf("Customer %d of many", i),
			URL: fmt.Sprintf("customer%d.example.com", i), Region: "Europe", Firmware: "84.22.0.134", Status: fleet.StatusRunning})
	}
	if _, err := house.DB.KeepPBXs(t.Context(), list, time.Now()); err != nil {
		t.Fatal(err)
	}
	door, at := vendor{t, house, webtest.WebhookSecret}, time.Now().Add(-time.Hour)
	for i, pbx := range list {
		body := fmt.Sprintf(`[{"event":"did_change","sn":"%s","updateTime":%d,"trunkDidInfoList":[{"did":"+4420794%05d","didId":"%d","trunkId":"114529","trunkName":"register-trunk-shared_32YFS4"}]}]`,
			pbx.Serial, at.UnixMilli()+int64(i), i, 1000+i)
		door.wants(200, "a report", door.post([]byte(body)))
		e := audit.Entry{At: at, Actor: "ana", Action: audit.BindingsUpdate, Target: pbx.Name, PBX: pbx.ID, Outcome: audit.Succeeded, IP: "192.0.2.7"}
		if err := house.DB.AppendAudit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	house.Settled()
}
