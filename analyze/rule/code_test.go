package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestSpawned(t *testing.T) {
	for _, c := range []struct{ coro, text, want string }{
		{"upload", `asyncio.create_task(upload("a)", 20), name="upload")`, `upload("a)", 20)`},
		{"Pool.work", `self.workers.append(loop.create_task(self.work(n), name="w-%d" % n))`, `self.work(n)`},
		{"work", `tasks = [loop.create_task(homework(1)), loop.create_task(work(f(2)))]`, `work(f(2))`},
		{"work", `asyncio.create_task(coro)`, `work(...)`},
		{"work", `asyncio.create_task(work(`, `work(...)`},
		{"", `asyncio.create_task(x())`, `...`},
	} {
		f := at(1, "main", c.text)
		if got := spawned(&analyze.Site{Coro: c.coro, At: &f}); got != c.want {
			t.Errorf("%s in %s: got %s, want %s", c.coro, c.text, got, c.want)
		}
	}
	if got := spawned(nil); got != "..." {
		t.Errorf("no site: got %s", got)
	}
}

func TestObjectOf(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"loop.close()", "loop"},
		{"self._loop.close()", "self._loop"},
		{"get_loop().close()", ""},
		{"session.aclose()", ""},
		{"", ""},
	} {
		f := at(1, "f", c.text)
		if got := objectOf(&f, "close"); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}
