// Package reconcile keeps our record in step with the cloud by reading: passes over the whole
// fleet by schedule or command, and single looks when something asks for one. It has no way to
// write to the cloud. It may import fleet, team, plan and audit.
package reconcile
