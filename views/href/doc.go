// Package href builds every URL of Cordboard's pages in one place: links, form targets and filters.
// Ids are escaped, query parameters are in a fixed order, and empty ones are left out, so that equal views have equal URLs.
//
// It imports nothing of ours: ids arrive as plain integers and strings.
package href
