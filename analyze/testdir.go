package analyze

import (
	"cmp"
	"path"
	"strings"
)

// TestBinary reports whether go test built the program of the process, by its name.
func (p *Process) TestBinary() bool {
	return p.Go() && len(p.Argv) > 0 && strings.HasSuffix(p.Argv[0], ".test")
}

// Dir returns the directory that places of the process are told from: where it was started, if nothing else is known. Go test
// starts the tests of each package in its own directory, where client.go says little; so the places of several packages are
// told from the directory that all of them are below.
func (p *Process) Dir() string { return cmp.Or(p.TestsDir, p.Cwd, p.Root) }

// ShareDirs sets TestsDir of the processes of a run.
func ShareDirs(processes []*Process) {
	var binaries []*Process
	shared, several := "", false
	for _, p := range processes {
		if !p.TestBinary() || !path.IsAbs(p.Cwd) {
			continue
		}
		if binaries == nil {
			shared = path.Clean(p.Cwd)
		}
		several = several || path.Clean(p.Cwd) != shared
		for !contains(shared, p.Cwd) {
			shared = path.Dir(shared)
		}
		binaries = append(binaries, p)
	}
	if !several || shared == "/" {
		return
	}
	for _, p := range binaries {
		p.TestsDir = shared
	}
}

// contains reports whether a path is a directory or in it.
func contains(dir, file string) bool {
	return strings.HasPrefix(path.Clean(file)+"/", strings.TrimSuffix(dir, "/")+"/")
}
