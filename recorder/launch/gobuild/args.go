package gobuild

import (
	"slices"
	"strings"
)

// commandLine is a command line of the go command, taken apart.
type commandLine struct {
	before  []string // up to where flags can be added
	after   []string // what follows there, without -overlay
	verb    string
	dir     string // of -C, "" for none
	overlay string // of -overlay, "" for none
	count   bool   // tests have a -count
	compile bool   // go test -c
	gccgo   bool
}

// boolFlags are the flags of the go command that take no value after a space.
var boolFlags = []string{
	"a", "n", "x", "v", "i", "c", "json", "race", "msan", "asan", "cover", "work", "trimpath", "linkshared", "modcacherw", "buildvcs",
	"short", "failfast", "benchmem", "fullpath", "artifacts",
}

// parseCommand takes a command apart.
func parseCommand(command []string) commandLine {
	var l commandLine
	rest := command[1:]
	rest = l.chdir(rest)
	if len(rest) == 0 || strings.HasPrefix(rest[0], "-") {
		return l
	}
	l.verb, rest = rest[0], rest[1:]
	rest = l.chdir(rest)
	l.before = command[:len(command)-len(rest)]
	for i := 0; i < len(rest); i++ {
		name, value, joined := flagOf(rest[i])
		if name == "args" && l.verb == "test" || name == "" && l.verb != "test" {
			l.after = append(l.after, rest[i:]...)
			return l
		}
		words := rest[i : i+1]
		if name != "" && !joined && !slices.Contains(boolFlags, strings.TrimPrefix(name, "test.")) && i+1 < len(rest) {
			i++
			value, words = rest[i], rest[i-1:i+1]
		}
		if name == "overlay" {
			l.overlay = value
			continue
		}
		l.flag(name, value)
		l.after = append(l.after, words...)
	}
	return l
}

// chdir takes -C off the beginning, the only place where it may be.
func (l *commandLine) chdir(args []string) []string {
	if len(args) == 0 {
		return args
	}
	name, value, joined := flagOf(args[0])
	switch {
	case name != "C":
		return args
	case joined:
		l.dir = value
		return args[1:]
	case len(args) > 1:
		l.dir = args[1]
		return args[2:]
	}
	return args
}

// flag notes a flag that matters here.
func (l *commandLine) flag(name, value string) {
	switch name {
	case "count", "test.count":
		l.count = true
	case "c":
		l.compile = l.verb == "test" && value != "false"
	case "compiler":
		l.gccgo = value == "gccgo"
	}
}

// flagOf returns the name and value of -name=value or --name=value; the name is "" if it is no flag.
func flagOf(arg string) (name, value string, joined bool) {
	rest, ok := strings.CutPrefix(arg, "-")
	if !ok {
		return "", "", false
	}
	name, value, joined = strings.Cut(strings.TrimPrefix(rest, "-"), "=")
	return name, value, joined
}

func isCount(arg string) bool {
	name, _, _ := flagOf(arg)
	return name == "count" || name == "test.count"
}

// overlayOf returns the value of the last -overlay of GOFLAGS.
func overlayOf(goflags []string) string {
	path := ""
	for _, f := range goflags {
		if name, value, _ := flagOf(f); name == "overlay" {
			path = value
		}
	}
	return path
}

// builds reports whether the command builds programs.
func (l *commandLine) builds() bool {
	return slices.Contains([]string{"build", "install", "run", "test"}, l.verb)
}

// runs reports whether the command starts what it builds.
func (l *commandLine) runs() bool { return l.verb == "run" || l.verb == "test" && !l.compile }
