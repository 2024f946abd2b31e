package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the output of the scripts into them")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"looptrace": main})
}

// TestScript runs looptrace as a user would: a script for each behaviour of each verb.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"LOOPTRACE_PYTHONS", "PYENV_ROOT", "PYENV_VERSION"} {
				if value, ok := os.LookupEnv(name); ok {
					env.Setenv(name, value)
				}
			}
			if out, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
				env.Setenv("GOCACHE", strings.TrimSpace(string(out)))
			}
			traces, err := filepath.Abs("../../testdata/gotraces")
			env.Setenv("GOTRACES", traces)
			return err
		},
	})
}
