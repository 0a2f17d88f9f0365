package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// appends measures the disk alone: one append of so many bytes and one fdatasync after another.
func appends(dir string, size int, limit time.Duration) (perSecond float64, err error) {
	f, err := os.Create(filepath.Join(dir, "appends"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	block := make([]byte, size)
	n, began := 0, time.Now()
	for ; time.Since(began) < limit; n++ {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
