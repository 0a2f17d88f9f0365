package station

import (
	"cordboard/sync/factor"
	"cordboard/sync/notify"
)

// wireNotices makes what needs a key: the notifier, whose channels' settings are sealed, and second factors. The
// notifier tells pages directly, so that what it does wakes nobody but them.
func (s *Station) wireNotices(c Config, pages func(topics ...string)) (err error) {
	if s.Sealer == nil {
		return nil
	}
	if s.Factors, err = factor.New(s.DB, s.Sealer, c.Now); err != nil {
		return err
	}
	s.Notifier, err = notify.New(notify.Deps{
		Record: s.DB, Store: s.DB, Vault: s.DB, Sealer: s.Sealer, Path: s.Ingester.Judge, SignIn: s.Cloud.SignInTrouble, Backup: s.Backups.Trouble, Confirm: s.Worker.Ask,
		Now: c.Now, VendorNow: s.Cloud.VendorNow, Sure: c.Sure, Log: c.Log, Announce: pages, Roots: c.Roots,
	})
	return err
}
