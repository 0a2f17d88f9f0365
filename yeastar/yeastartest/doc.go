// Package yeastartest is a stateful simulator of Yeastar Central Management
// (YCM), served over real HTTP. Tests run against it, and so does the demo.
//
// It is an independent reading of the vendor's pages: it has wire structures of
// its own and shares no code with the client, so that a mistake in one of them
// shows up as a disagreement. It may import the standard library only.
//
// Where the vendor's pages say nothing, the behaviour is an assumption; every
// assumption is a switch in [Assumptions], whose zero value is the default.
//
// A server is built with [New] and filled with AddPBX, AddTrunk, AddDID and
// Bind. What happens behind a caller's back (a colleague in the portal, an
// upstream provider, a restore) is a method too: Rebind, ReleaseSilently,
// DeleteDID, DeleteTrunk, DeletePBX, Restore. Reports about changes go out as
// signed webhooks; [WebhookPolicy] loses, repeats, delays or shuffles them.
// [Server.Fail] breaks single calls in the ways that networks and vendors do.
//
// One file holds one resource: token.go, pbx.go, create.go, edit.go, run.go,
// customer.go, offer.go, binding.go, trunk.go, did.go.
// A new resource is a new file with its routes, plus its lines in routes.go.
package yeastartest
