//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// looptraceBinary returns a path under which this test binary is looptrace: see TestMain.
func looptraceBinary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "looptrace")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// smallDisk mounts a file system of its own size.
func smallDisk(t *testing.T, kilobytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

const manyTasks = `
import asyncio, sys
async def nothing(): pass
async def main():
    for _ in range(200):
        await asyncio.gather(*[nothing() for _ in range(200)])
    print("done")
asyncio.run(main())
sys.exit(7)
`

// TestFullDisk records onto disks that are full at different moments: at once, while recording, when packing. The program
// must not notice, and whatever was recorded stays readable.
func TestFullDisk(t *testing.T) {
	looptrace, interpreter := looptraceBinary(t), pythonsHere(t)[0]
	for _, kilobytes := range []int{8, 100, 200, 500, 1500} {
		t.Run(fmt.Sprintf("%dK", kilobytes), func(t *testing.T) {
			disk := smallDisk(t, kilobytes)
			trace := filepath.Join(disk, "t.ltrace")
			cmd := exec.Command(looptrace, "run", "-o", trace, "--", interpreter, "-c", manyTasks)
			cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			cmd.Run() // its status is looked at
			if code := cmd.ProcessState.ExitCode(); code != 7 || stdout.String() != "done\n" {
				t.Fatalf("status %d, stdout %q, stderr %q", code, stdout.String(), stderr.String())
			}
			for line := range strings.Lines(stderr.String()) {
				if !strings.HasPrefix(line, "looptrace: ") {
					t.Errorf("on stderr: %s", line)
				}
			}
			readable(t, looptrace, trace, stderr.String())
		})
	}
}

// readable asks that the recording can be read where stderr says that it is.
func readable(t *testing.T, looptrace, trace, stderr string) {
	t.Helper()
	where := trace
	if _, after, moved := strings.Cut(stderr, "the trace goes to "); moved {
		where, _, _ = strings.Cut(after, "\n")
	} else if _, after, kept := strings.Cut(stderr, "the recording is in "); kept {
		where, _, _ = strings.Cut(after, ",")
	}
	cmd := exec.Command(looptrace, "report", "--format", "json", where)
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() == 2 { // a recording whose last line is torn, with no error in what is there
		err = nil
	}
	if err != nil || !bytes.Contains(text, []byte(`"outcome":`)) {
		t.Errorf("report of %s: %v: %.300s\nrun said: %s", where, err, text, stderr)
	}
	var told struct {
		Findings []struct{ Severity, Message string }
	}
	if _, text, found := bytes.Cut(text, []byte("{")); !found || json.NewDecoder(bytes.NewReader(append([]byte("{"), text...))).Decode(&told) != nil {
		t.Errorf("no JSON: %.300s", text)
	}
	for _, f := range told.Findings {
		if f.Severity != "note" { // what is missing is nobody's fault
			t.Errorf("told of a healthy program: %s: %s", f.Severity, f.Message)
		}
	}
}
