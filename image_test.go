//go:build image

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testTag is the image under test; it is removed at the end.
const testTag = "localhost/cordboard:under-test"

// maxBinary is 7 MB over goal P7 of docs/performance.md, which says why.
const maxBinary = 31 << 20

// hardened are the limits that the image must be able to live with: a root that can not be
// written, no capability, few files and processes. The network is the host's, so that the
// test needs no bridge.
var hardened = []string{
	"--network", "host", "--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt", "no-new-privileges",
	"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
}

// tool runs a command of the container tools and returns what it prints.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := attempt(name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func attempt(name string, args ...string) (string, error) {
	var errs strings.Builder
	command := exec.Command(name, args...)
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		return string(out) + errs.String(), err
	}
	return strings.TrimSpace(string(out)), nil
}

func podman(t *testing.T, args ...string) string {
	t.Helper()
	return tool(t, "podman", append([]string{"--runtime", "runc"}, args...)...)
}

// freePort returns a port of 127.0.0.1 that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// start runs the image with the volume until it says that it is ready, by its own health
// check, and returns its name and address.
func start(t *testing.T, volume string) (name, address string) {
	t.Helper()
	name = fmt.Sprintf("cordboard-test-%d", time.Now().UnixNano())
	address = "127.0.0.1:" + freePort(t)
	args := append([]string{"run", "--detach", "--name", name}, hardened...)
	podman(t, append(args, "--volume", volume+":/data", "--env", "CORDBOARD_LISTEN="+address, testTag)...)
	t.Cleanup(func() { podman(t, "rm", "--force", "--time", "1", name) })
	for begun := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		out, err := attempt("podman", "--runtime", "runc", "exec", name, "/cordboard", "healthcheck")
		if err == nil {
			return name, address
		}
		if time.Since(begun) > patience {
			log, _ := exec.Command("podman", "logs", name).CombinedOutput()
			t.Fatalf("the container is not ready: %s\n%s", out, log)
		}
	}
}

// terminate sends SIGTERM and returns the exit code.
func terminate(t *testing.T, name string) string {
	t.Helper()
	podman(t, "kill", "--signal", "TERM", name)
	return podman(t, "wait", name)
}

func TestTheImageRunsAsNobodyOnAReadOnlyRootAndKeepsItsData(t *testing.T) {
	tool(t, "tools/image", testTag)
	t.Cleanup(func() { tool(t, "podman", "rmi", testTag) })
	if info, err := os.Stat("bin/image/cordboard"); err != nil || info.Size() > maxBinary {
		t.Errorf("the binary has %d bytes, more than %d: %v", info.Size(), maxBinary, err)
	}
	volume := fmt.Sprintf("cordboard-test-%d", time.Now().UnixNano())
	podman(t, "volume", "create", volume)
	t.Cleanup(func() { podman(t, "volume", "rm", "--force", volume) })
	kept := filepath.Join(podman(t, "volume", "inspect", "--format", "{{.Mountpoint}}", volume), keyFile)

	name, address := start(t, volume)
	if status, _ := get(t, "http://"+address+"/readyz"); status != http.StatusOK {
		t.Errorf("readyz from outside: %d", status)
	}
	process, err := os.ReadFile("/proc/" + podman(t, "inspect", "--format", "{{.State.Pid}}", name) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Uid:\t65532\t65532\t65532\t65532\n", "Gid:\t65532\t65532\t65532\t65532\n", "CapEff:\t0000000000000000\n", "CapBnd:\t0000000000000000\n"} {
		if !strings.Contains(string(process), line) {
			t.Errorf("the process is not %q:\n%s", line, process)
		}
	}
	key, err := os.ReadFile(kept)
	if err != nil {
		t.Fatalf("nothing was stored in the volume: %v", err)
	}
	if code := terminate(t, name); code != "0" {
		log, _ := exec.Command("podman", "logs", name).CombinedOutput()
		t.Errorf("after SIGTERM it exits with %s:\n%s", code, log)
	}

	name, _ = start(t, volume)
	if again, err := os.ReadFile(kept); err != nil || string(again) != string(key) {
		t.Errorf("a new container does not find the data of the old one: %v", err)
	}
	if code := terminate(t, name); code != "0" {
		t.Errorf("after the second SIGTERM it exits with %s", code)
	}

	refused := append([]string{"--runtime", "runc", "run", "--rm"}, hardened...)
	if out, err := attempt("podman", append(refused, testTag, "--data", "/elsewhere")...); err == nil || !strings.Contains(out, "read-only file system") {
		t.Errorf("it can write outside of /data: %v %s", err, out)
	}
}
