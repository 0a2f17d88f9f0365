// Package choices keeps what there is to choose for a new PBX: regions with their domains and
// firmwares, customers, templates, and what the subscription has left. It is read from the cloud when
// somebody asks, kept for a moment, and read anew on demand. When a read fails, what was read before
// is answered with its age and the reason. It may import fleet.
package choices
