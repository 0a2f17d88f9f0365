package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience ends a test that hangs; no test waits for it to pass.
const patience = 30 * time.Second

// boot runs the server on a free port of 127.0.0.1 with an empty data folder, and returns
// its address. stop ends it and returns what run returned; the end of the test does too.
func boot(t *testing.T, c config) (url string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	address := make(chan net.Addr, 1)
	c.Listen, c.listening = "127.0.0.1:0", func(at net.Addr) { address <- at }
	done := make(chan error, 1)
	go func() { done <- run(ctx, c, slog.New(slog.DiscardHandler)) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			return errors.New("the server does not stop")
		}
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	select {
	case at := <-address:
		return "http://" + at.String(), stop
	case err := <-done:
		t.Fatalf("the server ended: %v", err)
	case <-time.After(patience):
		t.Fatal("the server does not start")
	}
	return "", nil
}

func TestASecondServerOnTheSameDataFolderIsRefusedAndCommandsAreNot(t *testing.T) {
	c := good(t)
	_, stop := boot(t, c)
	second := c
	second.Listen = "127.0.0.1:0"
	err := run(t.Context(), second, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "another Cordboard serves the data folder") {
		t.Fatalf("a second server: %v", err)
	}
	for _, args := range [][]string{{"verify"}, {"user", "list"}, {"backup", filepath.Join(t.TempDir(), "copy.db")}} {
		var out, fault bytes.Buffer
		if code := execute(t.Context(), append(args, "--data", c.Data), strings.NewReader(""), &out, &fault); code != 0 {
			t.Errorf("%v beside the server: %d %s", args, code, fault.String())
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	_, stop = boot(t, c)
	if err := stop(); err != nil {
		t.Errorf("the folder was not given back: %v", err)
	}
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestTheServerBootsServesAndStops(t *testing.T) {
	url, stop := boot(t, good(t))
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := get(t, url+path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("run: %v", err)
	}
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

func TestTheServerStartsAgainOnItsOwnData(t *testing.T) {
	c := good(t)
	c.Data = filepath.Join(c.Data, "not", "there", "yet")
	for range 2 {
		url, stop := boot(t, c)
		if status, _ := get(t, url+"/readyz"); status != http.StatusOK {
			t.Errorf("readyz: %d", status)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheServerRefusesToStartWithABadSetting(t *testing.T) {
	c := good(t)
	c.YCMRate = -1
	if err := run(t.Context(), c, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "--ycm-rate") {
		t.Errorf("run: %v", err)
	}
}

func TestTheServerDoesNotStartOnATakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := good(t)
	c.Listen = taken.Addr().String()
	if err := run(t.Context(), c, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "listen") {
		t.Errorf("run: %v", err)
	}
}

// serving serves handler with serve and returns its address, the end of its context and
// its result.
func serving(t *testing.T, handler http.Handler, drain time.Duration) (url string, stop func(), done <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	log, result := slog.New(slog.DiscardHandler), make(chan error, 1)
	go func() { result <- serve(ctx, newServer(handler, log), listener, drain, log) }()
	return "http://" + listener.Addr().String(), stop, result
}

func TestARequestUnderWayIsFinishedBeforeTheServerStops(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	url, stop, done := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-finish
		if r.Context().Err() != nil {
			t.Error("the request's context ended with the server's")
		}
		io.WriteString(w, "finished")
	}), patience)
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get(url)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		answer <- string(text)
	}()
	<-begun
	stop()
	select {
	case err := <-done:
		t.Fatalf("serve returned before the request was finished: %v", err)
	default:
	}
	close(finish)
	if got := <-answer; got != "finished" {
		t.Errorf("the client got %q", got)
	}
	if err := <-done; err != nil {
		t.Errorf("serve: %v", err)
	}
}

func TestARequestThatNeverEndsIsCutAndTold(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	url, stop, done := serving(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	}), time.Millisecond)
	go http.Get(url)
	<-begun
	stop()
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("serve: %v", err)
	}
	<-ended
}

// build compiles the program for tests that need a process of its own.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "cordboard")
	command := exec.Command("go", "build", "-o", binary, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func TestTheProcessDrainsOnSIGTERMAndExitsWithZero(t *testing.T) {
	binary := build(t)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		server := exec.Command(binary, "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--log", "text")
		pipe, err := server.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		hung := time.AfterFunc(patience, func() { server.Process.Kill() })
		var log bytes.Buffer
		lines := bufio.NewScanner(io.TeeReader(pipe, &log))
		listening := regexp.MustCompile(`msg=listening address=(\S+)`)
		for lines.Scan() {
			found := listening.FindStringSubmatch(lines.Text())
			if found == nil {
				continue
			}
			check := exec.Command(binary, "healthcheck", "--listen", found[1])
			if out, err := check.CombinedOutput(); err != nil || string(out) != "ready\n" {
				t.Errorf("healthcheck: %v %s", err, out)
			}
			if err := server.Process.Signal(signal); err != nil {
				t.Error(err)
			}
		}
		if err := server.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", signal, err, log.String())
		}
		if !strings.Contains(log.String(), "msg=stopped") {
			t.Errorf("%s: the log does not tell the end:\n%s", signal, log.String())
		}
		hung.Stop()
	}
}
