// Package views renders Cordboard's pages. Each screen X has a view model in X.go, made of finished words, and a template in
// X.templ that lays them out; layout.templ is the frame around all of them.
//
// A page is called as views.X(shell, page). Where htmx swaps only a part, the part is a template of its own with the same model
// (views.FleetResults(page)), and it carries the id that it is swapped by. A region with data-live="topic" refreshes itself when
// /events names that topic.
//
// It may import views/ui, views/href and static. It never imports sync/*, db or the HTTP framework: what a page says is decided
// in web, how it looks is decided here and in static/files/app.css.
package views
