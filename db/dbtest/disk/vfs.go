package disk

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	full   = sqlite3.SQLITE_FULL
	broken = sqlite3.SQLITE_IOERR_WRITE
)

// shim is the one VFS of ours that this process has: SQLite's list of them is the process's. It is SQLite's own, except
// that files are told of when they are opened, and written, truncated and synced through the disk.
var shim struct {
	mu    sync.Mutex
	tls   *libc.TLS
	own   *sqlite3.Tsqlite3_vfs // SQLite's, below
	ours  *sqlite3.Tsqlite3_vfs
	files map[uintptr]*file // by SQLite's handle
	inUse *Disk
	// keep holds the functions that C has pointers to.
	keep []any
}

type file struct {
	disk    *Disk
	path    string
	methods *sqlite3.Tsqlite3_io_methods // of SQLite's own VFS
}

func insert(d *Disk) error {
	shim.mu.Lock()
	defer shim.mu.Unlock()
	if shim.inUse != nil {
		return errors.New("disk: there is one already: tests with disks can't be parallel")
	}
	if shim.ours == nil {
		if err := build(); err != nil {
			return err
		}
	}
	if rc := sqlite3.Xsqlite3_vfs_register(shim.tls, address(shim.ours), 1); rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("disk: registering: %d", rc)
	}
	shim.inUse = d
	return nil
}

// remove makes SQLite's own VFS the one for databases that are opened later.
func remove() error {
	shim.mu.Lock()
	defer shim.mu.Unlock()
	shim.inUse = nil
	if rc := sqlite3.Xsqlite3_vfs_register(shim.tls, address(shim.own), 1); rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("disk: registering: %d", rc)
	}
	return nil
}

// build makes ours of SQLite's own; both live in memory that Go's collector leaves alone.
func build() error {
	shim.tls = libc.NewTLS()
	shim.files = make(map[uintptr]*file)
	own := sqlite3.Xsqlite3_vfs_find(shim.tls, 0)
	if own == 0 {
		return errors.New("disk: SQLite has no VFS")
	}
	shim.own = at[sqlite3.Tsqlite3_vfs](own)
	p := libc.Xcalloc(shim.tls, 1, libc.Tsize_t(unsafe.Sizeof(*shim.own)))
	name, err := libc.CString("cordboard-disk")
	if p == 0 || err != nil {
		return errors.New("disk: out of memory")
	}
	shim.ours = at[sqlite3.Tsqlite3_vfs](p)
	*shim.ours = *shim.own
	shim.ours.FpNext, shim.ours.FzName = 0, name
	shim.ours.FxOpen = pointer(open)
	return nil
}

// open opens a file with SQLite's own VFS and puts methods of ours in front of its.
func open(tls *libc.TLS, vfs, name, handle uintptr, flags int32, out uintptr) int32 {
	own := function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](shim.own.FxOpen)
	rc := own(tls, vfs, name, handle, flags, out)
	methods := at[uintptr](handle)
	if rc != sqlite3.SQLITE_OK || *methods == 0 || flags&(sqlite3.SQLITE_OPEN_MAIN_DB|sqlite3.SQLITE_OPEN_WAL) == 0 {
		return rc
	}
	shim.mu.Lock()
	defer shim.mu.Unlock()
	if shim.inUse == nil {
		return rc
	}
	f := &file{disk: shim.inUse, path: libc.GoString(name), methods: at[sqlite3.Tsqlite3_io_methods](*methods)}
	f.disk.opened(f.path)
	shim.files[handle] = f
	*methods = address(f.wrapped())
	return rc
}

// wrapped are the file's own methods with ours in four places. Their memory is never given back: SQLite's handles are few.
func (f *file) wrapped() *sqlite3.Tsqlite3_io_methods {
	m := at[sqlite3.Tsqlite3_io_methods](libc.Xcalloc(shim.tls, 1, libc.Tsize_t(unsafe.Sizeof(*f.methods))))
	*m = *f.methods
	m.FxWrite, m.FxTruncate, m.FxSync = pointer(f.write), pointer(f.truncate), pointer(f.sync)
	return m
}

func (f *file) write(tls *libc.TLS, handle, from uintptr, n int32, offset sqlite3.Tsqlite3_int64) int32 {
	if code := f.disk.ask(); code != 0 {
		return code
	}
	rc := function[func(*libc.TLS, uintptr, uintptr, int32, sqlite3.Tsqlite3_int64) int32](f.methods.FxWrite)(tls, handle, from, n, offset)
	if rc == sqlite3.SQLITE_OK {
		f.disk.note(op{path: f.path, kind: write, at: offset, data: append([]byte(nil), unsafe.Slice(at[byte](from), n)...)})
	}
	return rc
}

func (f *file) truncate(tls *libc.TLS, handle uintptr, size sqlite3.Tsqlite3_int64) int32 {
	rc := function[func(*libc.TLS, uintptr, sqlite3.Tsqlite3_int64) int32](f.methods.FxTruncate)(tls, handle, size)
	if rc == sqlite3.SQLITE_OK {
		f.disk.note(op{path: f.path, kind: truncate, at: size})
	}
	return rc
}

func (f *file) sync(tls *libc.TLS, handle uintptr, flags int32) int32 {
	if code := f.disk.ask(); code != 0 {
		return code
	}
	rc := function[func(*libc.TLS, uintptr, int32) int32](f.methods.FxSync)(tls, handle, flags)
	if rc == sqlite3.SQLITE_OK {
		f.disk.note(op{path: f.path, kind: synced})
	}
	return rc
}

// pointer is what C sees of a Go function, which lives as long as the process.
func pointer[F any](f F) uintptr {
	shim.keep = append(shim.keep, f)
	return *(*uintptr)(unsafe.Pointer(&f))
}

// function is the inverse of pointer, for functions of C.
func function[F any](p uintptr) F {
	return *(*F)(unsafe.Pointer(&p))
}

// at is what stands at an address outside of Go's memory.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

func address[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }
