package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

var errClosed = errors.New("the database is closed")

// Limits of one group commit: enough to make an fsync cheap per deed, little enough that nobody
// waits long for it.
const (
	groupDeeds = 512
	groupBytes = 4 << 20
)

// deed is one unit of writing: all of it becomes durable, or none.
type deed struct {
	run  func(context.Context, *conn) error
	ctx  context.Context
	size int // bytes that it brings, roughly
	// bare deeds run without a savepoint of their own: they can only fail in ways that end the
	// whole group (disk full), so the savepoint would be paid for nothing.
	bare bool
	done chan error
}

// writer owns the one connection that writes. Jobs that wait at the same moment share one
// transaction: many deliveries, one fsync. A deed alone is not delayed.
type writer struct {
	conn   *conn
	deeds  chan *deed
	closed chan struct{} // closed when nothing is accepted any more
	ended  chan struct{} // closed when the loop is over
	once   sync.Once
}

func startWriter(c *conn) *writer {
	w := &writer{conn: c, deeds: make(chan *deed, groupDeeds), closed: make(chan struct{}), ended: make(chan struct{})}
	go w.loop()
	return w
}

// stop lets the deeds that were accepted finish, and ends the loop.
func (w *writer) stop() {
	w.once.Do(func() { close(w.closed) })
	<-w.ended
}

// do waits until j is durable, or failed. A caller that goes away after its deed was accepted
// still waits: whether something was stored is never in doubt.
func (w *writer) do(ctx context.Context, j *deed) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.ctx = context.WithoutCancel(ctx)
	j.done = make(chan error, 1)
	select {
	case <-w.closed:
		return errClosed
	default:
	}
	select {
	case w.deeds <- j:
	case <-w.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.done:
		return err
	case <-w.ended:
	}
	select { // the loop may have ended after it served this deed
	case err := <-j.done:
		return err
	default:
		return errClosed
	}
}

// awaited reports whether deeds wait for the one that runs.
func (w *writer) awaited() bool { return len(w.deeds) > 0 }

func (w *writer) loop() {
	defer close(w.ended)
	group := make([]*deed, 0, groupDeeds)
	for {
		select {
		case j := <-w.deeds:
			group = w.gather(append(group[:0], j))
		default:
			select {
			case j := <-w.deeds:
				group = w.gather(append(group[:0], j))
			case <-w.closed:
				select {
				case j := <-w.deeds:
					group = w.gather(append(group[:0], j))
				default:
					return
				}
			}
		}
		w.commit(group)
	}
}

// gather takes whoever waits already.
func (w *writer) gather(group []*deed) []*deed {
	size := group[0].size
	for len(group) < groupDeeds && size < groupBytes {
		select {
		case j := <-w.deeds:
			group = append(group, j)
			size += j.size
		default:
			return group
		}
	}
	return group
}

// commit runs the deeds in one transaction and answers each of them after its COMMIT.
func (w *writer) commit(group []*deed) {
	outcome := make([]error, len(group))
	if err := w.transact(group, outcome); err != nil {
		for i := range outcome {
			outcome[i] = err
		}
		if isLocked(err) {
			w.turnAway(err)
		}
	}
	for i, j := range group {
		j.done <- outcome[i]
	}
}

// turnAway gives those who came while another process held the database the same answer now: waiting for the lock one group
// after the other would have YCM and people wait for a multiple of the time.
func (w *writer) turnAway(err error) {
	for range len(w.deeds) {
		j := <-w.deeds
		j.done <- err
	}
}

// transact leaves each deed's own failure in outcome; the error it returns is everybody's.
func (w *writer) transact(group []*deed, outcome []error) error {
	ctx := context.Background()
	if _, err := w.conn.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	stored := 0
	for i, j := range group {
		lone := j.bare || len(group) == 1
		err := w.runOne(j, lone)
		if err != nil && (lone || endsTransaction(err)) {
			return w.giveUp(err)
		}
		if outcome[i] = err; err == nil {
			stored++
		}
	}
	if stored == 0 {
		return w.undo()
	}
	if _, err := w.conn.exec(ctx, "COMMIT"); err != nil {
		return w.giveUp(err)
	}
	return nil
}

// runOne runs a deed so that its failure leaves nothing behind of it alone.
func (w *writer) runOne(j *deed, lone bool) error {
	if lone {
		return j.run(j.ctx, w.conn)
	}
	return savepoint(j.ctx, w.conn, "deed", func() error { return j.run(j.ctx, w.conn) })
}

// giveUp rolls everything back. The cause counts, not what the rollback says: SQLite may have
// rolled back by itself.
func (w *writer) giveUp(cause error) error {
	if err := w.undo(); err != nil && !endsTransaction(cause) {
		return fmt.Errorf("%w (and rolling back: %w)", cause, err)
	}
	return cause
}

func (w *writer) undo() error {
	_, err := w.conn.exec(context.Background(), "ROLLBACK")
	return err
}

// savepoint undoes what fn did when fn fails, and nothing else.
func savepoint(ctx context.Context, c *conn, name string, fn func() error) error {
	if _, err := c.exec(ctx, "SAVEPOINT "+name); err != nil {
		return err
	}
	err := fn()
	if err != nil {
		if endsTransaction(err) {
			return err
		}
		if _, back := c.exec(ctx, "ROLLBACK TO "+name); back != nil {
			return fmt.Errorf("%w (and rolling back: %w)", err, back)
		}
	}
	if _, release := c.exec(ctx, "RELEASE "+name); release != nil {
		return errors.Join(err, release)
	}
	return err
}

// write runs fn alone in a transaction, or together with others that wait.
func (d *DB) write(ctx context.Context, fn func(context.Context, *conn) error) error {
	return d.writer.do(ctx, &deed{run: fn})
}

// read runs fn on a reading connection, within one consistent view of the database.
func (d *DB) read(ctx context.Context, fn func(context.Context, *conn) error) (err error) {
	var c *conn
	select {
	case c = <-d.readers:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.writer.closed:
		return errClosed
	}
	defer func() { d.readers <- c }()
	settled := context.WithoutCancel(ctx)
	if _, err := c.exec(settled, "BEGIN"); err != nil {
		return err
	}
	err = fn(ctx, c)
	if _, end := c.exec(settled, "ROLLBACK"); end != nil && err == nil {
		err = end
	}
	return err
}
