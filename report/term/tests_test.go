package term

import (
	"bytes"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// judged is the verdict on a golden trace.
func judged(t *testing.T, name string) *analyze.Result {
	t.Helper()
	ar, err := txtar.ParseFile("../../testdata/traces/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name != "trace" {
			continue
		}
		src, err := tracefile.ReadText(bytes.NewReader(f.Data))
		if err != nil {
			t.Fatal(err)
		}
		run, err := analyze.Build(src, analyze.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return rule.Check(run, "test")
	}
	t.Fatalf("%s has no trace", name)
	return nil
}

// TestRenderTests: findings in tests name them and are summed up by file. One of the names is hostile.
func TestRenderTests(t *testing.T) {
	res := judged(t, "tests")
	for name, o := range map[string]Options{"tests.txt": {}, "tests_60.txt": {Width: 60, ASCII: true}} {
		var b bytes.Buffer
		if err := Render(&b, res, o); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
	var b bytes.Buffer
	if err := Summary(&b, res, "t.ltrace", Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	golden(t, "tests_summary.txt", b.Bytes())
}
