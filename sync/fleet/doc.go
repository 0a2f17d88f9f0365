// Package fleet is the vocabulary of Cordboard: Cloud PBXs, shared trunks, DIDs, the bindings
// between them, and what is known of each with which certainty.
//
// It is pure: no clock, no network, no database, and it imports the standard library only.
// Everything else in the house speaks in these types; vendor oddities (ids as strings, mixed
// time units) end before they get here.
package fleet
