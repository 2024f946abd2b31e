// Package gobuild makes programs that the go command builds record themselves, without a change to them: it builds them with
// an overlay over the standard library. Package runtime of such a program starts an execution trace before the program's
// own code runs, and writes it to the spool that LOOPTRACE_SPOOL names; package testing says there which goroutine runs
// which test. Without that variable the program is as it would be.
//
// The changes to the standard library are few lines, each found by what it is and not where. A standard library that does
// not have them is left as it is, and the program is not recorded.
package gobuild

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Options says what to build and where files may be put.
type Options struct {
	Command []string // go …
	Go      string   // path of the go command
	Environ []string
	Cache   string // a private directory that stays; what is put there is the same for all runs with a toolchain. Scratch where it cannot be written
	Scratch string // a private directory for this run
}

// Build is how to run the go command so that what it builds records itself.
type Build struct {
	Command []string // Options.Command if nothing can be recorded
	Go      string   // the go command to start
	Environ []string // of it, beside Options.Environ
	Verb    string   // run, test…
	Builds  bool     // it builds programs
	Runs    bool     // it starts what it builds
	Note    string   // why nothing is recorded, or not all; "" if there is nothing to say
}

// Prepare looks at a command of the go command and returns what to run in its place. Where it cannot be recorded, that is
// the command itself, and Note tells why.
func Prepare(ctx context.Context, o Options) Build {
	line := parseCommand(o.Command)
	b := Build{Command: o.Command, Go: o.Go, Verb: line.verb, Builds: line.builds(), Runs: line.runs()}
	if !line.builds() {
		return b
	}
	tool, err := askToolchain(ctx, o, line)
	if err == nil {
		err = tool.check()
	}
	if err == nil && tool.protected() {
		err = o.either(func(dir string) error { return tool.relocate(dir, line, &b) })
	}
	if err != nil {
		b.Note = err.Error()
		return b
	}
	var overlay string
	var tests bool
	err = o.either(func(dir string) (err error) {
		overlay, tests, err = tool.overlay(dir)
		return err
	})
	if err == nil {
		overlay, err = tool.merge(overlay, line, o.Scratch)
	}
	if err != nil {
		return Build{Command: o.Command, Go: o.Go, Verb: b.Verb, Builds: b.Builds, Runs: b.Runs, Note: err.Error()}
	}
	if line.verb == "test" && !tests {
		b.Note = fmt.Sprintf("package testing of %s has another shape: which test is which is told by the functions on stacks", tool.Version)
	}
	b.Command = line.with(overlay, tool.flags())
	if b.Go != o.Go {
		b.Command[0] = b.Go
	}
	return b
}

// either does something in the cache, or in the directory of this run.
func (o Options) either(do func(dir string) error) error {
	err := do(o.Cache)
	if err != nil && o.Scratch != o.Cache {
		err = do(o.Scratch)
	}
	return err
}

// overlay writes what is laid over the standard library to the cache, unless it is there, and returns the path of the file
// that says what replaces what.
func (t *toolchain) overlay(cache string) (path string, tests bool, err error) {
	changed, tests, err := files(t.GOROOT)
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", t.Version, err)
	}
	dir := filepath.Join(cache, "go-"+sum(t.GOROOT, changed))
	replace := map[string]string{}
	for name := range changed {
		replace[filepath.Join(t.GOROOT, "src", filepath.FromSlash(name))] = filepath.Join(dir, filepath.FromSlash(name))
	}
	path = filepath.Join(dir, overlayName)
	changed[overlayName], err = encodeOverlay(replace)
	if err != nil {
		return "", false, err
	}
	if same(dir, changed) {
		return path, tests, nil
	}
	if err := store(cache, dir, changed); err != nil {
		return "", false, fmt.Errorf("write the overlay: %w", err)
	}
	return path, tests, nil
}

// merge adds the overlay to that of the user, if there is one.
func (t *toolchain) merge(overlay string, line commandLine, scratch string) (string, error) {
	users := line.overlay
	if users == "" {
		users = overlayOf(t.flags())
	}
	if users == "" {
		return overlay, nil
	}
	if !filepath.IsAbs(users) {
		users = filepath.Join(line.dir, users)
	}
	theirs, err := decodeOverlay(users)
	if err != nil {
		return "", fmt.Errorf("%s: %w", users, err)
	}
	ours, err := decodeOverlay(overlay)
	if err != nil {
		return "", err
	}
	for from, to := range theirs {
		if ours[from] != "" {
			return "", errors.New("the -overlay replaces the same files of the standard library")
		}
		ours[from] = to
	}
	text, err := encodeOverlay(ours)
	if err != nil {
		return "", err
	}
	path := filepath.Join(scratch, overlayName)
	return path, os.WriteFile(path, text, 0o600)
}

// with returns the command with an overlay, and in tests without a cached result.
func (l *commandLine) with(overlay string, goflags []string) []string {
	add := []string{"-overlay=" + overlay}
	if l.verb == "test" && !l.count && !slices.ContainsFunc(goflags, isCount) {
		add = append(add, "-count=1") // a result from the cache is none of a run
	}
	return slices.Concat(l.before, add, l.after)
}
