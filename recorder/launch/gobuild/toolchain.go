package gobuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
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

	gccgo bool
}

// patience is how long the go command may take to say what it is: it may have to load another version of itself first.
const patience = 10 * time.Minute

// askToolchain asks the go command that the command line starts.
func askToolchain(ctx context.Context, o Options, line commandLine) (*toolchain, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := []string{"env", "-json", "GOROOT", "GOVERSION", "GOFLAGS", "GOOS", "GOEXPERIMENT"}
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

// check says why programs of the toolchain cannot be recorded.
func (t *toolchain) check() error {
	m := releaseName.FindStringSubmatch(t.Version)
	minor := oldest // a development version
	if m != nil {
		minor, _ = strconv.Atoi(m[1])
	}
	switch {
	case t.gccgo:
		return errors.New("gccgo builds programs without execution traces")
	case minor < oldest:
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
