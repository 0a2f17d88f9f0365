// Package web is the outside of Cordboard: pages, JSON, the webhook's door and the live stream.
// Handlers decode, call one use case and render; everything they show is put into words here.
// Every route stands in one table with the role it needs.
//
// It may import views, static, form, fleet, team, plan, audit, change, ingest and reconcile,
// never the database or the vendor's packages: what it reads comes through the ports below.
package web
