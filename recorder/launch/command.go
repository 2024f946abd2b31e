package launch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// impliedPython puts python3 in front of a command that starts with a Python file or an option of the interpreter.
func impliedPython(command []string) []string {
	first := command[0]
	if strings.HasSuffix(first, ".py") || strings.HasPrefix(first, "-m") || strings.HasPrefix(first, "-c") {
		return append([]string{"python3"}, command...)
	}
	return command
}

// defaultPath is what execvp(3) searches when there is no PATH.
const defaultPath = "/bin:/usr/bin"

// findProgram returns the path of the program that execvp(3) would try for name, with the environment of the command.
func findProgram(name string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	path, ok := lookupEnv(env, "PATH")
	if !ok {
		path = defaultPath
	}
	denied := ""
	for _, dir := range strings.Split(path, ":") {
		if dir == "" {
			dir = "."
		}
		file := dir + "/" + name
		info, err := os.Stat(file)
		switch {
		case errors.Is(err, os.ErrPermission):
			denied = file
		case err != nil:
		case info.IsDir() || info.Mode()&0o111 == 0:
			denied = file
		default:
			return file, nil
		}
	}
	if denied != "" {
		return "", &StartError{Code: CodeNotExecutable, Err: fmt.Errorf("%s: permission denied", denied)}
	}
	notFound := &StartError{Code: CodeNotFound, Err: fmt.Errorf("%s: no such command", name)}
	if name == "" {
		notFound.Err = errors.New("no such command: the name is empty")
	} else if _, err := os.Stat(name); err == nil {
		notFound.Hint = "for the file in this directory write ./" + name
	}
	return "", notFound
}

// start starts the program with the three files as they are: nothing is piped through looptrace.
func start(prog string, command, env []string, files [3]*os.File) (*os.Process, error) {
	attr := &os.ProcAttr{Env: env, Files: files[:]}
	proc, err := os.StartProcess(prog, command, attr)
	if errors.Is(err, syscall.ENOEXEC) { // a script without #!, which execvp(3) hands to the shell
		proc, err = os.StartProcess("/bin/sh", append([]string{"/bin/sh", prog}, command[1:]...), attr)
	}
	if err == nil {
		return proc, nil
	}
	failed := &StartError{Code: CodeNotExecutable, Err: fmt.Errorf("%s: %w", command[0], reason(err))}
	switch {
	case errors.Is(err, syscall.ENOENT):
		failed.Code = CodeNotFound
		if _, statErr := os.Stat(prog); statErr == nil {
			failed.Hint = "the file is there: the interpreter that its first line names is not"
		}
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOMEM):
		failed.Code = CodeFailed
	}
	return nil, failed
}

// programName is what a default file name calls the command: the script, the module, or the program itself.
func programName(command []string) string {
	name := command[0]
	if isPython(name) {
		switch py := parsePython(command[1:]); {
		case py.module != "":
			name = py.module
		case py.script != "" && py.script != "-":
			name = py.script
		}
	}
	name = strings.TrimSuffix(filepath.Base(filepath.Clean(name)), ".py")
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '/' || r == '{' || r == '}' {
			return '_'
		}
		return r
	}, name)
	if name == "." || name == "" {
		return "python"
	}
	return name[:min(len(name), 64)]
}
