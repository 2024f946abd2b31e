package gobuild

import (
	"embed"
	"io/fs"
)

// added holds what is added to the standard library, as Go source of the packages it is added to.
//
//go:embed _overlay/runtime/looptrace.go _overlay/runtime/looptrace_timers.go _overlay/runtime/looptrace_timers122.go
//go:embed _overlay/syscall/looptrace_linux.go _overlay/testing/looptrace.go
var added embed.FS

// source returns one of the added files.
func source(name string) ([]byte, error) { return fs.ReadFile(added, "_overlay/"+name) }
