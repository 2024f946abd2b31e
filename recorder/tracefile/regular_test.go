//go:build unix

package tracefile_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// TestSpoolOfOtherFiles: FIFOs and links among the files of a spool are not opened, which would wait for ever or lead out of it.
func TestSpoolOfOtherFiles(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("1 1 process_started pid=1 argv=secret runtime=go1.26\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"10-ab.facts", "10-ab.0.slots", "10-ab.1.slots", "10-ab.gotrace"} {
		for kind, put := range map[string]func(string) error{
			"FIFO": func(path string) error { return syscall.Mkfifo(path, 0o600) },
			"link": func(path string) error { return os.Symlink(elsewhere, path) },
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				dir, _ := attachedSpool(t, 10)
				if err := os.WriteFile(filepath.Join(dir, "10-ab.0.slots"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, name)
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
				if err := put(path); err != nil {
					t.Fatal(err)
				}
				f, err := tracefile.Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				var text strings.Builder
				if err := tracefile.WriteText(&text, f); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(text.String(), "secret") {
					t.Error("it was followed")
				}
				for _, a := range f.Attachments() {
					if name == "10-ab.gotrace" {
						t.Errorf("attached: %d bytes", a.Size)
					}
				}
			})
		}
	}
}
