package station

import (
	"context"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/sync/upstream"
)

// wireAccess makes the way to the PBXs' own APIs. Without a key PBXs are reached through YCM only, and no
// password leaves a mark.
func (s *Station) wireAccess(c Config) (err error) {
	d := upstream.PBXAPIDeps{Cloud: s.Cloud, Book: s.DB, Now: c.Now, Log: c.Log, Rate: c.PBXRate, Tune: c.TunePBX}
	if s.Sealer != nil {
		d.Sealer = s.Sealer
		d.Mark = func(id fleet.PBXID, trunk sip.TrunkID, password string) string {
			return s.Sealer.Mark(change.PasswordName(id, trunk), []byte(password))
		}
	}
	s.PBXs, err = upstream.NewPBXAPI(d)
	return err
}

// trunkEditor makes what changes the PBXs' own trunks.
func (s *Station) trunkEditor(c Config) (*change.TrunkEditor, error) {
	d := change.TrunkEditorDeps{
		API: s.PBXs, Book: s.DB, Now: c.Now, Log: c.Log, Watch: s.follow,
		ReadBack: or(c.ReadBack, 5*time.Second), Poll: or(c.Poll, 250*time.Millisecond), Follow: or(c.Follow, time.Minute), Look: or(c.Look, 2*time.Second),
	}
	if s.Sealer != nil {
		d.Sealer = s.Sealer
	}
	return change.NewTrunkEditor(d)
}

// handBack is how long tokens may take to go back to their PBXs when Cordboard ends.
const handBack = 5 * time.Second

// releasePBXs hands the tokens back.
func (s *Station) releasePBXs() {
	ctx, cancel := context.WithTimeout(context.Background(), handBack)
	defer cancel()
	s.PBXs.Close(ctx)
}
