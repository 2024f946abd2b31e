package launch

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// extract puts the recorder where the command's Pythons find it: in the user's cache, so that what they compile there is
// there for the next run too (half of what the recorder adds to the start of a program), else in a temporary directory.
// Only the user can enter either.
func (r *recording) extract(recorder fs.FS, env []string) error {
	if dir, err := cachedRecorder(recorder, env); err == nil {
		r.recorder, r.cached = dir, true
		return nil
	}
	dir, err := os.MkdirTemp(tempDir(env), "looptrace-recorder-*")
	if err != nil {
		dir, err = os.MkdirTemp(filepath.Dir(r.spool), ".looptrace-recorder-*")
	}
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	r.recorder = dir
	return copyTree(recorder, dir)
}

// cachedRecorder returns the directory of the cache with exactly these files, which it makes if it is not there.
func cachedRecorder(recorder fs.FS, env []string) (string, error) {
	parent, err := privateCache(env)
	if err != nil {
		return "", err
	}
	sum, err := treeSum(recorder)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(parent, fmt.Sprintf("recorder-%x", sum[:8]))
	if sameTree(recorder, dir) {
		return dir, nil
	}
	fresh, err := os.MkdirTemp(parent, "new-*")
	if err != nil {
		return "", err
	}
	err = copyTree(recorder, fresh)
	if err == nil {
		err = os.Rename(fresh, dir)
	}
	if err != nil {
		os.RemoveAll(fresh) // another run was faster, or the disk is full
	}
	if !sameTree(recorder, dir) {
		return "", fmt.Errorf("%s: not as it should be", dir)
	}
	return dir, nil
}

// privateCache returns the directory of looptrace in the cache, which it makes if it is not there. What is in it runs within
// the user's programs, so that nobody else may own it or write into it.
func privateCache(env []string) (string, error) {
	dir, err := cacheDir(env)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || info.Mode().Perm()&0o022 != 0 || !owned(info) {
		return "", fmt.Errorf("%s: others can write there: %w", dir, fs.ErrPermission)
	}
	return dir, nil
}

// owned reports whether a file is the user's own.
func owned(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}

// cacheDir is where the user's programs keep what they can make again.
func cacheDir(env []string) (string, error) {
	if dir, _ := lookupEnv(env, "XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "looptrace"), nil
	}
	if home, _ := lookupEnv(env, "HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".cache", "looptrace"), nil
	}
	return "", fmt.Errorf("no cache directory: %w", fs.ErrNotExist)
}

// sameTree reports whether dir is the user's own, closed to others, and has these files.
func sameTree(tree fs.FS, dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || info.Mode() != fs.ModeDir|0o700 || !owned(info) {
		return false
	}
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err == nil && !bytes.Equal(got, want) {
			err = fs.ErrInvalid
		}
		return err
	})
	return err == nil
}

func treeSum(tree fs.FS) ([]byte, error) {
	hash := sha256.New()
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		fmt.Fprintf(hash, "%s %d\n", name, len(data))
		hash.Write(data)
		return err
	})
	return hash.Sum(nil), err
}

func copyTree(from fs.FS, to string) error {
	return fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(name))
		if d.IsDir() {
			if name == "." {
				return nil
			}
			return os.Mkdir(target, 0o700)
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
}
