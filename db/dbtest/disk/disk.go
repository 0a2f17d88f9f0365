package disk

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Disk is what every database stands on that is opened between [Insert] and the end of its test.
type Disk struct {
	mu     sync.Mutex
	fault  int32 // what writes answer instead of being done; 0: they are done
	record bool
	base   map[string][]byte // by path: what was there when recording began
	log    []op
}

// op is one thing that reached the disk.
type op struct {
	path string
	kind kind
	at   int64 // of a write; the size of a truncation
	data []byte
}

type kind uint8

const (
	write kind = iota
	truncate
	synced
)

// sector is what a disk writes whole or not at all.
const sector = 512

// Insert puts a disk under all databases that are opened from now on. One test at a time: not for parallel tests.
func Insert(t testing.TB) *Disk {
	t.Helper()
	d := &Disk{base: make(map[string][]byte)}
	if err := insert(d); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := remove(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// Fill makes the disk full: nothing can be written until Mend.
func (d *Disk) Fill() { d.fail(full) }

// Protect makes it fail every write, as a file system does that was remounted read-only, until Mend.
func (d *Disk) Protect() { d.fail(broken) }

// Mend makes it good again.
func (d *Disk) Mend() { d.fail(0) }

func (d *Disk) fail(code int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = code
}

// Record remembers everything that is written from now on. Databases are to be opened afterwards: what their files hold
// then counts as durable.
func (d *Disk) Record() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.record = true
}

// Stop ends recording.
func (d *Disk) Stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.record = false
}

// Position is how much has reached the disk so far.
func (d *Disk) Position() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.log)
}

// Writes counts what was written into files of this name.
func (d *Disk) Writes(name string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range d.log {
		if o.kind == write && filepath.Base(o.path) == name {
			n++
		}
	}
	return n
}

// Cut calls each with what the files of one folder hold after a power cut at each of these positions, which ascend: all
// that was synced, and of what was written after that what the disk happened to keep.
func (d *Disk) Cut(positions []int, r *rand.Rand, each func(at int, files map[string][]byte)) {
	durable := make(map[string][]byte)
	for path, base := range d.base {
		durable[path] = base
	}
	pending := make(map[string][]op)
	done := 0
	for _, at := range positions {
		for ; done < at; done++ {
			o := d.log[done]
			if o.kind != synced {
				pending[o.path] = append(pending[o.path], o)
				continue
			}
			durable[o.path] = apply(durable[o.path], pending[o.path])
			delete(pending, o.path)
		}
		files := make(map[string][]byte)
		chance := r.IntN(5) // 0: nothing that was not synced is kept; 4: all of it
		for path, kept := range durable {
			files[filepath.Base(path)] = apply(append([]byte(nil), kept...), survivors(pending[path], chance, r))
		}
		for path, unsynced := range pending {
			if _, ok := durable[path]; !ok {
				files[filepath.Base(path)] = apply(nil, survivors(unsynced, chance, r))
			}
		}
		each(at, files)
	}
}

// survivors are those of some unsynced operations that a power cut left, a write perhaps in part.
func survivors(ops []op, chance int, r *rand.Rand) (left []op) {
	for _, o := range ops {
		if r.IntN(4) >= chance {
			continue
		}
		if o.kind == write && chance < 4 && r.IntN(4) == 0 {
			o.data = o.data[:min(len(o.data), r.IntN(len(o.data)/sector+1)*sector)]
		}
		left = append(left, o)
	}
	return left
}

func apply(file []byte, ops []op) []byte {
	for _, o := range ops {
		end := o.at + int64(len(o.data))
		if int64(len(file)) < end {
			file = append(file, make([]byte, end-int64(len(file)))...)
		}
		if o.kind == truncate {
			file = file[:o.at]
		} else {
			copy(file[o.at:], o.data)
		}
	}
	return file
}

// opened is told of every file that SQLite opens.
func (d *Disk) opened(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.base[path]; !d.record || known {
		return
	}
	if text, err := os.ReadFile(path); err == nil {
		d.base[path] = text
	}
}

// ask says what an operation answers instead of being done; 0: let it be done.
func (d *Disk) ask() int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fault
}

func (d *Disk) note(o op) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.record {
		d.log = append(d.log, o)
	}
}
