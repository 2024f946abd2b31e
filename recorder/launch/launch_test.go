package launch

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

func TestExitStatusPassesThrough(t *testing.T) {
	for _, tt := range []struct {
		script string
		status int
	}{
		{"exit 0", 0},
		{"exit 7", 7},
		{"exit 255", 255},
		{"kill -KILL $$", 137},
		{"kill -TERM $$", 143},
		{"kill -SEGV $$", 139},
		{"kill -QUIT $$", 131},
		{"kill -ABRT $$", 134},
	} {
		cmd, dir := launcher(t, "sh", "-c", tt.script)
		_, _, status := output(t, cmd)
		if status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.script, status, tt.status)
		}
		if left := leftovers(t, dir); len(left) > 0 {
			t.Errorf("%s: left %v", tt.script, left)
		}
	}
}

func TestNotStarted(t *testing.T) {
	dir := t.TempDir()
	plain := write(t, dir, "plain", "exit 3\n", 0o644)
	orphan := write(t, dir, "orphan", "#!/no/such/interpreter\n", 0o755)
	for _, tt := range []struct {
		command string
		status  int
		stderr  string
	}{
		{"no-such-command-here", 127, "no such command"},
		{"/no/such/file", 127, "no such file"},
		{orphan, 127, "no such file"},
		{plain, 126, "permission denied"},
		{dir, 126, "permission denied"},
	} {
		cmd, work := launcher(t, tt.command)
		_, stderr, status := output(t, cmd)
		if status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.command, status, tt.status)
		}
		wantContains(t, stderr, tt.stderr)
		if left, err := os.ReadDir(work); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v, %v", tt.command, left, err)
		}
	}
}

func TestScriptWithoutInterpreterLine(t *testing.T) {
	cmd, dir := launcher(t, "./bare", "a b")
	write(t, dir, "bare", "echo \"$1\"; exit 3\n", 0o755)
	stdout, _, status := output(t, cmd)
	if stdout != "a b\n" || status != 3 {
		t.Errorf("got %q, status %d", stdout, status)
	}
}

// The standard streams are the launcher's own, not pipes that are copied.
func TestStreamsAreInherited(t *testing.T) {
	plain := exec.Command("sh", "-c", "readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; cat")
	wrapped, dir := launcher(t, plain.Args...)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	wrapped.Stdin, wrapped.Stdout, wrapped.Stderr = strings.NewReader("typed"), log, log
	if err := wrapped.Run(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log.Name())
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 4 || !strings.HasPrefix(lines[0], "pipe:") || lines[1] != log.Name() || lines[2] != log.Name() || !strings.HasPrefix(lines[3], "typed") {
		t.Errorf("got %q", text)
	}
}

// What the command can see of its start is the same with and without the launcher.
func TestSameProcessState(t *testing.T) {
	look := `ulimit -Sn; ulimit -Hn; umask; grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd; pwd`
	cmd, dir := launcher(t, "sh", "-c", look)
	got, _, _ := output(t, cmd)
	plain := exec.Command("sh", "-c", look)
	plain.Dir = dir
	want, _, _ := output(t, plain)
	if got != want {
		t.Errorf("under the launcher:\n%swithout:\n%s", got, want)
	}
}

func TestRefusesToOverwrite(t *testing.T) {
	for _, taken := range []string{"t.ltrace", "t.ltrace.spool/run.meta"} {
		cmd, dir := launcher(t, "sh", "-c", "touch ran")
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, taken)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, dir, taken, "old", 0o600)
		_, stderr, status := output(t, cmd)
		if status != CodeFailed {
			t.Errorf("%s: status %d, want %d", taken, status, CodeFailed)
		}
		wantContains(t, stderr, "exists")
		if slices.Contains(leftovers(t, dir), "ran") {
			t.Errorf("%s: the command ran", taken)
		}
		again := exec.Command(cmd.Path, cmd.Args[1:]...)
		again.Dir, again.Env = dir, append(cmd.Env, forceVar+"=1")
		if _, stderr, status := output(t, again); status != 0 {
			t.Errorf("%s: forced: status %d, %s", taken, status, stderr)
		}
		if left := leftovers(t, dir); !slices.Equal(left, []string{"ran"}) {
			t.Errorf("%s: forced: left %v", taken, left)
		}
	}
}

