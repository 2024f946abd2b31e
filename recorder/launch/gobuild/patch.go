package gobuild

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// errShape says that the standard library is another one than those that can be recorded.
var errShape = errors.New("its standard library has another shape")

// edit is a change to one line of a file. It leaves the number of lines as it is, so that what a program prints of its
// stacks stays the same.
type edit struct {
	line *regexp.Regexp // exactly one line has it
	with string
}

// patch is a file of the standard library that is replaced by a changed copy.
type patch struct {
	file  string // below GOROOT/src
	edits []edit
}

// tracerPatch makes the three functions through which a program gets its own execution trace ours.
func tracerPatch(file string) patch {
	return patch{file, []edit{
		{regexp.MustCompile(`(?m)^func StartTrace\(\) error \{$`), "func looptraceStartTrace() error {"},
		{regexp.MustCompile(`(?m)^func StopTrace\(\) \{$`), "func looptraceStopTrace() {"},
		{regexp.MustCompile(`(?m)^func ReadTrace\(\) (\(buf \[\]byte\)|\[\]byte) \{$`), "func looptraceReadTrace() $1 {"},
	}}
}

// exitPatch completes the trace when the program exits.
func exitPatch(file string) patch {
	return patch{file, []edit{{regexp.MustCompile(`(?m)^func runExitHooks\((\w+) int\) \{$`), "func runExitHooks($1 int) { looptraceExit($1)"}}}
}

// testingFile is the file of package testing that gets what the others call.
const testingFile = "testing/testing.go"

// panicPatch completes the trace when the program panics. Go 1.22 has no such line: there the last generation is lost.
func panicPatch() patch {
	return patch{"runtime/panic.go", []edit{{regexp.MustCompile(`(?m)^\t\ttraceAdvance\(false\)$`), "\t\tlooptracePanic()"}}}
}

// testPatches say which test a goroutine runs.
func testPatches() []patch {
	at := func(file, function, name string) patch {
		return patch{file, []edit{{regexp.MustCompile(`(?m)^(` + function + `.*\{)$`), "$1 looptraceTest(" + name + ")"}}}
	}
	return []patch{
		at(testingFile, `func tRunner\(t \*T, `, "t.name"),
		at("testing/fuzz.go", `func fRunner\(f \*F, `, "f.name"),
		at("testing/benchmark.go", `func \(b \*B\) runN\(`, "b.name"),
		at("testing/run_example.go", `func runExample\(eg InternalExample\) `, "eg.Name"),
	}
}

// apply returns the changed file.
func (p patch) apply(goroot string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(goroot, "src", filepath.FromSlash(p.file)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errShape, err)
	}
	lines := bytes.Count(text, []byte("\n"))
	for _, e := range p.edits {
		if n := len(e.line.FindAllIndex(text, -1)); n != 1 {
			return nil, fmt.Errorf("%w: %s: %d lines are %q", errShape, p.file, n, e.line)
		}
		text = e.line.ReplaceAll(text, []byte(e.with))
	}
	if bytes.Count(text, []byte("\n")) != lines {
		return nil, fmt.Errorf("%s: other lines", p.file)
	}
	return text, nil
}

// with returns the file of the standard library among the names that has all lines of a patch.
func with(goroot string, patches ...patch) (patch, []byte, error) {
	var failed error
	for _, p := range patches {
		text, err := p.apply(goroot)
		if err == nil {
			return p, text, nil
		}
		failed = errors.Join(failed, err)
	}
	return patch{}, nil, failed
}

// files returns what is changed in the standard library of a toolchain, by the path below GOROOT/src. Tests is
// false if test names cannot be told.
func files(goroot string) (changed map[string][]byte, tests bool, err error) {
	changed = map[string][]byte{}
	tracer, text, err := with(goroot, tracerPatch("runtime/trace2.go"), tracerPatch("runtime/trace.go"))
	if err != nil {
		return nil, false, err
	}
	changed[tracer.file] = text
	exit, text, err := with(goroot, exitPatch("runtime/proc.go"), exitPatch("runtime/exithook.go"))
	if err != nil {
		return nil, false, err
	}
	changed[exit.file] = text
	if text, err := panicPatch().apply(goroot); err == nil {
		changed["runtime/panic.go"] = text
	}
	timers := "runtime/looptrace_timers.go"
	if tracer.file == "runtime/trace2.go" {
		timers = "runtime/looptrace_timers122.go"
	}
	if changed[tracer.file], err = extend(changed[tracer.file], "runtime/looptrace.go", timers); err != nil {
		return nil, false, err
	}
	writer := patch{file: "syscall/syscall_linux.go"}
	if text, err = writer.apply(goroot); err == nil {
		changed[writer.file], err = extend(text, "syscall/looptrace_linux.go")
	}
	return changed, addTests(goroot, changed), err
}

// addTests changes package testing, all of it or nothing.
func addTests(goroot string, changed map[string][]byte) bool {
	mine := map[string][]byte{}
	for _, p := range testPatches() {
		text, err := p.apply(goroot)
		if err != nil {
			return false
		}
		mine[p.file] = text
	}
	var err error
	if mine[testingFile], err = extend(mine[testingFile], "testing/looptrace.go"); err != nil {
		return false
	}
	for name, text := range mine {
		changed[name] = text
	}
	return true
}
