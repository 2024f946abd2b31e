package recorder

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// TB is what Verify needs of a testing.TB.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// grace is how long Verify waits for tasks that are about to end.
const grace = 400 * time.Millisecond

// Verify lets a test fail at its end if tasks of the loop are live then, and lists them: where each was made, and what it
// waits for. It looks at this loop only, so that tests may run in parallel. It waits a little for tasks that are about to
// end. On a nil Loop it does nothing.
func Verify(t TB, l *Loop) {
	if l == nil {
		return
	}
	t.Helper()
	t.Cleanup(func() {
		t.Helper()
		live := l.Live()
		for pause := time.Millisecond; len(live) > 0 && pause < grace; pause *= 2 {
			time.Sleep(pause)
			live = l.Live()
		}
		if len(live) > 0 {
			t.Errorf("%s", describe(l.name, live))
		}
	})
}

// describe lists live tasks.
func describe(loop string, live []TaskInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d tasks of loop %q are live", len(live), loop)
	if len(live) == 1 {
		b.Reset()
		fmt.Fprintf(&b, "a task of loop %q is live", loop)
	}
	for _, t := range live {
		fmt.Fprintf(&b, "\n  %q is %s", t.Name, t.State)
		if t.Reason != "" {
			fmt.Fprintf(&b, " (%s)", t.Reason)
		}
		since := time.Since(t.Since).Round(time.Millisecond)
		if t.blocked { // since when is not known
			fmt.Fprintf(&b, "; it began to run %v ago", since)
		} else {
			fmt.Fprintf(&b, " since %v", since)
		}
		writeFrames(&b, "made at", t.Spawned)
		writeFrames(&b, "waits at", t.Waiting)
	}
	return b.String()
}

// writeFrames writes the frames that are not the standard library's; all where there are no others.
func writeFrames(b *strings.Builder, title string, stack []Frame) {
	own := slices.DeleteFunc(slices.Clone(stack), func(f Frame) bool {
		return slices.ContainsFunc(stdlib(), func(dir string) bool { return strings.HasPrefix(f.File, dir+"/") })
	})
	if len(own) == 0 {
		own = stack
	}
	for _, f := range own {
		fmt.Fprintf(b, "\n    %s %s:%d %s", title, f.File, f.Line, f)
		title = "  from"
	}
}
