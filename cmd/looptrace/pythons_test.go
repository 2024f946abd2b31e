package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pythonsHere returns the interpreters to test with: $LOOPTRACE_PYTHONS, else pyenv's and those on the PATH.
func pythonsHere(t *testing.T) []string {
	t.Helper()
	var candidates, found []string
	if list := os.Getenv("LOOPTRACE_PYTHONS"); list != "" {
		candidates = strings.Split(list, ":")
	} else {
		candidates, _ = filepath.Glob(filepath.Join(pyenvRoot(), "versions", "3.*", "bin", "python"))
		for minor := 8; minor < 20; minor++ {
			candidates = append(candidates, fmt.Sprintf("python3.%d", minor))
		}
		candidates = append(candidates, "python3")
	}
	for _, c := range candidates {
		path, err := exec.LookPath(c)
		if err == nil && exec.Command(path, "-c", "import sys; sys.exit(sys.version_info < (3, 8))").Run() == nil {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		t.Skip("needs Python 3.8 or later")
	}
	return found
}

func pyenvRoot() string {
	if root := os.Getenv("PYENV_ROOT"); root != "" {
		return root
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".pyenv")
}
