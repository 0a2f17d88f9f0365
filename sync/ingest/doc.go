// Package ingest takes webhook deliveries in: verified, stored byte for byte before they are
// acknowledged, then digested element by element into history. A delivery may cause reads and
// rows, never a write to the cloud. It may import fleet and audit.
package ingest
