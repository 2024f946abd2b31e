// Package python carries the recorder that runs inside the recorded program: ordinary Python source, embedded.
//
// Python's site imports sitecustomize.py, which starts looptrace_recorder and gets out of the way; what each module of
// that package is for stands in its __init__.py. The recorder imports nothing but the standard library, runs on CPython 3.8
// and later, and writes a spool as package tracefile specifies it.
package python

import (
	"embed"
	"io/fs"
)

// The patterns name files: a bare directory would leave out those that start with _.
//
//go:embed sitecustomize.py looptrace_recorder/*.py
var files embed.FS

// FS returns the files of the recorder: sitecustomize.py and the package looptrace_recorder.
func FS() fs.FS { return files }
