//go:build linux || darwin

package station

import "syscall"

// room is how much of the disk below a folder is free, and how large it is; zeros when the system does not tell.
func room(folder string) (free, total uint64) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, 0
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize)
}
