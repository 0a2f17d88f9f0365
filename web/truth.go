package web

import (
	"context"
	"slices"

	"cordboard/sync/fleet"
	"cordboard/views/ui"
)

// truth is how our record of a PBX stands, in words: for the head of its own pages.
func (s *Server) truth(row fleet.PBXRow) ui.Truth {
	now := s.Now()
	sync := fleet.Judge(row.Standing, now, s.staleAfter())
	t := ui.Truth{State: syncBadge(sync.State), Sentence: sync.Sentence}
	if sync.State != fleet.InSync {
		t.Since = ui.At(sync.Since, now)
	}
	at, how := row.Standing.Truth()
	t.At = ui.At(at, now)
	switch how {
	case fleet.FromReconcile:
		t.Word, t.By = "verified", "by API"
	case fleet.FromWebhook:
		t.Word, t.By = "reported", "by webhook"
	}
	return t
}

// knownBy is the source of the truth's age as scripts get it.
func knownBy(how fleet.Source) string {
	switch how {
	case fleet.FromReconcile:
		return "api"
	case fleet.FromWebhook:
		return "webhook"
	}
	return ""
}

// brief is the same for a row of a list: where all is well, the word says it.
func (s *Server) brief(row fleet.PBXRow) ui.Truth {
	t := s.truth(row)
	if t.State.Tone == ui.Ok {
		t.Sentence = ""
	}
	return t
}

// somePBXs looks up the PBXs that a list names, each once.
func (s *Server) somePBXs(ctx context.Context, ids []fleet.PBXID) (map[fleet.PBXID]fleet.PBXRow, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id fleet.PBXID) bool { return id == 0 })
	if len(ids) == 0 {
		return nil, nil
	}
	return s.Fleet.SomePBXs(ctx, ids)
}

// stand is how one PBX stands, for a page that is about something else; nothing for no PBX.
func (s *Server) stand(ctx context.Context, id fleet.PBXID) (ui.Truth, error) {
	truths, err := s.stands(ctx, []fleet.PBXID{id})
	if err != nil {
		return ui.Truth{}, err
	}
	return truths[0], nil
}

// stands is how each of some PBXs stands, in their order: nothing for no PBX, or one never seen.
func (s *Server) stands(ctx context.Context, ids []fleet.PBXID) ([]ui.Truth, error) {
	rows, err := s.somePBXs(ctx, ids)
	if err != nil {
		return nil, err
	}
	truths := make([]ui.Truth, len(ids))
	for i, id := range ids {
		if row, ok := rows[id]; ok {
			truths[i] = s.brief(row)
		}
	}
	return truths, nil
}
