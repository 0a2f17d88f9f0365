package doctor_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sync/doctor"
	"cordboard/sync/fleet"
)

var now = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// well is an installation in which nothing is wrong.
func well() doctor.Facts {
	return doctor.Facts{
		Place: doctor.Place{Listen: "127.0.0.1:8080", Loopback: true}, Now: now, Path: fleet.PathVerdict{State: fleet.PathHealthy, Sentence: "Reports arrive."}, Secrets: 1, Reports: 7,
		Admins: 2, PBXs: 4, Interval: 10 * time.Minute, Disk: doctor.Disk{Free: 50 << 30, Total: 100 << 30}, Backup: doctor.Backup{LastAt: now.Add(-time.Hour)},
	}
}

func TestNothingIsWrongWithAnInstallationThatIsWell(t *testing.T) {
	for _, f := range doctor.Examine(well()) {
		if f.Level != doctor.Fine || f.Mend != "" || f.What == "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestEachFaultIsFoundAloneAndSaysHowToMendIt(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*doctor.Facts)
		level doctor.Level
		says  string
	}{
		"no credentials":      {func(f *doctor.Facts) { f.Trouble = "Not connected." }, doctor.Wrong, "Not connected"},
		"sign-in refused":     {func(f *doctor.Facts) { f.Stopped, f.Refusal = now, "bad client" }, doctor.Wrong, "bad client"},
		"another key":         {func(f *doctor.Facts) { f.Sealed = "Start it with the old key." }, doctor.Wrong, "can't be opened"},
		"a clock that is off": {func(f *doctor.Facts) { f.Offset = -time.Minute }, doctor.Look, "by 1 min."},
		"a clock far off":     {func(f *doctor.Facts) { f.Offset = 24 * time.Hour }, doctor.Wrong, "by 24 h."},
		"no secret":           {func(f *doctor.Facts) { f.Secrets = 0 }, doctor.Wrong, "no secret"},
		"no report yet":       {func(f *doctor.Facts) { f.Reports = 0 }, doctor.Look, "No report"},
		"a broken path":       {func(f *doctor.Facts) { f.Path = fleet.PathVerdict{State: fleet.PathBroken, Sentence: "Broken."} }, doctor.Wrong, "Broken"},
		"a silent path":       {func(f *doctor.Facts) { f.Path = fleet.PathVerdict{State: fleet.PathSilent, Sentence: "Silent."} }, doctor.Look, "Silent"},
		"a dead delivery":     {func(f *doctor.Facts) { f.Dead = 1 }, doctor.Look, "1 delivery can't"},
		"parked deliveries":   {func(f *doctor.Facts) { f.Parked = 3 }, doctor.Look, "3 deliveries wait"},
		"a full disk":         {func(f *doctor.Facts) { f.Disk.Free = 50 << 20 }, doctor.Wrong, "50 MiB of 100.0 GiB"},
		"a disk nearly full":  {func(f *doctor.Facts) { f.Disk.Free = 900 << 20 }, doctor.Look, "900 MiB"},
		"a read-only folder":  {func(f *doctor.Facts) { f.Disk.Fault = "read-only file system." }, doctor.Wrong, "read-only"},
		"no backup":           {func(f *doctor.Facts) { f.Backup.LastAt = time.Time{} }, doctor.Look, "No backup"},
		"an old backup":       {func(f *doctor.Facts) { f.Backup.LastAt = now.AddDate(0, 0, -9) }, doctor.Look, "9 days"},
		"failing backups":     {func(f *doctor.Facts) { f.Backup.Trouble = "No room." }, doctor.Wrong, "No room"},
		"the key beside it":   {func(f *doctor.Facts) { f.KeyFile = true }, doctor.Look, "data folder"},
		"no admin":            {func(f *doctor.Facts) { f.Admins = 0 }, doctor.Wrong, "no admin"},
		"one admin":           {func(f *doctor.Facts) { f.Admins = 1 }, doctor.Look, "only one admin"},
		"plain http":          {func(f *doctor.Facts) { f.Plain = true }, doctor.Wrong, "without https"},
		"an unknown plan":     {func(f *doctor.Facts) { f.Unknown = 1 }, doctor.Wrong, "1 plan has"},
		"many drafts":         {func(f *doctor.Facts) { f.Drafts = 40 }, doctor.Look, "40 drafts"},
		"an unreadable PBX":   {func(f *doctor.Facts) { f.Unread = 1 }, doctor.Look, "1 PBX of 4"},
		"stale knowledge":     {func(f *doctor.Facts) { f.Stale = 2 }, doctor.Look, "stale"},
		"nothing read":        {func(f *doctor.Facts) { f.PBXs = 0 }, doctor.Look, "Nothing has been read"},
		"no schedule":         {func(f *doctor.Facts) { f.Interval = 0 }, doctor.Look, "No pass"},
		"a start that is due": {func(f *doctor.Facts) { f.Restart = true }, doctor.Look, "home region"},
	} {
		f := well()
		c.spoil(&f)
		found := doctor.Examine(f)
		if first := found[0]; first.Level != c.level || !strings.Contains(first.What, c.says) || first.Mend == "" {
			t.Errorf("%s: %+v", name, first)
		}
		if found[1].Level != doctor.Fine || doctor.Worst(found) != c.level {
			t.Errorf("%s: something else is found too: %+v", name, found[1])
		}
	}
}

func TestListeningBeyondThisMachineAsksForAProxyThatIsTrusted(t *testing.T) {
	f := well()
	f.Place = doctor.Place{Listen: ":8080"}
	found := doctor.Examine(f)
	if found[0].Level != doctor.Look || found[1].Level != doctor.Look || !strings.Contains(found[0].What+found[1].What, "No proxy is trusted") {
		t.Errorf("%+v", found[:2])
	}
	f.Proxies = 1
	if found = doctor.Examine(f); found[0].Check != "Way to the pages" || found[1].Level != doctor.Fine {
		t.Errorf("with a trusted proxy: %+v", found[:2])
	}
}
