package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
)

// hookPath is where YCM pushes its event reports.
const hookPath = "/hooks/ycm"

// maxDelivery bounds a delivery: 8 MiB, some 50,000 numbers.
const maxDelivery = 8 << 20

// Nobody knows who sends a delivery before it is there to its end. So every one is given a little memory, which YCM's
// usual ones fit into, and what is larger takes turns.
const (
	smallDelivery = 64 << 10
	largeAtOnce   = 8
	largeTurn     = 2 * time.Second // how long one waits for its turn: senders want an answer within three
)

// hook takes one delivery: 200 when it survives a power cut, and not before.
func (s *Server) hook(c echo.Context) error {
	r := c.Request()
	if r.ContentLength > maxDelivery {
		return errTooLarge
	}
	var body bytes.Buffer
	sent := http.MaxBytesReader(c.Response(), r.Body, maxDelivery)
	_, err := io.CopyN(&body, sent, smallDelivery)
	if err == nil {
		turn := time.NewTimer(largeTurn)
		defer turn.Stop()
		select {
		case s.large <- struct{}{}:
			defer func() { <-s.large }()
		case <-turn.C:
			if s.refusals.first("a large delivery", s.Now()) {
				s.Log.Warn("a large delivery was put off: others are under way", "request_id", requestID(c))
			}
			c.Response().Header().Set("Retry-After", "5")
			return c.NoContent(http.StatusServiceUnavailable)
		}
		body.Grow(int(max(r.ContentLength-smallDelivery, 0)) + bytes.MinRead)
		_, err = body.ReadFrom(sent)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return tooLarge
		}
		return fleet.Invalid("web.hook", "The body could not be read to its end.")
	}
	switch err := s.Ingester.Accept(r.Context(), body.Bytes(), r.Header.Get("X-Signature")); {
	case errors.Is(err, ingest.ErrSignature):
		return c.NoContent(http.StatusUnauthorized)
	case err != nil:
		s.Log.Error("a delivery could not be stored", "request_id", requestID(c), "error", err)
		c.Response().Header().Set("Retry-After", "5")
		return c.NoContent(http.StatusServiceUnavailable)
	}
	return c.NoContent(http.StatusOK)
}

var errTooLarge = &http.MaxBytesError{Limit: maxDelivery}
