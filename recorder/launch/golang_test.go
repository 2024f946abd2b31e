package launch

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// goModule makes a module with a program that prints what an overlay may change, and returns its directory.
func goModule(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil || runtime.GOOS != "linux" {
		t.Skip("needs Go on Linux")
	}
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.22\n", 0o600)
	write(t, dir, "main.go", "package main\n\nimport \"os\"\n\nfunc main() { println(word); os.Exit(len(os.Args) - 1) }\n", 0o600)
	write(t, dir, "word.go", "package main\n\nconst word = \"theirs\"\n", 0o600)
	write(t, dir, "other.go.txt", "package main\n\nconst word = \"overlaid\"\n", 0o600)
	if err := os.Mkdir(filepath.Join(dir, "bad"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "bad/bad.go", "package main\n\nfunc main() { nothing }\n", 0o600)
	write(t, dir, "overlay.json", `{"Replace": {"word.go": "other.go.txt"}}`, 0o600)
	return dir
}

// goRun runs a go command in dir under a launcher and returns what it says, its status and its trace.
func goRun(t *testing.T, dir string, args ...string) (said string, status int, trace string) {
	t.Helper()
	cmd, out := launcher(t, args...)
	trace = filepath.Join(out, "t.ltrace")
	cmd.Dir = dir
	cmd.Env = append(cmd.Env, "GOFLAGS=", "GOWORK=off", helperVar+"="+trace, "GOCACHE="+goCache(t))
	_, stderr, status := output(t, cmd)
	return stderr, status, trace
}

// goCache is where the go command keeps what it built, which the tests share with everybody.
func goCache(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// recordedProcesses returns the command lines of the processes with an execution trace.
func recordedProcesses(t *testing.T, trace string) (argv []string) {
	t.Helper()
	f, err := tracefile.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, a := range f.Attachments() {
		head := make([]byte, 10)
		if _, err := a.ReadAt(head, 0); err != nil || !strings.HasPrefix(string(head), "go 1.") {
			t.Errorf("%q %v", head, err)
		}
	}
	for {
		e, err := f.Next()
		if err == io.EOF {
			return argv
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == tracefile.ProcessStarted {
			argv = append(argv, e.Attrs.Get("argv"))
		}
	}
}

// TestGoCommand: what the go command builds is recorded; what it says and how it ends is the same.
func TestGoCommand(t *testing.T) {
	dir := goModule(t)
	for _, tt := range []struct {
		command, want string
		status        int
		recorded      bool
	}{
		{"go run .", "theirs\n", 0, true},
		{"go run . a b", "theirs\nexit status 2\n", 1, true},
		{"go run -overlay=overlay.json .", "overlaid\n", 0, true},
		{"go run -overlay overlay.json . x", "overlaid\nexit status 1\n", 1, true},
		{"env A=1 GOFLAGS=-overlay=overlay.json go run .", "overlaid\n", 0, true},
		{"go run ./bad", "# example.com/m/bad\nbad/bad.go:3:15: undefined: nothing\n", 1, false},
		{"go build -o prog .", "launch: nothing was run; what was built is recorded when looptrace run starts it\n", 0, false},
		{"./prog", "theirs\n", 0, true},
		{"go test .", "launch: not recorded: no test ran\n", 0, false},
		{"go vet .", "launch: not recorded: go vet runs no program of yours; go run, go test and what go build makes are recorded\n", 0, false},
		{"go run -compiler=gccgo -n .", "launch: not recorded: gccgo builds programs without execution traces\n", -1, false},
		{"env GOOS=windows go build -o prog.exe .", "launch: not recorded: programs for windows are not recorded, only those for Linux\n", 0, false},
		{"sh -c go\tversion", "launch: not recorded, the recorder never started: sh is no Python program and no Go program, and started none; of what the go command builds or tests, that is recorded which looptrace run starts itself: looptrace run -- go …\n", 0, false},
	} {
		words := strings.Fields(tt.command)
		if i := strings.Index(tt.command, "\t"); i >= 0 {
			words = []string{"sh", "-c", "go version"}
		}
		said, status, trace := goRun(t, dir, words...)
		if tt.status >= 0 && (said != tt.want || status != tt.status) || !strings.HasSuffix(said, tt.want) {
			t.Errorf("%s: status %d, said %q, want %d, %q", tt.command, status, said, tt.status, tt.want)
		}
		if got := recordedProcesses(t, trace); (len(got) == 1) != tt.recorded {
			t.Errorf("%s: recorded %q", tt.command, got)
		}
	}
}

// TestGoProgramBuiltWithout: a Go program that cannot be recorded is told how to be.
func TestGoProgramBuiltWithout(t *testing.T) {
	dir := goModule(t)
	for _, flags := range []string{"", "-s -w"} {
		cmd := exec.Command("go", "build", "-ldflags="+flags, "-o", "plain", ".")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		said, _, _ := goRun(t, dir, filepath.Join(dir, "plain"))
		wantContains(t, said, "plain is a Go program (go1.")
		wantContains(t, said, "built without it; build it by looptrace run -- go build, or use looptrace run -- go run")
	}
}
