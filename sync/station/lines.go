package station

import (
	"context"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/lines"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/sync/upstream"
)

// behind makes the readings of PBXs' trunks give way to everybody who waits.
type behind struct{ *upstream.PBXAPI }

// SIPTrunks is the PBX's, in the background.
func (b behind) SIPTrunks(ctx context.Context, id fleet.PBXID) ([]sip.Row, error) {
	return b.PBXAPI.SIPTrunks(upstream.Background(ctx), id)
}

// SIPSettings is the PBX's, in the background.
func (b behind) SIPSettings(ctx context.Context, id fleet.PBXID, ids []sip.TrunkID) ([]sip.Trunk, error) {
	return b.PBXAPI.SIPSettings(upstream.Background(ctx), id, ids)
}

// wireLines wires what knows and changes the trunks of many PBXs.
func (s *Station) wireLines(c Config) (err error) {
	s.Lines, err = lines.New(lines.Deps{
		Cloud: behind{s.PBXs}, Book: s.DB, Now: c.Now, Log: c.Log,
		Changed: func(id fleet.PBXID) { c.Announce("lines", "lines:"+id.String()) },
	})
	if err != nil {
		return err
	}
	s.Wide, err = change.NewWideEditor(change.WideDeps{Changer: s.Changer, Journal: s.DB, Drafts: s.DB, Now: c.Now, Log: c.Log})
	return err
}

// follow watches the trunk of a person's plan in the background. What the end of the process cuts short is
// taken up at the next start.
func (s *Station) follow(p plan.Plan) {
	if ctx := s.context(); ctx != nil {
		s.running.Go(func() { s.followTo(ctx, p) })
	}
}

func (s *Station) followTo(ctx context.Context, p plan.Plan) {
	if _, err := s.Changer.Follow(ctx, p); err != nil && ctx.Err() == nil {
		s.log.Warn("how a trunk stands after its plan could not be kept", "plan", p.ID, "error", err)
	}
}

// followAll takes up what the last run left. Jobs follow their own.
func (s *Station) followAll(ctx context.Context) {
	plans, err := s.DB.FollowedEdits(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Warn("the trunks of the last run's plans can't be followed", "error", err)
	}
	for _, p := range plans {
		if p.Job == "" {
			s.followTo(ctx, p)
		}
	}
}
