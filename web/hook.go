package web

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
)

// hookPath is where YCM pushes its event reports.
const hookPath = "/hooks/ycm"

// maxDelivery bounds a delivery: 8 MiB, some 50,000 numbers.
const maxDelivery = 8 << 20

// readAtOnce is how much memory a stranger's announced length is given at once; more only as it comes.
const readAtOnce = 256 << 10

// hook takes one delivery: 200 when it survives a power cut, and not before.
func (s *Server) hook(c echo.Context) error {
	r := c.Request()
	if r.ContentLength > maxDelivery {
		return errTooLarge
	}
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), readAtOnce)) + bytes.MinRead)
	if _, err := body.ReadFrom(http.MaxBytesReader(c.Response(), r.Body, maxDelivery)); err != nil {
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
