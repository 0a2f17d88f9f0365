package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Hub passes topics of what changed ("fleet", "pbx:4808", "plan:…") to open pages. The zero
// value is ready. A slow page misses topics, never holds up the sender: it is told to look at
// everything again.
type Hub struct {
	mu     sync.Mutex
	pages  map[chan string]bool
	said   int      // how many topics were announced since the start
	recent []string // the last of them: what changes while a page travels must not be lost to it
}

const (
	pageQueue = 64
	hubMemory = 256
	topicAll  = "*"
	heartbeat = 20 * time.Second
)

// Announce tells every open page that the topics changed.
func (h *Hub) Announce(topics ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said += len(topics)
	if h.recent = append(h.recent, topics...); len(h.recent) > 2*hubMemory {
		h.recent = append([]string(nil), h.recent[len(h.recent)-hubMemory:]...)
	}
	for page := range h.pages {
		for _, topic := range topics {
			select {
			case page <- topic:
			default:
			}
		}
	}
}

// count is how many topics were announced so far.
func (h *Hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.said
}

// join opens the stream of a page that was made when so many topics had been announced. It begins with
// what the page missed since; a count that can't be is everything.
func (h *Hub) join(since int) (chan string, func()) {
	page := make(chan string, pageQueue)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch missed := h.said - since; {
	case missed < 0 || missed > len(h.recent) || missed > pageQueue/2:
		page <- topicAll
	default:
		for _, topic := range h.recent[len(h.recent)-missed:] {
			page <- topic
		}
	}
	if h.pages == nil {
		h.pages = map[chan string]bool{}
	}
	h.pages[page] = true
	return page, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.pages, page)
	}
}

// signedOut reports whether the session of a stream has ended since it was opened: elsewhere, or by a
// new password. When nobody can tell, it has.
func (s *Server) signedOut(c echo.Context) bool {
	row, err := s.Sessions.Session(c.Request().Context(), who(c).session.Hash)
	return err != nil || !row.Live(s.Now())
}

// events is the live stream of one page: each message's data is a topic. It ends with the
// sign-in, with the browser, or with the server's draining.
func (s *Server) events(c echo.Context) error {
	since, err := strconv.Atoi(c.QueryParam("since"))
	if err != nil {
		since = s.Hub.count() // nothing is said of when the page was made
	}
	page, leave := s.Hub.join(since)
	defer leave()
	w := c.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	if !mayWrite(w) {
		return nil
	}
	fmt.Fprint(w, "retry: 2000\n\n")
	w.Flush()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	expired := time.NewTimer(who(c).session.ExpiresAt().Sub(s.Now()))
	defer expired.Stop()
	for mayWrite(w) {
		var err error
		select {
		case <-s.stop.Done():
			return nil
		case <-c.Request().Context().Done():
			return nil
		case <-expired.C:
			return nil
		case <-ticker.C:
			if s.signedOut(c) {
				return nil
			}
			_, err = fmt.Fprint(w, ": still here\n\n")
		case topic := <-page:
			if s.signedOut(c) {
				return nil
			}
			if len(page) >= pageQueue-1 {
				topic = topicAll
			}
			_, err = fmt.Fprintf(w, "data: %s\n\n", topic)
		}
		if err != nil {
			return nil // the browser went away
		}
		w.Flush()
	}
	return nil
}

// mayWrite gives a stream time for its next message: the server's limit for a whole answer is not meant for one
// that does not end. It answers false when the connection takes no more.
func mayWrite(w http.ResponseWriter) bool {
	err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * heartbeat))
	return err == nil || errors.Is(err, http.ErrNotSupported)
}
