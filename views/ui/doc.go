// Package ui holds the pieces that every page is made of: badges, times, fields, tables, bars, notices. A piece is a struct of
// finished words with a View method (a templ component); what it looks like is written in static/files/app.css.
//
// It may import views/href and static, and nothing else of ours. It knows no domain types, no database, no HTTP.
package ui
