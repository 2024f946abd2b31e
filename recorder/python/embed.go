// Package python carries the recorder that runs inside the recorded program: ordinary Python source, embedded.
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
