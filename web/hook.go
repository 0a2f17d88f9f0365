package web

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
)

// hookPath is where YCM pushes its event reports.
const hookPath = "/hooks/ycm"

// maxDelivery bounds a delivery: 8 MiB, some 50,000 numbers.
const maxDelivery = 8 << 20

// hook takes one delivery: 200 when it survives a power cut, and not before.
func (s *Server) hook(c echo.Context) error {
	r := c.Request()
	var body []byte
	var err error
	if r.ContentLength > maxDelivery {
		return errTooLarge
	}
	if r.ContentLength > 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxDelivery))
	}
	if err != nil {
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return tooLarge
		}
		return fleet.Invalid("web.hook", "The body could not be read to its end.")
	}
	switch err := s.Ingester.Accept(r.Context(), body, r.Header.Get("X-Signature")); {
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
