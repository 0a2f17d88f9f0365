package web

import (
	"compress/gzip"
	"mime"
	"net/http"
	"slices"

	"github.com/klauspost/compress/gzhttp"

	"cordboard/views/href"
)

// worthPacking is the size in bytes from which an answer is compressed; below, it fits one packet.
const worthPacking = 1024

// packed are the kinds of answers that are compressed. Fonts are packed already, and a live stream
// must not wait in a buffer.
var packed = []string{
	"text/html", "text/css", "text/javascript", "text/csv", "text/plain",
	"image/svg+xml", "application/json", "application/problem+json", "application/yaml",
}

// compress packs texts with gzip for browsers that take it. The lowest level already makes a list a
// sixth; more would cost more time than the smaller answer saves. No page holds a secret beside
// text that a stranger chose (the session is in the cookie alone), so the length tells nothing.
func compress(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false), gzhttp.MinSize(worthPacking),
		gzhttp.ContentTypeFilter(func(header string) bool {
			kind, _, err := mime.ParseMediaType(header)
			return err == nil && slices.Contains(packed, kind)
		}),
	)
	if err != nil {
		return nil, err
	}
	packing := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == hookPath || r.URL.Path == href.Events {
			next.ServeHTTP(w, r)
			return
		}
		packing(w, r)
	}), nil
}
