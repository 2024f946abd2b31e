package gobuild

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
)

// added holds what is added to the standard library, as Go source of the packages it is added to.
//
//go:embed _overlay/runtime/looptrace.go _overlay/runtime/looptrace_timers.go _overlay/runtime/looptrace_timers122.go
//go:embed _overlay/syscall/looptrace_linux.go _overlay/testing/looptrace.go
var added embed.FS

// appended separates what makes a file of the overlay a Go file from what is appended.
const appended = "// What follows is appended.\n"

// extend appends files of the overlay to the text of a file of the standard library. That must import what they need.
// Nothing is added as a file of its own: before Go 1.24 go test has vet read the files of the standard library where they
// are, without the overlay.
func extend(text []byte, names ...string) ([]byte, error) {
	for _, name := range names {
		more, err := fs.ReadFile(added, "_overlay/"+name)
		if err != nil {
			return nil, err
		}
		head, body, _ := bytes.Cut(more, []byte(appended))
		for _, needed := range importedIn.FindAll(head, -1) {
			if !bytes.Contains(text, needed) {
				return nil, fmt.Errorf("%w: no import of %s", errShape, needed)
			}
		}
		text = append(append(text, '\n'), body...)
	}
	return text, nil
}

// importedIn finds the paths of imports.
var importedIn = regexp.MustCompile(`"[a-z/]+"`)
