package launch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// notStarted says in one line why the recorder did not start where it should have, "" if it did.
func notStarted(found []int, pid int, command []string, prog string, env []string) string {
	if slices.Contains(found, pid) {
		return ""
	}
	if len(found) > 0 { // a launcher that is no Python itself, unless it is one
		if !isPython(command[0]) {
			return ""
		}
		return "the recorder did not start in the main process: " + likelyReason(command, prog, env)
	}
	return "not recorded, the recorder never started: " + likelyReason(command, prog, env)
}

// likelyReason looks for what keeps the recorder out of a program: it is loaded by an environment variable.
func likelyReason(command []string, prog string, env []string) string {
	for i, arg := range words(command) {
		if why := fromWord(arg, words(command)[i+1:], env); why != "" {
			return why
		}
	}
	if isPython(command[0]) {
		return fmt.Sprintf("%s ended before it loaded its site module", command[0])
	}
	why := fromFile(prog, env)
	if slices.ContainsFunc(words(command), isGo) || slices.Contains(makers, filepath.Base(command[0])) {
		why += "; of what the go command builds or tests, that is recorded which looptrace run starts itself: looptrace run -- go …"
	}
	return why
}

// makers start compilers.
var makers = []string{"make", "gmake", "ninja", "just", "task", "mage"}

// words are the arguments of the command, and those of a shell command line in it.
func words(command []string) []string {
	switch filepath.Base(command[0]) {
	case "sh", "bash", "dash", "zsh", "ksh":
		if i := slices.Index(command, "-c"); i > 0 && i+1 < len(command) {
			return slices.Concat(command[:i], strings.Fields(command[i+1]))
		}
	}
	return command
}

// carriers start programs elsewhere or as somebody else, with another environment.
var carriers = []string{"sudo", "doas", "su", "runuser", "pkexec", "docker", "podman", "ssh", "kubectl", "systemd-run", "flatpak", "snap", "chroot", "setpriv", "bwrap"}

// fromWord tells what a word of the command, with those that follow it, does to the environment or the interpreter.
func fromWord(word string, rest, env []string) string {
	switch base := filepath.Base(word); {
	case base == "env":
		for _, a := range rest {
			if a == "-" || a == "-i" || a == "--ignore-environment" {
				return "env " + a + " clears the environment that loads it; put looptrace run after it"
			}
			if !strings.HasPrefix(a, "-") && !strings.Contains(a, "=") {
				break
			}
		}
	case slices.Contains(carriers, base):
		return base + " does not pass the environment on that loads it; put looptrace run after it"
	case isPython(base):
		return fromInterpreter(word, rest, env)
	}
	return ""
}

// fromInterpreter tells which option or which interpreter it is.
func fromInterpreter(python string, args, env []string) string {
	py := parsePython(args)
	for _, o := range []struct{ flag, why string }{
		{"I", "isolates Python from PYTHONPATH"},
		{"E", "makes Python ignore PYTHONPATH"},
		{"S", "keeps Python from importing site"},
	} {
		if i := strings.Index(py.flags, o.flag); i >= 0 {
			return fmt.Sprintf("python -%s %s, which loads it", o.flag, o.why)
		}
	}
	if strings.ContainsAny(py.flags, "Vh?") {
		return "python -" + py.flags + " runs no program"
	}
	return fromVersion(python, env)
}

// versionProgram prints "cpython 3 8" on every Python there is.
const versionProgram = `import sys; sys.stdout.write("%s %d %d" % ("pypy" if hasattr(sys, "pypy_version_info") else "cpython", sys.version_info[0], sys.version_info[1]))`

// fromVersion asks the interpreter what it is.
func fromVersion(python string, env []string) string {
	path, err := findProgram(python, env)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-E", "-S", "-c", versionProgram)
	cmd.WaitDelay = time.Second
	text, err := cmd.Output()
	if err != nil {
		return ""
	}
	var kind string
	var major, minor int
	if n, _ := fmt.Sscan(string(text), &kind, &major, &minor); n != 3 {
		return ""
	}
	if kind != "cpython" || major < 3 || minor < 8 {
		return fmt.Sprintf("%s is %s %d.%d; CPython 3.8 or later is needed", python, kind, major, minor)
	}
	return ""
}

// fromFile looks into the program itself.
func fromFile(prog string, env []string) string {
	name := filepath.Base(prog)
	f, err := os.Open(prog)
	if err != nil {
		return name + " is no Python program"
	}
	defer f.Close() // read only
	head := make([]byte, 256)
	n, _ := io.ReadFull(f, head)
	if line, ok := bytes.CutPrefix(head[:n], []byte("#!")); ok {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		fields := strings.Fields(string(line))
		for i, word := range fields {
			if why := fromWord(word, fields[i+1:], env); why != "" {
				return why
			}
		}
		if slices.ContainsFunc(fields, isPython) {
			return name + " ended before Python loaded its site module"
		}
		return name + " is no Python program and no Go program, and started none"
	}
	if frozen(f) {
		return name + " is a frozen application (PyInstaller), which ignores PYTHONPATH"
	}
	if why := fromBinary(f, name); why != "" {
		return why
	}
	return name + " is no Python program and no Go program, and started none"
}

// frozen looks for the mark that PyInstaller leaves near the end of what it makes.
func frozen(f *os.File) bool {
	const tail = 64 << 10
	info, err := f.Stat()
	if err != nil {
		return false
	}
	buf := make([]byte, min(info.Size(), tail))
	n, _ := f.ReadAt(buf, info.Size()-int64(len(buf)))
	return bytes.Contains(buf[:n], []byte("MEI\x0c\x0b\x0a\x0b\x0e"))
}

var pythonName = regexp.MustCompile(`^(python|pypy)[0-9.]*(d|t|w|m)*$`)

func isPython(program string) bool { return pythonName.MatchString(filepath.Base(program)) }

// pythonArgs is a command line of the interpreter.
type pythonArgs struct {
	flags  string // its one-letter options without arguments
	module string // of -m
	code   bool   // -c
	script string
}

// parsePython reads the arguments after the interpreter as it does.
func parsePython(args []string) pythonArgs {
	var py pythonArgs
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--help" || a == "--version":
			py.flags += "V"
			continue
		case a == "--check-hash-based-pycs":
			i++
			continue
		case strings.HasPrefix(a, "--"):
			continue
		case a == "-" || !strings.HasPrefix(a, "-"):
			py.script = a
			return py
		}
	cluster:
		for j := 1; j < len(a); j++ {
			value := a[j+1:]
			switch a[j] {
			case 'c', 'm':
				if value == "" && i+1 < len(args) {
					value = args[i+1]
				}
				py.code = a[j] == 'c'
				if a[j] == 'm' {
					py.module = value
				}
				return py
			case 'W', 'X', 'Q':
				if value == "" {
					i++
				}
				break cluster
			default:
				py.flags += a[j : j+1]
			}
		}
	}
	return py
}
