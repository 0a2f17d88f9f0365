// Package webtest starts the whole of Cordboard for tests: the real server over HTTP, a real
// database file, the workers, and the vendor's simulator, which reports to the server's own
// webhook. Clients sign in like people do. It may import everything.
package webtest
