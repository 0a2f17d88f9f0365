package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
	"sync"
)

// Prefix is where Handler expects to be mounted. It needs no sign-in: the sign-in page itself uses these files.
const Prefix = "/static/"

//go:embed files
var embedded embed.FS

// hash is one short hash over the names and contents of all files. One hash for all, and not one each, lets the style
// sheet name its fonts by relative URLs.
var hash = sync.OnceValue(func() string {
	sum := sha256.New()
	// The walk reads embedded files only: it cannot fail, and a failure would leave a hash that still is a valid path.
	_ = fs.WalkDir(embedded, "files", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := embedded.ReadFile(path)
		if err != nil {
			return err
		}
		sum.Write([]byte(path))
		sum.Write([]byte{0})
		sum.Write(content)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil))[:12]
})

// Path gives the URL of a file, for example Path("app.css") = "/static/5f0c…/app.css".
func Path(name string) string {
	return Prefix + hash() + "/" + name
}

// Handler serves the files below Prefix. A path with the current hash may be cached for a year; one with another hash
// (a page opened before an upgrade) gets today's file, uncached. Unknown names are 404, other methods than GET and HEAD 405.
func Handler() http.Handler {
	return http.HandlerFunc(serve)
}

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	version, name, found := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	content, err := embedded.ReadFile("files/" + name)
	if !found || err != nil {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", contentType(name))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache")
	if version == hash() {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Method == http.MethodHead {
		return
	}
	// A failed write means that the browser went away: there is nobody left to tell.
	_, _ = w.Write(content)
}

// contentType knows the handful of kinds that are embedded. The system's MIME table is not asked: it differs by machine.
func contentType(name string) string {
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "css":
		return "text/css; charset=utf-8"
	case "js":
		return "text/javascript; charset=utf-8"
	case "svg":
		return "image/svg+xml"
	case "woff2":
		return "font/woff2"
	default:
		return "text/plain; charset=utf-8"
	}
}
