package launch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	spoolSuffix = ".spool"
	metaName    = "run.meta"
)

// outputPath returns the absolute path of the trace. It refuses what would have to be overwritten, before anything is started.
func outputPath(opts Options, command []string) (string, error) {
	name := opts.Output
	if name == "" {
		name = "looptrace-" + programName(command) + ".{pid}.ltrace"
	}
	name = strings.ReplaceAll(name, "{pid}", strconv.Itoa(os.Getpid()))
	path, err := filepath.Abs(name)
	if err != nil {
		return "", &StartError{Code: CodeFailed, Err: fmt.Errorf("current directory: %w", err)}
	}
	if strings.HasSuffix(name, "/") {
		return "", &StartError{Code: CodeFailed, Err: fmt.Errorf("%s: is a directory", name), Hint: "-o names a file"}
	}
	for _, p := range []string{path, path + spoolSuffix} {
		if err := overwritable(p, opts.Force); err != nil {
			return "", err
		}
	}
	return path, nil
}

// overwritable refuses a path that is taken, unless it is a trace or spool and the user forces it. Devices and directories
// that are no spool are never replaced.
func overwritable(path string, force bool) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // absent, or a directory that cannot be used: makeSpool will find out
	}
	ours := info.Mode().IsRegular() || (info.IsDir() && isSpool(path))
	switch {
	case ours && force:
		return nil
	case ours:
		return &StartError{Code: CodeFailed, Err: fmt.Errorf("%s: exists", path), Hint: "-f overwrites it, -o names another file"}
	}
	return &StartError{Code: CodeFailed, Err: fmt.Errorf("%s: is no regular file", path), Hint: "-o names another file"}
}

func isSpool(dir string) bool {
	if !strings.HasSuffix(dir, spoolSuffix) {
		return false
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".facts", ".slots", ".samples", ".gotrace", ".meta":
		default:
			return false
		}
	}
	return true
}

// makeSpool makes the spool directory beside the output or, where that cannot be written to, in the temporary directory,
// and then moves the output there too. It writes the first bytes into it, so that a full disk is found here.
func makeSpool(output string, force bool, env []string) (spool, trace string, err error) {
	spool = output + spoolSuffix
	if force && isSpool(spool) {
		if err := os.RemoveAll(spool); err != nil {
			return "", "", err
		}
	}
	first := tryDir(spool)
	if first == nil {
		return spool, output, nil
	}
	temp, err := os.MkdirTemp(tempDir(env), "looptrace-*")
	if err != nil {
		return "", "", fmt.Errorf("%w; %w", first, err)
	}
	trace = filepath.Join(temp, filepath.Base(output))
	spool = trace + spoolSuffix
	if err := tryDir(spool); err != nil {
		os.RemoveAll(temp) // empty
		return "", "", fmt.Errorf("%w; %w", first, err)
	}
	return spool, trace, nil
}

// roomNeeded is what must fit into a directory for a recording to be worth starting there.
const roomNeeded = 64 << 10

// tryDir makes the directory and proves that it can be written to.
func tryDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	err := tryFile(filepath.Join(dir, metaName))
	if err != nil {
		os.RemoveAll(dir) // what was written just now
	}
	return err
}

func tryFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, roomNeeded))
	if err == nil {
		err = f.Truncate(0)
	}
	return errors.Join(err, f.Close())
}

// tempDir is the temporary directory that the command's environment names.
func tempDir(env []string) string {
	if dir, _ := lookupEnv(env, "TMPDIR"); dir != "" {
		return dir
	}
	return os.TempDir()
}
