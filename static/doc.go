// Package static holds the files a browser needs beside the pages: the style sheet, the scripts, the fonts, the icon.
// They are embedded in the binary and served under a path that carries a hash of their content, so that a browser may keep
// them for ever and never sees an old one after an upgrade.
//
// Third-party files are vendored with their licences: htmx 4.0.1 (Zero-Clause BSD), Inter and IBM Plex Mono (SIL Open Font
// License 1.1, Latin subset). Everything else is ours and hand-written.
//
// It may import the standard library only.
package static
