package station

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"cordboard/sync/doctor"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/team"
)

// Examine gathers what is known of this installation.
func (s *Station) Examine(ctx context.Context) (doctor.Facts, error) {
	now := s.Settings.Current()
	f := doctor.Facts{Place: s.place, Now: s.now(), Sealed: s.Settings.Trouble(), Trouble: s.Cloud.Trouble(), Offset: s.Cloud.ClockOffset(),
		Restart: now.Numbers.HomeRegion != s.Phone.Region(), Region: now.Numbers.HomeRegion, Interval: now.Sync.Interval, Secrets: s.Ingester.Secrets(), Disk: look(filepath.Dir(s.file))}
	f.Stopped, f.Refusal = s.Cloud.Stopped()
	return f, errors.Join(s.examineRecord(ctx, &f), s.examineFleet(ctx, &f), s.examineBackups(ctx, &f))
}

func (s *Station) examineBackups(ctx context.Context, f *doctor.Facts) error {
	state, err := s.Backups.State(ctx)
	if err != nil {
		return err
	}
	f.Backup = doctor.Backup{Every: s.Backups.Config().Every, LastAt: state.Last.At}
	f.Backup.Trouble, _, err = s.Backups.Trouble(ctx)
	return err
}

// examineRecord is what the inbox, plans and people say.
func (s *Station) examineRecord(ctx context.Context, f *doctor.Facts) (err error) {
	if f.Path, err = s.Ingester.Judge(ctx); err != nil {
		return err
	}
	health, err := s.DB.InboxHealth(ctx)
	if err != nil {
		return err
	}
	f.Reports, f.Parked, f.Dead = health.Total, health.Parked, health.Dead
	counts, err := s.DB.PlanCounts(ctx)
	if err != nil {
		return err
	}
	f.Drafts, f.Unknown = counts[plan.Draft], counts[plan.Unknown]
	users, err := s.DB.Users(ctx)
	for _, u := range users {
		if u.Role == team.Admin {
			f.Admins++
		}
	}
	return err
}

func (s *Station) examineFleet(ctx context.Context, f *doctor.Facts) error {
	tally, err := s.DB.Tally(ctx, s.now(), s.Settings.Current().Sync.Stale())
	f.PBXs, f.Unread, f.Stale = tally.PBXs-tally.States[fleet.Gone], tally.States[fleet.Unknown], tally.States[fleet.Stale]
	return err
}

// look tries a folder: how much room there is, and whether anything can be written.
func look(folder string) doctor.Disk {
	var d doctor.Disk
	d.Free, d.Total = room(folder)
	probe, err := os.CreateTemp(folder, ".cordboard-probe-*")
	if err == nil {
		_, err = probe.WriteString("x")
		err = errors.Join(err, probe.Sync(), probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		d.Fault = err.Error() + "."
	}
	return d
}
