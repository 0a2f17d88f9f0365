// Package trunks reads how the shared trunks stand with their providers, and keeps it with its age.
// It runs behind everybody who waits, and cannot write to the cloud. It may import fleet only.
package trunks
