package recorder_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Stacks with C between functions of Go are told apart, whatever C leaves in the register of the frame pointer.
func TestCalledByC(t *testing.T) {
	if out, _ := exec.Command("go", "env", "CGO_ENABLED").Output(); string(out) != "1\n" {
		t.Skip("there is no C compiler")
	}
	prog := filepath.Join(t.TempDir(), "callback")
	if out, err := exec.Command("go", "build", "-o", prog, "../testdata/gorecorder/callback").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, debug := range []string{"", "gccheckmark=1", "gcstoptheworld=1", "clobberfree=1"} {
		cmd := exec.Command(prog)
		cmd.Env = append(cmd.Environ(), "GODEBUG="+debug, "GOGC=5")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("with GODEBUG=%s: %v\n%.4000s", debug, err, out)
		}
	}
}
