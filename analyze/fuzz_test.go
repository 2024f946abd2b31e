package analyze

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// FuzzBuild pins that no sequence of events, however senseless, makes Build panic or leaves a fact without what it refers
// to.
func FuzzBuild(f *testing.F) {
	files, _ := filepath.Glob("../testdata/traces/*.txtar")
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range ar.Files {
			if a.Name == "trace" {
				f.Add(a.Data, 1)
			}
		}
	}
	f.Add([]byte("looptrace 1\n=stream 1\n1 task_ended task=1 number=9\n2 step_begun task=1\n3 task_spawned task=1 parent=1\n"), -1)
	f.Fuzz(func(t *testing.T, data []byte, keep int) {
		src, err := tracefile.ReadText(bytes.NewReader(data))
		if err != nil {
			return
		}
		run, err := Build(src, Options{KeepTasks: keep})
		if err != nil {
			return
		}
		checkRun(t, run)
	})
}
