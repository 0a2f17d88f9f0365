// Package seal keeps secrets at rest: what is sealed under a name opens with the same key and under
// the same name only. It imports nothing of ours.
package seal
