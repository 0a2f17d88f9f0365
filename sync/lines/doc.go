// Package lines reads the SIP trunks of all PBXs now and then, behind everybody who waits, so that they can
// be searched: see [Watcher]. It may import sync/fleet and sync/sip.
package lines
