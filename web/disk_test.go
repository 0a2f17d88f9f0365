package web_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/db/dbtest/disk"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestHazardOnAFullDiskPeopleReadAlthoughTheirSessionsUseCantBeNoted(t *testing.T) {
	platter := disk.Insert(t)
	var later atomic.Int64
	h := webtest.New(t, webtest.Config{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	ana := h.As(t, team.Operator)
	platter.Fill()
	defer platter.Mend()
	later.Store(int64(5 * time.Minute)) // a session's use is noted once a minute
	for _, path := range []string{"/", "/pbx", "/api/v1/pbxs"} {
		if a := ana.Get(path); a.Status != http.StatusOK {
			t.Errorf("%s: %d %.300s", path, a.Status, a.Body)
		}
	}
}
