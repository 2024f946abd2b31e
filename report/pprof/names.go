package pprof

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Limits of what one name of the program may take: pprof shows them as they are.
const (
	nameColumns = 200
	pathColumns = 4096
)

func clean(s string) string { return wording.Middle(wording.Clean(s, false), nameColumns, false) }

// function returns the name of a function as readers of profiles know it. Of Go that is the full name. pprof adds up what has
// one name, whatever file it is in, so those of Python get their module.
func function(p *analyze.Process, f *analyze.Frame) string {
	name := f.Qualname
	if name == "" {
		name = f.Function
	}
	if name == "" {
		name = "(unknown)"
	}
	if module := moduleOf(p, f.File); module != "" && !p.Go() {
		name = module + "." + name
	}
	return clean(name)
}

// libraryRoot is what the name of a file in a library begins with, before what an import would say.
var libraryRoot = regexp.MustCompile(`^.*/(?:site-packages|dist-packages|python3(?:\.\d+)?)/`)

// moduleOf returns the module that a Python file would be imported as: "asyncio.tasks", "app"; "" if there is none.
func moduleOf(p *analyze.Process, file string) string {
	if frozen, ok := strings.CutPrefix(file, "<frozen "); ok {
		return strings.TrimSuffix(frozen, ">")
	}
	if file == "" || file[0] == '<' {
		return ""
	}
	rest := libraryRoot.ReplaceAllString(file, "")
	if rest == file && p != nil && p.Cwd != "" {
		rest = strings.TrimPrefix(file, strings.TrimSuffix(p.Cwd, "/")+"/")
	}
	if path.IsAbs(rest) {
		rest = path.Base(rest)
	}
	rest = strings.TrimSuffix(strings.TrimSuffix(rest, ".py"), "/__init__")
	return strings.ReplaceAll(rest, "/", ".")
}

// program returns the file that a process runs: that of the program, not of its interpreter.
func program(p *analyze.Process) string {
	if p == nil {
		return ""
	}
	if len(p.Argv) == 0 {
		return ""
	}
	name := p.Argv[0]
	if !p.Go() && strings.HasPrefix(path.Base(name), "python") {
		name = script(p.Argv)
	}
	return wording.Middle(wording.Clean(name, false), pathColumns, false)
}

// script returns what an interpreter was called with: the first file of Python, else the first argument that is no option.
func script(argv []string) string {
	for _, fits := range []func(string) bool{
		func(arg string) bool { return strings.HasSuffix(arg, ".py") },
		func(arg string) bool { return arg != "" && arg[0] != '-' },
	} {
		if i := slices.IndexFunc(argv[1:], fits); i >= 0 {
			return argv[1+i]
		}
	}
	return argv[0]
}

// named reports whether somebody has given a task its name: asyncio and Go's runtime only number them.
func named(t *analyze.Task) bool {
	for _, numbered := range []string{"Task-", "goroutine "} {
		if number, ok := strings.CutPrefix(t.Name, numbered); ok {
			if _, err := strconv.Atoi(number); err == nil {
				return false
			}
		}
	}
	return t.Name != ""
}
