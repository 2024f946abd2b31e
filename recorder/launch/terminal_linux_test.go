package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns both ends of a new pseudo terminal.
func openTerminal(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keyboard, screen
}

// Keys that interrupt signal the whole group: the command gets each once, not once more by way of the launcher.
func TestInterruptKeyArrivesOnce(t *testing.T) {
	keyboard, screen := openTerminal(t)
	cmd, dir := launcher(t, "sh", "-c", `trap 'echo int >>got' INT; : >ready; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 0.05; done; exit 3`)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(dir, "ready"))
	for range 2 {
		if _, err := keyboard.WriteString("\x03"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(150 * time.Millisecond)
	}
	cmd.Wait() // its status is looked at
	if status := statusOf(cmd); status != 3 {
		t.Errorf("status %d, want 3", status)
	}
	got, err := os.ReadFile(filepath.Join(dir, "got"))
	if err != nil || strings.Count(string(got), "int") != 2 {
		t.Errorf("two keys: got %q, %v", got, err)
	}
}
