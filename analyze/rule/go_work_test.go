package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// A goroutine that a library starts for the program is told by what it does for the program.
func TestWorkOf(t *testing.T) {
	t.Parallel()
	library := analyze.Frame{Qualname: "sync.(*WaitGroup).Go.func1"}
	user := analyze.Frame{Qualname: "app.(*Pool).work", User: true}
	for name, test := range map[string]struct {
		site  *analyze.Site
		await []analyze.Frame
		want  string
	}{
		"the program's own":   {&analyze.Site{Coro: user.Qualname, Def: user}, []analyze.Frame{user, {Qualname: "app.inner", User: true}}, user.Qualname},
		"a library's":         {&analyze.Site{Coro: library.Qualname, Def: library}, []analyze.Frame{library, {Qualname: "sync.x"}}, library.Qualname},
		"for the program":     {&analyze.Site{Coro: library.Qualname, Def: library}, []analyze.Frame{library, user, {Qualname: "app.inner", User: true}}, user.Qualname},
		"made before a trace": {nil, []analyze.Frame{user}, ""},
	} {
		if got := workOf(&analyze.Live{Task: &analyze.Task{Site: test.site}, Awaiting: test.await}); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// What a task waits for is not made up where it was not seen.
func TestWaitWords(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"": "waiting", "none": "waiting", "reply": "waiting for reply", "sleep": "asleep"} {
		if got := waitWords(kind); got != want {
			t.Errorf("%q: %q, want %q", kind, got, want)
		}
	}
}

func TestShortFunction(t *testing.T) {
	for full, want := range map[string]string{
		"example.com/app.(*Pool).work":                  "app.(*Pool).work",
		"github.com/nats-io/nats%2ego.(*Conn).readLoop": "nats.go.(*Conn).readLoop",
		"example.com/lru.New[go.shape.example.com/x.T]": "lru.New[go.shape.example.com/x.T]",
		"main.main": "main.main",
	} {
		if got := shortFunction(full); got != want {
			t.Errorf("%s: %s, want %s", full, got, want)
		}
	}
}
