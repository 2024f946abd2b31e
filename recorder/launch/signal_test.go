package launch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// waitFor waits for a file that a command makes when it is ready.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		}
	}
	t.Fatalf("%s never appeared", path)
}

// trapping is a shell command that says which signal it got and exits 9.
func trapping(name string) string {
	return `trap 'echo got ` + name + `; exit 9' ` + name + `; : >ready; while :; do sleep 0.02; done`
}

func TestForwardsSignals(t *testing.T) {
	for name, sig := range map[string]syscall.Signal{
		"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2,
		"INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, dir := launcher(t, "sh", "-c", trapping(name))
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal that could deliver INT and QUIT itself
			stdout, _, status := outputDuring(t, cmd, func(pid int) {
				waitFor(t, filepath.Join(dir, "ready"))
				syscall.Kill(pid, sig)
			})
			if stdout != "got "+name+"\n" || status != 9 {
				t.Errorf("got %q, status %d", stdout, status)
			}
		})
	}
}

func TestDiesOfForwardedSignal(t *testing.T) {
	cmd, dir := launcher(t, "sh", "-c", ": >ready; exec sleep 20")
	_, _, status := outputDuring(t, cmd, func(pid int) {
		waitFor(t, filepath.Join(dir, "ready"))
		syscall.Kill(pid, syscall.SIGTERM)
	})
	if status != -int(syscall.SIGTERM) {
		t.Errorf("status %d", status)
	}
	if left := leftovers(t, dir); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}

// A shell stops its script at Ctrl-C only if what it ran died of it.
func TestDiesOfEachSignalSentToIt(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR1} {
		cmd, dir := launcher(t, "sh", "-c", ": >ready; exec sleep 20")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		_, stderr, status := outputDuring(t, cmd, func(pid int) {
			waitFor(t, filepath.Join(dir, "ready"))
			syscall.Kill(-pid, sig) // the whole group, as a terminal does
		})
		if status != -int(sig) || strings.Contains(stderr, "goroutine") {
			t.Errorf("%v: status %d, stderr %q", sig, status, stderr)
		}
	}
}

// A signal that the parent ignores stays ignored in the command, as without the launcher.
func TestIgnoredSignalsStayIgnored(t *testing.T) {
	for _, ignored := range []string{"INT QUIT", "HUP", "INT QUIT HUP", "TSTP", "TTOU"} {
		dir := t.TempDir()
		report := []string{"sh", "-c", "grep SigIgn /proc/self/status"}
		trap := `trap "" ` + ignored + `; exec "$@"`
		plain := exec.Command("sh", append([]string{"-c", trap, "sh"}, report...)...)
		want, _, _ := output(t, plain)
		cmd := exec.Command("sh", append([]string{"-c", trap, "sh", os.Args[0]}, report...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), helperVar+"=t.ltrace", "XDG_CACHE_HOME="+dir)
		got, _, _ := output(t, cmd)
		if got != want {
			t.Errorf("%s ignored: %s under the launcher, %s without", ignored, strings.TrimSpace(got), strings.TrimSpace(want))
		}
	}
}

// An ignored SIGINT that reaches the launcher is not passed on either.
func TestIgnoredInterruptIsNotForwarded(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", `trap "" INT; exec "$@"`, "sh", os.Args[0], "sh", "-c", ": >ready; sleep 0.3; echo done")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), helperVar+"=t.ltrace", "XDG_CACHE_HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdout, _, status := outputDuring(t, cmd, func(pid int) {
		waitFor(t, filepath.Join(dir, "ready"))
		syscall.Kill(-pid, syscall.SIGINT)
	})
	if stdout != "done\n" || status != 0 {
		t.Errorf("got %q, status %d", stdout, status)
	}
}

func TestStaysInTheProcessGroup(t *testing.T) {
	cmd, _ := launcher(t, "sh", "-c", `cut -d" " -f5 /proc/$$/stat; cut -d" " -f5 /proc/$PPID/stat`)
	stdout, _, _ := output(t, cmd)
	groups := strings.Fields(stdout)
	if len(groups) != 2 || groups[0] != groups[1] {
		t.Errorf("process groups of command and launcher: %v", groups)
	}
}
