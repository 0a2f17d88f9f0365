package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/yeastartest"
)

const hookSecret = "0123456789abcdef0123456789abcdef"

// crowded serves handler to at most limit connections.
func crowded(t *testing.T, limit int, handler http.Handler) (address string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	listener, err := listen("127.0.0.1:0", limit, log)
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(handler, log)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

func dial(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestSilentConnectionsMakeRoomAndBusyOnesStay(t *testing.T) {
	const limit = 10
	begun, finish := make(chan struct{}, limit), make(chan struct{})
	address := crowded(t, limit, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/long" {
			begun <- struct{}{}
			<-finish
		}
		io.WriteString(w, r.URL.Path)
	}))
	var busy []net.Conn
	long := func() {
		busy = append(busy, dial(t, address, "GET /long HTTP/1.1\r\nHost: x\r\n\r\n"))
		<-begun
	}
	for range limit - 2 {
		long()
	}
	for _, silent := range []string{"", "GET / HTTP/1.1\r\nHost: x\r\n", "GET /short HTTP/1.1\r\nHost: x\r\n\r\n"} {
		for range 3 * limit {
			dial(t, address, silent)
		}
		if status, body := get(t, "http://"+address+"/short"); status != http.StatusOK || body != "/short" {
			t.Errorf("among silent ones that sent %q: %d %s", silent, status, body)
		}
	}
	long()
	long()
	for _, sends := range []string{"", "POST /hooks/ycm HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n" + strings.Repeat("x", 40_000)} {
		response, err := http.ReadResponse(bufio.NewReader(dial(t, address, sends)), nil)
		if err != nil {
			t.Fatalf("the refusal can't be read: %v", err)
		}
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" || string(text) != refusalText {
			t.Errorf("when all are busy: %d %v %q %v", response.StatusCode, response.Header, text, err)
		}
	}
	close(finish)
	for _, conn := range busy {
		if response, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("a request under way was cut: %v", err)
		}
	}
	if status, _ := get(t, "http://"+address+"/short"); status != http.StatusOK {
		t.Errorf("after the rush: %d", status)
	}
}

// TestTenThousandConnectionsDontKeepReportsOut opens as many as this process may have files, at most ten thousand.
func TestTenThousandConnectionsDontKeepReportsOut(t *testing.T) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	many := int(min(10_000, (files.Cur-200)/2))
	c, sim := connected(t)
	c.WebhookSecret = yeastar.NewSecret(hookSecret)
	at, _ := boot(t, c)
	before := memory()
	var all sync.WaitGroup
	share := make(chan struct{}, 64)
	for i := range many {
		share <- struct{}{}
		all.Go(func() {
			defer func() { <-share }()
			conn, err := net.Dial("tcp", strings.TrimPrefix(at, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { conn.Close() })
			_, _ = io.WriteString(conn, []string{"", "GET /heal", "POST /hooks/ycm HTTP/1.1\r\n"}[i%3]) // it may have made room already
		})
	}
	all.Wait()
	if status, body := get(t, at+"/healthz"); status != http.StatusOK {
		t.Errorf("healthz: %d %s", status, body)
	}
	if status := report(t, sim, at, 1); status != http.StatusOK {
		t.Errorf("the webhook: %d", status)
	}
	browser(t, at, "root", somePassword)
	if grown := memory() - before; grown > 128<<20 {
		t.Errorf("it grew by %d MiB", grown>>20)
	}
	t.Logf("%d connections, %d MiB more", many, (memory()-before)>>20)
}

// memory is what this process has in use, which holds both ends of the connections.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// report sends a signed report of the PBX's bindings, told n milliseconds after now.
func report(t *testing.T, sim *yeastartest.Server, at string, n int) (status int) {
	t.Helper()
	e := sim.EventFor(4808, yeastartest.EventDIDChange)
	e.UpdateTime = time.Now().UnixMilli() + int64(n)
	request, err := yeastartest.SignedRequest(t.Context(), at+"/hooks/ycm", hookSecret, yeastartest.ReportBody(e))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(fmt.Errorf("the report: %w", err))
		return 0
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusServiceUnavailable && response.Header.Get("Retry-After") == "" {
		t.Error("503 does not say when to send again")
	}
	return response.StatusCode
}