func TestNeverReplacesWhatIsNoTrace(t *testing.T) {
	for _, output := range []string{"/dev/null", "dir", "dir/"} {
		cmd, dir := launcher(t, "true")
		cmd.Env = append(cmd.Env, helperVar+"="+output, forceVar+"=1")
		if err := os.Mkdir(filepath.Join(dir, "dir"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Run(); err == nil || statusOf(cmd) != CodeFailed {
			t.Errorf("%s: %v", output, err)
		}
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Error("/dev/null is gone")
	}
}

// A program that takes the trace's place is unharmed, and so is the recording.
func TestKeepsSpoolThatCannotBePacked(t *testing.T) {
	cmd, dir := launcher(t, "sh", "-c", "mkdir -p t.ltrace/x; exit 4")
	_, stderr, status := output(t, cmd)
	if status != 4 {
		t.Errorf("status %d, want 4", status)
	}
	wantContains(t, stderr, "readable as it is")
	meta, err := os.ReadFile(filepath.Join(dir, "t.ltrace.spool", "run.meta"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(meta), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `command=["sh","-c",`) || !strings.Contains(lines[1], "exit_code=4") {
		t.Errorf("run.meta is %q", meta)
	}
}

func TestUnwritableDirectoryFallsBackToTemp(t *testing.T) {
	cmd, dir := launcher(t, "sh", "-c", "exit 5")
	temp := t.TempDir()
	cmd.Env = append(cmd.Env, helperVar+"="+filepath.Join(dir, "absent", "t.ltrace"), "TMPDIR="+temp)
	_, stderr, status := output(t, cmd)
	if status != 5 {
		t.Errorf("status %d, want 5", status)
	}
	wantContains(t, stderr, "the trace goes to "+temp)
	traces, err := filepath.Glob(filepath.Join(temp, "*", "t.ltrace"))
	if err != nil || len(traces) != 1 {
		t.Errorf("traces %v, %v", traces, err)
	}
}

func TestRunsWithoutAnyPlaceToRecord(t *testing.T) {
	cmd, dir := launcher(t, "sh", "-c", "env; exit 6")
	absent := filepath.Join(dir, "absent")
	cmd.Env = append(cmd.Env, helperVar+"="+filepath.Join(absent, "t.ltrace"), "TMPDIR="+absent, "XDG_CACHE_HOME="+absent)
	stdout, stderr, status := output(t, cmd)
	if status != 6 {
		t.Errorf("status %d, want 6", status)
	}
	wantContains(t, stderr, "not recorded")
	if n := strings.Count(stderr, "\n"); n != 1 {
		t.Errorf("%d lines on stderr: %s", n, stderr)
	}
	for _, name := range []string{"LOOPTRACE_SPOOL", "LOOPTRACE_RECORDER_DIR", "PYTHONPATH"} {
		if strings.Contains(stdout, "\n"+name+"=") {
			t.Errorf("the environment was changed: %s is set", name)
		}
	}
}

func TestFilesArePrivate(t *testing.T) {
	cmd, dir := launcher(t, "sh", "-c", `stat -c %a t.ltrace.spool t.ltrace.spool/* "$PYTHONPATH" "$PYTHONPATH"/*`)
	stdout, _, _ := output(t, cmd)
	if want := "700\n600\n700\n700\n600\n"; stdout != want {
		t.Errorf("modes %q, want %q", stdout, want)
	}
	info, err := os.Stat(filepath.Join(dir, "t.ltrace"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("trace: %v, %v", info, err)
	}
}

// Without a cache the recorder is extracted for the run alone.
func TestTemporaryRecorderIsRemoved(t *testing.T) {
	python := needPython(t)
	cmd, _ := launcher(t, python, "-c", "pass")
	temp := t.TempDir()
	cmd.Env = append(without(cmd.Env, "XDG_CACHE_HOME", "HOME"), "TMPDIR="+temp)
	if _, stderr, status := output(t, cmd); status != 0 || stderr != "" {
		t.Errorf("status %d: %s", status, stderr)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// The cache is used as long as it holds what it should and nobody else can write to it.
func TestCachedRecorder(t *testing.T) {
	cmd, _ := launcher(t, "sh", "-c", `echo "$PYTHONPATH"`)
	where := func() string {
		again := exec.Command(cmd.Path, cmd.Args[1:]...)
		again.Dir, again.Env = t.TempDir(), cmd.Env
		stdout, _, _ := output(t, again)
		return strings.TrimSpace(stdout)
	}
	first := where()
	if again := where(); again != first {
		t.Errorf("not used again: %s, %s", first, again)
	}
	if got, err := os.ReadFile(filepath.Join(first, "fake", "_inner.py")); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
	if err := os.Chmod(first, 0o777); err != nil {
		t.Fatal(err)
	}
	if other := where(); other == first {
		t.Error("used although everybody can write to it")
	}
	if err := os.Chmod(first, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, first, "sitecustomize.py", "import evil\n", 0o600)
	if other := where(); other == first {
		t.Error("used although it was changed")
	}
}

func TestChildThatOutlivesTheCommand(t *testing.T) {
	python := needPython(t)
	cmd, dir := launcher(t, "sh", "-c", python+` -c 'import os, time; open("up", "w"); time.sleep(20)' & while [ ! -e up ]; do sleep 0.05; done; echo $!`)
	so, err := os.Create(filepath.Join(dir, "so"))
	if err != nil {
		t.Fatal(err)
	}
	defer so.Close()
	se := filepath.Join(dir, "se")
	stderr, err := os.Create(se)
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	cmd.Stdout, cmd.Stderr = so, stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	pid, err := os.ReadFile(so.Name())
	if err != nil {
		t.Fatal(err)
	}
	child := strings.TrimSpace(string(pid))
	defer exec.Command("kill", child).Run() // it ends by itself too
	text, err := os.ReadFile(se)
	if err != nil {
		t.Fatal(err)
	}
	wantContains(t, string(text), "still running: process "+child)
	trace, err := tracefile.Open(filepath.Join(dir, "t.ltrace"))
	if err != nil {
		t.Fatal(err)
	}
	defer trace.Close()
	for err == nil {
		_, err = trace.Next()
	}
	wantContains(t, strings.Join(trace.Health().Notes, "\n"), "process "+child+" still ran")
}
