package web

import "time"

// staleAfter is how old knowledge may get before a PBX is called stale.
func (s *Server) staleAfter() time.Duration { return s.Settings.Current().Sync.Stale() }
