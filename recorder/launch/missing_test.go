package launch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSaysWhyTheRecorderDidNotStart(t *testing.T) {
	python := needPython(t)
	dir := t.TempDir()
	isolated := write(t, dir, "isolated", "#!"+python+" -I\nimport os\n", 0o755)
	script := write(t, dir, "script", "#!/bin/sh\nexit 0\n", 0o755)
	frozenApp := write(t, dir, "frozen", "#!/bin/sh\nexit 0\n", 0o755)
	sh, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(frozenApp, append(sh, "MEI\x0c\x0b\x0a\x0b\x0e0123"...), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		command string
		want    string
	}{
		{"python3 -I -c pass", "python -I isolates"},
		{"python3 -E -c pass", "python -E makes"},
		{"python3 -S -c pass", "python -S keeps"},
		{"python3 -IS -c pass", "python -I isolates"},
		{"python3 -sE -c pass", "python -E makes"},
		{"python3 -X utf8 -BS -c pass", "python -S keeps"},
		{"python3 -V", "runs no program"},
		{"nice python3 -I -c pass", "python -I isolates"},
		{"env -i " + python + " -c pass", "env -i clears"},
		{"env A=1 python3 -I -c pass", "python -I isolates"},
		{isolated, "python -I isolates"},
		{script, "script is no Python program"},
		{frozenApp + " -c true", "frozen is a frozen application"},
		{"true", "true is no Python program"},
	} {
		cmd, _ := launcher(t, strings.Fields(tt.command)...)
		_, stderr, status := output(t, cmd)
		if status != 0 {
			t.Errorf("%s: status %d", tt.command, status)
		}
		wantContains(t, stderr, "the recorder never started: ")
		wantContains(t, stderr, tt.want)
		if n := strings.Count(stderr, "launch:"); n != 1 {
			t.Errorf("%s: %d lines: %s", tt.command, n, stderr)
		}
	}
}

func TestSaysWhyTheMainProcessIsMissing(t *testing.T) {
	python := needPython(t)
	cmd, _ := launcher(t, python, "-I", "-c", "import subprocess; subprocess.run([r'"+python+"', '-c', 'pass'])")
	_, stderr, _ := output(t, cmd)
	wantContains(t, stderr, "did not start in the main process: python -I isolates")
	cmd, _ = launcher(t, "sh", "-c", python+" -c pass; exit 0")
	if _, stderr, _ := output(t, cmd); stderr != "" {
		t.Errorf("a shell around Python: %s", stderr)
	}
}

func TestSaysThatThePythonIsTooOld(t *testing.T) {
	found, err := filepath.Glob(os.ExpandEnv("$HOME/.pyenv/versions/[23].[67].*/bin/python"))
	if err != nil || len(found) == 0 {
		t.Skip("needs an old Python")
	}
	old := found[0]
	// The fake recorder works on any Python; the real one is silent on old ones, as -S makes it here by way of the path.
	text := fromInterpreter(old, []string{"app.py"}, os.Environ())
	wantContains(t, text, "CPython 3.8 or later is needed")
	if text := fromInterpreter(needPython(t), []string{"app.py"}, os.Environ()); text != "" {
		t.Errorf("this Python: %s", text)
	}
}

func TestParsePython(t *testing.T) {
	for _, tt := range []struct {
		args string
		want pythonArgs
	}{
		{"app.py -I", pythonArgs{script: "app.py"}},
		{"-u app.py", pythonArgs{flags: "u", script: "app.py"}},
		{"-uI -W error -Xdev app.py", pythonArgs{flags: "uI", script: "app.py"}},
		{"-Werror -E app.py", pythonArgs{flags: "E", script: "app.py"}},
		{"-Bm pkg.mod -I", pythonArgs{flags: "B", module: "pkg.mod"}},
		{"-mpkg", pythonArgs{module: "pkg"}},
		{"-cpass", pythonArgs{code: true}},
		{"-Ec pass", pythonArgs{flags: "E", code: true}},
		{"--check-hash-based-pycs always -s -", pythonArgs{flags: "s", script: "-"}},
		{"", pythonArgs{}},
	} {
		if got := parsePython(strings.Fields(tt.args)); got != tt.want {
			t.Errorf("%q: got %+v, want %+v", tt.args, got, tt.want)
		}
	}
}

func TestImpliedPython(t *testing.T) {
	for command, want := range map[string]string{
		"app.py x":       "python3 app.py x",
		"./dir/app.py":   "python3 ./dir/app.py",
		"-m pkg -v":      "python3 -m pkg -v",
		"-c pass":        "python3 -c pass",
		"python3.11 a.b": "python3.11 a.b",
		"make":           "make",
	} {
		if got := strings.Join(impliedPython(strings.Fields(command)), " "); got != want {
			t.Errorf("%s: got %s, want %s", command, got, want)
		}
	}
}

