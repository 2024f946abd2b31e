package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// tree makes files in a directory, those whose names end with a slash as directories.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const ours = "[tool.looptrace]\n"

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"here":                       {map[string]string{"a/looptrace.toml": "", "looptrace.toml": ""}, "a/looptrace.toml"},
		"hidden":                     {map[string]string{"a/.looptrace.toml": ""}, "a/.looptrace.toml"},
		"shown before hidden":        {map[string]string{"a/.looptrace.toml": "", "a/looptrace.toml": "", "a/pyproject.toml": ours}, "a/looptrace.toml"},
		"above":                      {map[string]string{"looptrace.toml": "", "a/b": ""}, "looptrace.toml"},
		"project":                    {map[string]string{"a/pyproject.toml": ours, "looptrace.toml": ""}, "a/pyproject.toml"},
		"a part of ours will do":     {map[string]string{"a/pyproject.toml": "[tool.looptrace.run]\n", "looptrace.toml": ""}, "a/pyproject.toml"},
		"project of others":          {map[string]string{"a/pyproject.toml": "[tool.black]\n", "looptrace.toml": ""}, "looptrace.toml"},
		"broken project of others":   {map[string]string{"a/pyproject.toml": "[tool.black\n", "looptrace.toml": ""}, "looptrace.toml"},
		"broken project that is our": {map[string]string{"a/pyproject.toml": "[tool.looptrace]\nx = \n", "looptrace.toml": ""}, "a/pyproject.toml"},
		"root of the repository":     {map[string]string{"looptrace.toml": "", "a/.git/": ""}, ""},
		"work tree":                  {map[string]string{"looptrace.toml": "", "a/.git": "gitdir: x"}, ""},
		"in the root":                {map[string]string{"a/looptrace.toml": "", "a/.git/": ""}, "a/looptrace.toml"},
		"directory":                  {map[string]string{"a/looptrace.toml/": "", "looptrace.toml": ""}, "looptrace.toml"},
	} {
		c.files[".git/"] = "" // what is above this directory is no concern of the test
		root := tree(t, c.files)
		if err := os.MkdirAll(filepath.Join(root, "a"), 0o755); err != nil {
			t.Fatal(err)
		}
		found, err := Find(filepath.Join(root, "a"))
		got, _ := filepath.Rel(root, found.Path)
		if found.Path == "" {
			got = ""
		}
		if err != nil || got != c.want || len(found.Foreign) > 0 {
			t.Errorf("%s: %q, %v, %v, want %q", name, got, found.Foreign, err, c.want)
		}
	}
}

// Nobody waits for a pipe that lies in the way.
func TestFindPassesPipes(t *testing.T) {
	root := tree(t, map[string]string{".git/": ""})
	if err := syscall.Mkfifo(filepath.Join(root, "looptrace.toml"), 0o600); err != nil {
		t.Skip(err)
	}
	if found, err := Find(root); err != nil || found.Path != "" {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := Read(filepath.Join(root, "looptrace.toml"), nil); err == nil {
		t.Error("a pipe was read")
	}
}

// A file of another user is passed over, unless the directory is theirs as well.
func TestFindForeign(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to give files away")
	}
	root := tree(t, map[string]string{"looptrace.toml": "", "a/.keep": "", ".git/": ""})
	if err := os.Chown(filepath.Join(root, "looptrace.toml"), 12345, 12345); err != nil {
		t.Skip(err)
	}
	found, err := Find(filepath.Join(root, "a"))
	if err != nil || found.Path != "" || len(found.Foreign) != 1 {
		t.Errorf("%+v, %v", found, err)
	}
	if err := os.Chown(filepath.Join(root, "a"), 12345, 12345); err != nil {
		t.Skip(err)
	}
	if found, err := Find(filepath.Join(root, "a")); err != nil || found.Path == "" || len(found.Foreign) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestTooLarge(t *testing.T) {
	root := tree(t, map[string]string{"looptrace.toml": strings.Repeat("#", maxSize+1), ".git/": ""})
	if _, err := Find(root); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
}

// What is nested as deep as a file can be takes no more than an error.
func TestNestedDeep(t *testing.T) {
	for _, text := range []string{strings.Repeat("[", maxSize-10), "x=" + strings.Repeat("[", maxSize-10), "x=" + strings.Repeat("{x=", maxSize/4), strings.Repeat("a.", maxSize/2-9) + "a=1", "x={\"\"\"\n[[\"\"\" = 'a' # {\n" + strings.Repeat("{a.\"\\\"\".b=", maxSize/11)} {
		if _, err := Parse("looptrace.toml", []byte(text), keys()); err == nil || !strings.HasSuffix(err.Error(), "nested too deep") {
			t.Error(err)
		}
	}
}

// A large file with nothing right in it takes no more time than a person has.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	for i := 0; b.Len() < maxSize-20; i++ {
		fmt.Fprintf(&b, "k%d=1\n", i)
	}
	_, err := Parse("looptrace.toml", []byte(b.String()), keys())
	var wrong *Error
	if !errors.As(err, &wrong) || len(wrong.Problems) != maxProblems {
		t.Error(err)
	}
}

func TestInside(t *testing.T) {
	root := tree(t, map[string]string{"p/looptrace.toml": "", "p/sub/": "", "p/.git/hooks/": "", "other/": "", "other/file": ""})
	link := func(old, name string) {
		if err := os.Symlink(filepath.Join(root, old), filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("other", "p/out")
	link("other/file", "p/file")
	link("other/none", "p/dangling")
	link("p/sub", "p/within")
	f := &File{Path: filepath.Join(root, "p", "looptrace.toml")}
	for path, want := range map[string]bool{
		"x.html": true, "sub/x.html": true, "sub/not/yet/x.html": true, "within/x.html": true, "sub/../x": true, "..x": true,
		"../x": false, "../p2/x": false, "/etc/passwd": false, "out/x": false, "file": false, "dangling": false,
		".git/config": false, ".git/hooks/pre-commit": false, "sub/.git/x": false, ".github/x": true,
	} {
		if got := f.Inside(f.Resolve(path)); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
