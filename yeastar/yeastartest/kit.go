package yeastartest

// TB is what Start needs of a testing.TB, so that programs which embed the
// simulator do not link the testing package.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Start makes a simulator, serves it and closes it when the test ends. The test
// fails if the simulator was misused (see Server.Err).
func Start(t TB, cfg Config) *Server {
	t.Helper()
	s := New(cfg)
	if _, err := s.Start(); err != nil {
		t.Fatalf("start the simulator: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
		if err := s.Err(); err != nil {
			t.Errorf("the simulator was misused: %v", err)
		}
	})
	return s
}
