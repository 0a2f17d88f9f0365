package main

import (
	"container/list"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// mostConnections is how many connections the server holds at a time: far more than a team, its scripts and YCM open, and
// little enough that they take some forty megabytes.
const mostConnections = 2000

// crowd is a listener that holds so many connections and no more. Beyond that who is connected and asks nothing makes room,
// the one that has been silent the longest first; a request under way is never cut. When all are busy, who comes is told so.
// (The usual limiting listener lets everybody wait instead, and two thousand silent strangers would keep YCM's reports out.)
type crowd struct {
	*net.TCPListener
	limit int
	log   *slog.Logger

	mu     sync.Mutex
	open   int
	silent *list.List // of *guest: no request is under way; the longest silent first
	told   time.Time  // when the log was last told of refusals

	leaving chan struct{} // bounds how many refused ones are waited for
}

// guest is a connection in a crowd.
type guest struct {
	*net.TCPConn // whole, so that the server can end its own side first
	crowd        *crowd
	silent       *list.Element // nil while a request is under way
	gone         bool
}

// listen listens for a crowd of at most limit connections.
func listen(address string, limit int, log *slog.Logger) (*crowd, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	tcp, ok := listener.(*net.TCPListener)
	if !ok {
		return nil, errors.Join(errors.New("this is no TCP listener"), listener.Close())
	}
	return &crowd{TCPListener: tcp, limit: limit, log: log, silent: list.New(), leaving: make(chan struct{}, 64)}, nil
}

// Accept is as for [net.Listener].
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.AcceptTCP()
		if err != nil {
			if (errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)) && c.makeRoom() {
				continue
			}
			return nil, err
		}
		if g := c.admit(conn); g != nil {
			return g, nil
		}
		c.refuse(conn)
	}
}

// admit gives a place, nil when everybody is busy.
func (c *crowd) admit(conn *net.TCPConn) *guest {
	for {
		c.mu.Lock()
		if c.open < c.limit {
			c.open++
			c.mu.Unlock()
			return &guest{TCPConn: conn, crowd: c}
		}
		c.mu.Unlock()
		if !c.makeRoom() {
			return nil
		}
	}
}

// makeRoom sends away who has been silent the longest; false when nobody is.
func (c *crowd) makeRoom() bool {
	c.mu.Lock()
	first := c.silent.Front()
	if first == nil {
		c.mu.Unlock()
		return false
	}
	g := first.Value.(*guest)
	c.forget(g)
	c.mu.Unlock()
	if err := g.TCPConn.Close(); err != nil {
		c.log.Debug("a silent connection could not be closed", "error", err)
	}
	return true
}

// forget frees a guest's place, once. The crowd is locked.
func (c *crowd) forget(g *guest) {
	if g.silent != nil {
		c.silent.Remove(g.silent)
		g.silent = nil
	}
	if !g.gone {
		g.gone = true
		c.open--
	}
}

const (
	refusalText = "Too many connections are open. Try again in a few seconds.\n"
	// politeFor is how long one who is refused may take to read why.
	politeFor = time.Second
)

var refusal = []byte("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nContent-Length: " + strconv.Itoa(len(refusalText)) + "\r\n\r\n" + refusalText)

// refuse says why and closes. What the other side has sent is read first, for a while, since closing over it would take the
// answer back.
func (c *crowd) refuse(conn *net.TCPConn) {
	c.mu.Lock()
	tell := time.Since(c.told) > time.Minute
	if tell {
		c.told = time.Now()
	}
	c.mu.Unlock()
	if tell {
		c.log.Warn("connections are refused: too many are open, all of them with a request under way", "limit", c.limit)
	}
	say := func() {
		err := conn.SetDeadline(time.Now().Add(politeFor))
		if err == nil {
			_, err = conn.Write(refusal)
		}
		if err == nil {
			err = conn.CloseWrite()
		}
		if err == nil {
			_, _ = io.CopyN(io.Discard, conn, 64<<10) // ends with the other side, or the deadline
		}
		_ = conn.Close() // whatever became of it
	}
	select {
	case c.leaving <- struct{}{}:
		go func() {
			say()
			<-c.leaving
		}()
	default:
		_ = conn.Close()
	}
}

// Close is as for [net.Conn].
func (g *guest) Close() error {
	g.crowd.mu.Lock()
	g.crowd.forget(g)
	g.crowd.mu.Unlock()
	return g.TCPConn.Close()
}

// follow is told by the server what a connection does: [http.Server.ConnState]. It is active from the end of a request's
// headers to the end of the answer.
func follow(conn net.Conn, state http.ConnState) {
	g, ok := conn.(*guest)
	if !ok {
		return
	}
	c := g.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if g.silent != nil {
		c.silent.Remove(g.silent)
		g.silent = nil
	}
	if !g.gone && (state == http.StateNew || state == http.StateIdle) {
		g.silent = c.silent.PushBack(g)
	}
}
