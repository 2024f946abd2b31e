package examples

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A plain execution trace, of go test -trace, has the loops and tasks of a program with a recorder, each test with its own:
// the one test that leaks is told, and none of the others.
func TestTraceOfTests(t *testing.T) {
	t.Parallel()
	trace := filepath.Join(t.TempDir(), "tests.trace")
	command(t, "eventloop", "go", "test", "-count=1", "-trace="+trace, "-o", trace+".test", ".")
	j := judge{T: t, truth: &truth{dir: absolute(t, "eventloop")}}
	j.read(trace)
	if len(j.told.Findings) == 0 {
		t.Fatal("nothing is found")
	}
	if message := j.told.Findings[0].Message; !strings.Contains(message, "remind was still waiting") {
		t.Errorf("what is not seen in a trace is told: %s", message)
	}
	var got []string
	for _, f := range j.told.Findings {
		got = append(got, f.Rule)
		for _, id := range f.Tasks {
			got = append(got, j.task(id).Name)
		}
		for _, id := range f.Tests {
			got = append(got, j.told.Tests[id-1].Name)
		}
	}
	if want := []string{"pending-at-close", "remind", "TestLive"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
