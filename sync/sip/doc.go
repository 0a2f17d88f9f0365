// Package sip is a PBX's own SIP trunks: their settings, what of them each type has, the patches that
// change them, the rules, and how two readings differ (seed 003, contract pseries-api). It is pure: no
// clock, no database, no cloud. It may import sync/fleet.
package sip