func TestProgramName(t *testing.T) {
	for command, want := range map[string]string{
		"python3 dir/app.py":  "app",
		"python3 -m pkg.mod":  "pkg.mod",
		"python3 -c pass":     "python3",
		"python3 -":           "python3",
		"/usr/bin/uvicorn a":  "uvicorn",
		"python3 weird{pid}x": "weird_pid_x",
		"..":                  "..",
	} {
		if got := programName(strings.Fields(command)); got != want {
			t.Errorf("%s: got %s, want %s", command, got, want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	rec, spool := "/rec", "/spool"
	for _, tt := range []struct {
		name      string
		env, want []string
	}{
		{"none", []string{"A=1"}, []string{"A=1", "PYTHONPATH=/rec", "LOOPTRACE_SPOOL=/spool", "LOOPTRACE_RECORDER_DIR=/rec"}},
		{
			"set",
			[]string{"PYTHONPATH=/a:/b", "A=1"},
			[]string{"A=1", "PYTHONPATH=/rec:/a:/b", "LOOPTRACE_SPOOL=/spool", "LOOPTRACE_RECORDER_DIR=/rec", "LOOPTRACE_PYTHONPATH=/a:/b"},
		},
		{
			"empty",
			[]string{"PYTHONPATH="},
			[]string{"PYTHONPATH=/rec", "LOOPTRACE_SPOOL=/spool", "LOOPTRACE_RECORDER_DIR=/rec", "LOOPTRACE_PYTHONPATH="},
		},
		{
			"nested",
			[]string{"PYTHONPATH=/outer:/a", "LOOPTRACE_SPOOL=/o", "LOOPTRACE_RECORDER_DIR=/outer", "LOOPTRACE_PYTHONPATH=/a"},
			[]string{"PYTHONPATH=/rec:/a", "LOOPTRACE_SPOOL=/spool", "LOOPTRACE_RECORDER_DIR=/rec", "LOOPTRACE_PYTHONPATH=/a"},
		},
		{
			"nested, none",
			[]string{"PYTHONPATH=/outer", "LOOPTRACE_SPOOL=/o", "LOOPTRACE_RECORDER_DIR=/outer"},
			[]string{"PYTHONPATH=/rec", "LOOPTRACE_SPOOL=/spool", "LOOPTRACE_RECORDER_DIR=/rec"},
		},
		{
			"nested, with more to record",
			[]string{"PYTHONPATH=/outer", "LOOPTRACE_SPOOL=/o", "LOOPTRACE_RECORDER_DIR=/outer", "LOOPTRACE_RECORD=wakeups"},
			[]string{"PYTHONPATH=/rec", "LOOPTRACE_SPOOL=/spool", "LOOPTRACE_RECORDER_DIR=/rec"},
		},
	} {
		if got := withRecorder(tt.env, rec, spool); strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What is recorded beside the usual is said in a variable of its own.
func TestEnvironmentSaysWhatToRecord(t *testing.T) {
	o := &Options{Wakeups: true}
	got := withRecorder([]string{"LOOPTRACE_RECORD=x"}, "/rec", "/spool", o.record()...)
	if want := "PYTHONPATH=/rec LOOPTRACE_SPOOL=/spool LOOPTRACE_RECORDER_DIR=/rec LOOPTRACE_RECORD=wakeups"; strings.Join(got, " ") != want {
		t.Errorf("got %q", got)
	}
}

// The search is execvp's: env(1) finds the same.
func TestFindProgramAsEnvDoes(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"a", "b", "a/sub"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "a/denied", "#!/bin/sh\necho a\n", 0o644)
	write(t, dir, "b/denied", "#!/bin/sh\necho b\n", 0o755)
	write(t, dir, "a/only-denied", "", 0o644)
	write(t, dir, "here", "#!/bin/sh\necho here\n", 0o755)
	for _, path := range []string{"PATH=" + dir + "/a:" + dir + "/b", "PATH=:" + dir + "/a", "PATH="} {
		for _, name := range []string{"denied", "only-denied", "sub", "here", "absent"} {
			plain := exec.Command("/usr/bin/env", name)
			plain.Dir, plain.Env = dir, []string{path}
			want, _, wantStatus := output(t, plain)
			cmd := exec.Command(os.Args[0], name)
			cmd.Dir, cmd.Env = dir, []string{path, "TMPDIR=" + dir, helperVar + "=/dev/full/t"}
			got, _, status := output(t, cmd)
			if got != want || status != wantStatus {
				t.Errorf("%s with %s: %q, status %d; env: %q, status %d", name, path, got, status, want, wantStatus)
			}
		}
	}
}
