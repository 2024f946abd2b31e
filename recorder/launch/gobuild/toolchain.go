package gobuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// toolchain is what the go command says of itself, in the directory of the command.
type toolchain struct {
	GOROOT       string
	Version      string `json:"GOVERSION"`
	GOFLAGS      string
	GOOS         string
	GOEXPERIMENT string
	GOMODCACHE   string

	gccgo bool
	minor int // of the version
}

// patience is how long the go command may take to say what it is: it may have to load another version of itself first.
const patience = 10 * time.Minute

// askToolchain asks the go command that the command line starts.
func askToolchain(ctx context.Context, o Options, line commandLine) (*toolchain, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := []string{"env", "-json", "GOROOT", "GOVERSION", "GOFLAGS", "GOOS", "GOEXPERIMENT", "GOMODCACHE"}
	if line.dir != "" {
		args = append([]string{"-C", line.dir}, args...)
	}
	cmd := exec.CommandContext(ctx, o.Go, args...)
	cmd.Args[0] = o.Command[0]
	cmd.Env = o.Environ
	cmd.WaitDelay = time.Second
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	t := &toolchain{gccgo: line.gccgo}
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	return t, nil
}

var releaseName = regexp.MustCompile(`^go1\.(\d+)`)

// oldest is the minor version from which on an execution trace can be read in pieces.
const oldest = 22

// newest is what a development version is taken for.
const newest = 1 << 10

// check says why programs of the toolchain cannot be recorded.
func (t *toolchain) check() error {
	t.minor = newest
	if m := releaseName.FindStringSubmatch(t.Version); m != nil {
		t.minor, _ = strconv.Atoi(m[1])
	}
	switch {
	case t.gccgo:
		return errors.New("gccgo builds programs without execution traces")
	case t.minor < oldest:
		return fmt.Errorf("%s is too old: Go 1.%d or later is needed", t.Version, oldest)
	case t.GOOS != "linux" || runtime.GOOS != "linux":
		return fmt.Errorf("programs for %s are not recorded, only those for Linux", t.GOOS)
	case strings.Contains(t.GOEXPERIMENT, "noexectracer2"):
		return errors.New("GOEXPERIMENT=noexectracer2 has traces of an old form")
	case t.GOROOT == "":
		return errors.New("the go command does not say where its standard library is")
	}
	return nil
}

// flags are those of GOFLAGS.
func (t *toolchain) flags() []string { return strings.Fields(t.GOFLAGS) }

// protecting is the minor version from which on the go command refuses overlays over files in the module cache.
const protecting = 25

// protected reports whether the go command lets nothing be laid over the standard library: the toolchain is in the module
// cache, where the go command puts the one that go.mod asks for.
func (t *toolchain) protected() bool {
	rest, ok := strings.CutPrefix(t.GOROOT, t.GOMODCACHE+string(filepath.Separator))
	return t.minor >= protecting && t.GOMODCACHE != "" && ok && rest != ""
}

// relocate makes the toolchain be used by another path, a symbolic link to it in the cache.
func (t *toolchain) relocate(cache string, line commandLine, b *Build) error {
	if slices.ContainsFunc(line.after, func(arg string) bool { return strings.Contains(arg, "@") }) {
		return fmt.Errorf("go %s PACKAGE@VERSION chooses its Go version by itself", line.verb)
	}
	link := filepath.Join(cache, "goroot-"+sum(t.GOROOT, nil))
	if to, err := os.Readlink(link); err != nil || to != t.GOROOT {
		if err := replaceLink(t.GOROOT, link); err != nil {
			return err
		}
	}
	t.GOROOT = link
	b.Go = filepath.Join(link, "bin", "go")
	b.Environ = []string{"GOROOT=" + link, "GOTOOLCHAIN=local"}
	return nil
}

// replaceLink makes a symbolic link in place of whatever was there.
func replaceLink(to, link string) error {
	fresh := link + "." + strconv.Itoa(os.Getpid())
	if err := os.Symlink(to, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, link); err != nil {
		os.Remove(fresh)
		return err
	}
	return nil
}
