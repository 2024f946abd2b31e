package python

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestEverythingIsEmbedded fails when a file of the recorder is missing from the program: one in a new directory, say.
func TestEverythingIsEmbedded(t *testing.T) {
	here := os.DirFS(".")
	err := fs.WalkDir(here, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || (d.IsDir() && (name == "tests" || d.Name() == "__pycache__")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".py") {
			return nil
		}
		want, err := fs.ReadFile(here, name)
		if err != nil {
			return err
		}
		if got, err := fs.ReadFile(FS(), name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not embedded: %v", name, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNothingElseIsEmbedded keeps caches and tests out of what is put into other people's programs.
func TestNothingElseIsEmbedded(t *testing.T) {
	err := fs.WalkDir(FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(name, ".py") {
			t.Errorf("%s is embedded", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
