// Package browser holds tests alone: the journeys, the accessibility and the liveness of the pages
// in a real headless Chromium, against the whole server with the vendor's simulator behind it.
// Its tests may import everything; nothing imports it.
//
// CORDBOARD_CHROMIUM names another Chromium than the one on the path. CORDBOARD_SHOTS names a folder
// for pictures of every page.
package browser
