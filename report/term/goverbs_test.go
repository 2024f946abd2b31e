package term

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/report/gantt"
	"github.com/looptrace/looptrace/report/internal/goldentest"
	"github.com/looptrace/looptrace/report/tasklist"
)

// TestGoVerbs renders what the verbs say of goroutines, and of a run in which an asyncio program starts a Go program.
func TestGoVerbs(t *testing.T) {
	traces := goldentest.Traces(t)
	for _, name := range []string{"goroutines", "mixed"} {
		for _, o := range []Options{{Width: 120}, {Width: 60, ASCII: true}} {
			t.Run(fmt.Sprint(name, o.Width), func(t *testing.T) {
				var b bytes.Buffer
				res := atTime(t, traces[name], 75)
				for _, verb := range goVerbs(res) {
					fmt.Fprintf(&b, "== %s\n", verb.name)
					if err := verb.write(&b, o); err != nil {
						t.Fatal(verb.name, err)
					}
				}
				golden(t, fmt.Sprintf("verbs_%s_%d.txt", name, o.Width), b.Bytes())
			})
		}
	}
}

// atTime judges a trace that was read with the question what was live at a time.
func atTime(t *testing.T, trace string, ns int64) *analyze.Result {
	t.Helper()
	src, err := tracefile.ReadText(strings.NewReader(trace))
	if err != nil {
		t.Fatal(err)
	}
	run, err := analyze.Build(src, analyze.Options{Timeline: &analyze.TimelineOptions{}, At: []int64{ns}})
	if err != nil {
		t.Fatal(err)
	}
	return rule.Check(run, "v1.2.3")
}

type goVerb struct {
	name  string
	write func(w io.Writer, o Options) error
}

func goVerbs(res *analyze.Result) []goVerb {
	verbs := []goVerb{
		{"report", func(w io.Writer, o Options) error { return Render(w, res, o) }},
		{"run", func(w io.Writer, o Options) error { return Summary(w, res, "app.ltrace", o) }},
		{"tree --awaits", func(w io.Writer, o Options) error { return Tree(w, res.Run, TreeOptions{Awaits: true}, o) }},
		{"tree --waits", func(w io.Writer, o Options) error { return Tree(w, res.Run, TreeOptions{Waits: true}, o) }},
		{"timeline", func(w io.Writer, o Options) error {
			chart, err := gantt.Build(res, gantt.Query{MaxRows: 20})
			if err != nil {
				return err
			}
			return Timeline(w, res, chart, o)
		}},
	}
	for _, at := range []tasklist.When{{}, {Kind: tasklist.Close}, {Kind: tasklist.End}, {Kind: tasklist.Instant, TimeNS: 75}} {
		verbs = append(verbs, goVerb{fmt.Sprint("tasks at ", at), func(w io.Writer, o Options) error {
			list, err := tasklist.Select(res, tasklist.Query{At: at, Fold: true})
			if err != nil {
				return err
			}
			return Tasks(w, res.Run, list, 0, o)
		}})
	}
	for _, l := range res.Run.Loops {
		verbs = append(verbs, goVerb{"loop", func(w io.Writer, o Options) error { return Loop(w, res, l, o) }})
	}
	for _, task := range res.Run.Tasks {
		if task.Process.Go() {
			verbs = append(verbs,
				goVerb{"task", func(w io.Writer, o Options) error { return Story(w, res, task, o) }},
				goVerb{"why", func(w io.Writer, o Options) error { return Why(w, res, task, o) }})
		}
	}
	return verbs
}
