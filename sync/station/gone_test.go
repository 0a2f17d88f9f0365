package station_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/notify/notifytest"
	"cordboard/yeastar/yeastartest"
)

// acceptDeletion takes the deletion of a PBX for what shall be.
func (h *house) acceptDeletion(id fleet.PBXID) {
	h.t.Helper()
	d := h.drift(id)
	if err := h.DB.AdoptDrift(h.t.Context(), d.ID, time.Time{}, audit.Entry{Actor: "ana", Action: audit.DriftAdopt, PBX: id, Outcome: audit.Succeeded}); err != nil {
		h.t.Fatal(err)
	}
}

func last(r *notifytest.Receiver) string { return r.Posts()[len(r.Posts())-1].Body }

func TestHazardADeletedPBXIsToldUntilAPersonAcceptsItAndALaterReportIsToldAnew(t *testing.T) {
	h, r := told(t)
	bound := h.cloud(acmeHQ)
	report := h.report(acmeHQ, yeastartest.EventDIDChange, time.Now(), at(london, 50030))
	h.sim.DeletePBX(int64(acmeHQ))
	h.settled()
	h.hears(r, "opened pbx_deleted")
	if said := last(r); !strings.Contains(said, "Acme HQ was deleted") || !strings.Contains(said, "4 numbers were bound to it") {
		t.Errorf("it is told as %s", said)
	}
	d := h.drift(acmeHQ)
	if d.Cause != fleet.CausePBXDeleted || !d.Before.Equal(bound) || d.After.Len() != 0 || d.Base == 0 {
		t.Errorf("on record: %+v", d)
	}
	report.UpdateTime = time.Now().UnixMilli()
	h.post(yeastartest.ReportBody(report))
	h.settled()
	h.hears(r, "opened pbx_deleted", "opened pbx_reported")
	if said := last(r); !strings.Contains(said, "Acme HQ is reported after its deletion") || !strings.Contains(said, "Look at it in YCM") {
		t.Errorf("it is told as %s", said)
	}
	h.acceptDeletion(acmeHQ)
	h.hears(r, "opened pbx_deleted", "opened pbx_reported", "closed pbx_reported")
	report.UpdateTime = time.Now().UnixMilli()
	h.post(yeastartest.ReportBody(report))
	h.settled()
	h.hears(r, "opened pbx_deleted", "opened pbx_reported", "closed pbx_reported", "opened pbx_reported")
	if s := h.state(acmeHQ); s.State != fleet.Gone {
		t.Errorf("a report alone brought it back: %+v", s)
	}
}

func TestAPBXWhoseDeletionAReadFoundIsToldAndSoIsTheEndOfItsDrift(t *testing.T) {
	h, r := told(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50031)})
	h.settled()
	h.hears(r, "opened drift")
	h.sim.DeletePBX(int64(acmeHQ), yeastartest.Quiet)
	h.sweep()
	h.hears(r, "opened drift", "opened pbx_deleted", "closed drift")
	if said := last(r); strings.Contains(said, "settled") || strings.Contains(said, "no longer drifted") || !strings.Contains(said, "because the PBX was deleted") {
		t.Errorf("the end of its drift is told as %s", said)
	}
	if d := h.drift(acmeHQ); d.Cause != fleet.CausePBXDeleted || d.Before.Len() != 2 || d.Since.Equal(d.Until) {
		t.Errorf("on record: %+v", d)
	}
}

func TestADeletionOfOurOwnAlarmsNobody(t *testing.T) {
	h, r := told(t)
	h.does(func() (job.Job, error) {
		return h.Life.Delete(t.Context(), ana, bakery, change.Consent{Name: "Corner Bakery", Reason: "closed"})
	}, job.Done)
	h.settled()
	h.sweep()
	h.sim.DeletePBX(int64(oldie))
	h.settled()
	h.hears(r, "opened pbx_deleted")
	if said := last(r); !strings.Contains(said, "Old Mill") {
		t.Errorf("it is told as %s", said)
	}
}
