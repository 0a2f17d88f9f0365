package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server under measurement.
type process struct {
	cmd     *exec.Cmd
	address string
	said    *bytes.Buffer
	ready   time.Duration // from the start to the first good answer
}

// start runs a server and waits until path answers 200. args gets the address.
func start(program, path string, args func(address string) []string) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{address: l.Addr().String(), said: &bytes.Buffer{}}
	if err := l.Close(); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(program, args(p.address)...)
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(began) < patience {
		if answers("http://" + p.address + path) {
			p.ready = time.Since(began)
			return p, nil
		}
		time.Sleep(time.Millisecond)
	}
	return nil, errors.Join(errors.New("the server did not come up"), p.stop())
}

func answers(url string) bool {
	r, err := http.Get(url)
	if err != nil {
		return false
	}
	return r.StatusCode == http.StatusOK && r.Body.Close() == nil
}

// stop ends the server; what it said is in the error when it does not end well.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.cmd.Wait(); err != nil && !strings.Contains(err.Error(), "signal: terminated") {
		return fmt.Errorf("%w: %s", err, p.said)
	}
	return nil
}

// kilobytes is a line of the process's status, such as VmRSS.
func (p *process) kilobytes(line string) (int, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		return 0, err
	}
	for l := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(l, line+":"); ok {
			return strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		}
	}
	return 0, fmt.Errorf("there is no %s", line)
}

// Credentials of the run.
const (
	username = "bench"
	password = "a long enough password"
)

// startCordboard runs the program on a data folder, without a vendor and without passes.
func startCordboard(program, data string) (*process, error) {
	return start(program, "/readyz", func(address string) []string {
		return []string{"serve", "--listen", address, "--data", data, "--webhook-secret", secret, "--reconcile-interval", "0",
			"--admin-username", username, "--admin-password", password}
	})
}

// startPocketBase runs this very program as PocketBase.
func startPocketBase(dir, synchronous string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(self, "/api/health", func(address string) []string {
		return []string{"pocketbase", dir, address, synchronous}
	})
}
