package launch

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPrivateCache: what others can write is not run within the user's programs.
func TestPrivateCache(t *testing.T) {
	home := t.TempDir()
	env := []string{"XDG_CACHE_HOME=" + home}
	dir, err := privateCache(env)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
	for mode, private := range map[os.FileMode]bool{0o755: true, 0o700: true, 0o777: false, 0o770: false, 0o702: false} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := privateCache(env); (err == nil) != private {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
	if os.Geteuid() == 0 {
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, 12345, 12345); err != nil {
			t.Skip(err)
		}
		if _, err := privateCache(env); err == nil {
			t.Error("that of another user is used")
		}
	}
	if _, err := privateCache([]string{"XDG_CACHE_HOME=" + filepath.Join(os.DevNull, "x")}); err == nil {
		t.Error("a directory that cannot be made is used")
	}
}
