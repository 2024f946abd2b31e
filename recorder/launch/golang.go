package launch

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/recorder/launch/gobuild"
)

var goName = regexp.MustCompile(`^go([0-9.]+((rc|beta)[0-9]+)?|tip)?$`)

// isGo reports whether a program is the go command, or one of those that start a certain version of it.
func isGo(program string) bool { return goName.MatchString(filepath.Base(program)) }

// goCommand splits off what stands before the go command: env and the variables it sets. ok is false if there is none.
func goCommand(command, env []string) (before, rest, environ []string, ok bool) {
	i := 0
	if filepath.Base(command[0]) == "env" {
		for i++; i < len(command) && !strings.HasPrefix(command[i], "-") && strings.Contains(command[i], "="); i++ {
			name, _, _ := strings.Cut(command[i], "=")
			env = append(without(env, name), command[i])
		}
	}
	if i == len(command) || !isGo(command[i]) {
		return nil, nil, nil, false
	}
	return command[:i], command[i:], env, true
}

// instrument makes what the go command builds record itself.
func (r *recording) instrument(ctx context.Context, opts Options, out *Outcome) {
	before, command, environ, ok := goCommand(out.Command, opts.Environ)
	if r.spool == "" || !ok {
		return
	}
	prog, err := findProgram(command[0], environ)
	if err != nil {
		return // env will say so
	}
	scratch, err := os.MkdirTemp(tempDir(opts.Environ), "looptrace-go-*")
	if err != nil {
		out.note("not recorded: %v", err)
		return
	}
	r.scratch = scratch
	cache, err := privateCache(opts.Environ)
	if err != nil {
		cache = scratch
	}
	build := gobuild.Prepare(ctx, gobuild.Options{
		Command: command, Go: prog, Environ: environ, Cache: cache, Scratch: scratch,
	})
	build.Command = slices.Concat(before, build.Command)
	if len(before) > 0 {
		build.Go = "" // env starts it
	}
	r.build = &build
}

// notBuilt says in one line why nothing that the go command built was recorded; "" where its own words, or those of the
// program, say it.
func notBuilt(b *gobuild.Build, exit int) string {
	switch {
	case b.Note != "":
		return "not recorded: " + b.Note
	case exit != 0:
		return ""
	case b.Verb == "test" && b.Runs:
		return "not recorded: no test ran"
	case b.Runs:
		return "not recorded: go " + b.Verb + " started no program that it built with the Go version of this directory"
	case b.Builds:
		return "nothing was run; what was built is recorded when looptrace run starts it"
	}
	return "not recorded: go " + b.Verb + " runs no program of yours; go run, go test and what go build makes are recorded"
}

// fromBinary says what keeps the recorder out of a native program, "" if the file is none.
func fromBinary(f *os.File, name string) string {
	head := make([]byte, 4)
	if _, err := f.ReadAt(head, 0); err != nil || string(head) != elf.ELFMAG {
		return ""
	}
	if info, err := buildinfo.Read(f); err == nil {
		if recordsItself(f) {
			return name + " is a Go program that could not write its trace"
		}
		return name + " is a Go program (" + info.GoVersion + ") that was built without it; build it by looptrace run -- go build, or use looptrace run -- go run"
	}
	if hasGoSections(f) {
		return name + " is a Go program that was built without it, and stripped of what it is made of; build it by looptrace run -- go build"
	}
	return name + " is no Python program and no Go program, and started none"
}

// hasGoSections reports whether the linker of Go made the file.
func hasGoSections(f *os.File) bool {
	file, err := elf.NewFile(f)
	if err != nil {
		return false
	}
	for _, s := range file.Sections {
		switch s.Name {
		case ".gopclntab", ".data.rel.ro.gopclntab", ".note.go.buildid", ".go.buildinfo":
			return true
		}
	}
	return false
}

// recordsItself looks for the name of the variable that an instrumented program reads.
func recordsItself(f *os.File) bool {
	const piece = 1 << 20
	mark := []byte(varSpool)
	buf := make([]byte, piece+len(mark))
	for at := int64(0); ; at += piece {
		n, err := f.ReadAt(buf, at)
		if bytes.Contains(buf[:n], mark) {
			return true
		}
		if err != nil { // the end of the file, or as good as
			return false
		}
	}
}
