package analyze

import (
	"strings"
	"testing"
)

// Places in the tests of several packages are told from the directory of all of them.
func TestShareDirs(t *testing.T) {
	for name, c := range map[string]struct{ dirs, want string }{
		"one package":           {"/src/app/queue", "/src/app/queue"},
		"one package twice":     {"/src/app/queue /src/app/queue", "/src/app/queue /src/app/queue"},
		"two packages":          {"/src/app/queue /src/app/server", "/src/app /src/app"},
		"the root and a part":   {"/src/app /src/app/server", "/src/app /src/app"},
		"a name that begins so": {"/src/app /src/apple", "/src /src"},
		"nothing in common":     {"/src/app /home/x", "/src/app /home/x"},
		"unknown":               {"- /src/app", "- /src/app"},
	} {
		var processes []*Process
		for dir := range strings.FieldsSeq(c.dirs) {
			p := &Process{Runtime: "go1.26.8", Argv: []string{"/tmp/b001/x.test", "-test.v"}, Cwd: dir}
			processes = append(processes, p)
		}
		other := &Process{Runtime: "go1.26.8", Argv: []string{"./server"}, Cwd: "/srv"}
		ShareDirs(append(processes, other))
		var got []string
		for _, p := range processes {
			got = append(got, p.Dir())
		}
		if strings.Join(got, " ") != c.want || other.Dir() != "/srv" {
			t.Errorf("%s: %q, want %q; another program: %s", name, got, c.want, other.Dir())
		}
	}
}
