package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// measure is what a load gave.
type measure struct {
	perSecond float64
	p50, p99  time.Duration
}

// load sends the requests, whole HTTP/1.1 messages, over so many kept connections, each sending the
// next one when the last was answered, for so long or until none is left. An answer that is not
// 2xx ends it.
func load(address string, clients int, limit time.Duration, requests [][]byte) (measure, error) {
	var next atomic.Int64
	var group sync.WaitGroup
	took := make([][]time.Duration, clients)
	errs := make([]error, clients)
	began := time.Now()
	for i := range clients {
		group.Go(func() {
			c, err := dial(address)
			if err != nil {
				errs[i] = err
				return
			}
			defer c.Close()
			for time.Since(began) < limit {
				n := int(next.Add(1)) - 1
				if n >= len(requests) {
					return
				}
				start := time.Now()
				if errs[i] = c.exchange(requests[n]); errs[i] != nil {
					return
				}
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	group.Wait()
	total := time.Since(began)
	if err := errors.Join(errs...); err != nil {
		return measure{}, err
	}
	all := slices.Concat(took...)
	if len(all) == 0 {
		return measure{}, errors.New("nothing was sent")
	}
	return summarise(all, total), nil
}

// summarise sorts took, which is not empty.
func summarise(took []time.Duration, total time.Duration) measure {
	slices.Sort(took)
	return measure{
		perSecond: float64(len(took)) / total.Seconds(),
		p50:       took[len(took)/2],
		p99:       took[len(took)*99/100],
	}
}

// client is one kept connection. It reads as little of an answer as it can: on a machine with few
// cores a costly client would be measured instead of the server.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dial(address string) (client, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return client{}, err
	}
	return client{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

// patience ends a run that hangs.
const patience = 30 * time.Second

// exchange sends a request and reads its answer to the end.
func (c client) exchange(request []byte) error {
	_, err := c.fetch(request)
	return err
}

// fetch is exchange and says how long the body was.
func (c client) fetch(request []byte) (size int, err error) {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	status, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 2")) {
		return 0, fmt.Errorf("the answer is %q", bytes.TrimSpace(status))
	}
	length, chunked, err := c.header()
	switch {
	case err != nil:
		return 0, err
	case chunked:
		return c.chunks()
	}
	return c.in.Discard(length)
}

func (c client) header() (length int, chunked bool, err error) {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			return length, chunked, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, false, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
}

func (c client) chunks() (size int, err error) {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return size, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return size, err
		}
		if _, err := io.CopyN(io.Discard, c.in, n+2); err != nil || n == 0 {
			return size, err
		}
		size += int(n)
	}
}

// post and get are whole requests. Headers are lines that end with \r\n.
func post(path, headers string, body []byte) []byte {
	return append(fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n", path, len(body), headers), body...)
}

func get(path, headers string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: bench\r\n%s\r\n", path, headers)
}
