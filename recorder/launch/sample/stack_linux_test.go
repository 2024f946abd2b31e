package sample

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A program whose step is where a step would be: below a function called _run in asyncio/events.py.
const steps = `import sys, threading, time
class Größe:
    def warte(self, n):
        if n:
            return self.warte(n - 1)
        print(threading.get_ident(), "%d.%d" % sys.version_info[:2], flush=True)
        time.sleep(60)
def _run():
    Größe().warte(3)
thread = threading.Thread(target=_run)
thread.start()
`

// The stack of a running interpreter is read from outside, with names, files and lines.
func TestStackOfRunningInterpreter(t *testing.T) {
	for _, python := range interpreters(t) {
		dir := filepath.Join(t.TempDir(), "asyncio")
		file := filepath.Join(dir, "events.py")
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(file, []byte(steps), 0o600)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(python, file)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(out).ReadString('\n')
		readStack(t, python, cmd.Process.Pid, strings.Fields(line), file)
		cmd.Process.Kill()
		cmd.Wait()
	}
}

func readStack(t *testing.T, python string, pid int, said []string, file string) {
	t.Helper()
	if len(said) != 2 {
		t.Fatalf("%s said %q", python, said)
	}
	ident, _ := strconv.ParseUint(said[0], 10, 64)
	list, holds, err := mappings(pid, list0(pid))
	if err != nil || !holds {
		t.Fatalf("%s: mappings: %v %v", python, holds, err)
	}
	syms, err := images{}.find(pid, list)
	if err != nil {
		t.Fatalf("%s: %v", python, err)
	}
	in, err := attach(memory(pid), syms, minorOf(said[1]), "")
	if err != nil {
		t.Skipf("%s: %v", python, err)
	}
	th, err := in.find(ident)
	if err != nil {
		t.Fatalf("%s: %v", python, err)
	}
	time.Sleep(20 * time.Millisecond) // from the print to the sleep
	frames, err := in.step(th)
	if err != nil {
		t.Fatalf("%s: %v", python, err)
	}
	want := []int{7, 5, 5, 5, 9}
	if len(frames) != len(want) {
		t.Fatalf("%s: %+v", python, frames)
	}
	for i, f := range frames {
		name := "warte"
		if i == len(want)-1 {
			name = "_run"
		}
		if f.File != file || f.Line != want[i] || f.Function != name {
			t.Errorf("%s: frame %d: %+v, want line %d of %s", python, i, f, want[i], name)
		}
	}
	if q := frames[0].Qualname; in.qualname != 0 && q != "Größe.warte" {
		t.Errorf("%s: qualified name %q", python, q)
	}
	if in.excluded(th) {
		t.Errorf("%s: a thread that sleeps waits for nothing", python)
	}
	if _, err := in.find(1); !errors.Is(err, errNoThread) {
		t.Errorf("%s: no such thread: %v", python, err)
	}
}

// list0 returns the executable of a process.
func list0(pid int) string {
	path, _ := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	return path
}

// A layout is refused where the table of offsets is none, of another version, or of a free-threaded build.
func TestPublishedLayoutIsChecked(t *testing.T) {
	table := make([]byte, published)
	copy(table, "xdebugpy")
	for _, change := range []func(){func() { table[0] = 0 }, func() { table[0] = 'x'; table[10] = 12; table[11] = 3 }, func() { table[10] = 13; table[16] = 1 }} {
		change()
		if _, err := publishedLayout(13, table); !errors.Is(err, errLayout) {
			t.Errorf("%v", err)
		}
	}
	table[16] = 0
	if _, err := publishedLayout(13, table); err != nil {
		t.Error(err)
	}
}
