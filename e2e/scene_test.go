package e2e

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
)

// scene is a made-up recording of a service whose tasks come and go, as a trace in text form.
type scene struct {
	tasks, steps int
	inFlight     int // tasks that are live at the same time
	left         int // tasks that are live when the loop is closed
}

// write writes the trace into a directory of the test and returns its name.
func (s scene) write(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scene.trace")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	g := &player{scene: s, rng: rand.New(rand.NewSource(1)), ns: 40_000_000}
	g.play()
	fmt.Fprintf(f, "looptrace 1\n=run command=[\"python3\",\"serve.py\"] started_at=1795438972780841512 started_ns=0 pid=100 duration_ns=%d exit_code=0 signal=0\n=stream 1\n", g.ns-40_000_000+2_000_000)
	if _, err := g.out.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// player writes the events of a scene.
type player struct {
	scene
	out     bytes.Buffer
	rng     *rand.Rand
	ns      int64
	live    []int
	spawned int
	taken   int
}

const (
	sceneSites  = 12
	sceneChains = 9
)

func (g *player) play() {
	g.event("process_started", `pid=100 ppid=1 argv=["python3","serve.py"] python=3.13.0 implementation=cpython recorder=python cwd=/srv executable=/usr/bin/python3 stdlib=["/usr/lib/python3.13"] sites=[] forked=0`)
	g.event("thread_seen", "thread=1 name=MainThread")
	g.define()
	g.event("loop_opened", "thread=1 loop=1 stack=1 class=_UnixSelectorEventLoop debug=0")
	g.event("run_begun", "thread=1 loop=1 stack=1 api=run_forever")
	for g.taken < g.steps {
		g.iteration()
	}
	g.event("run_ended", "thread=1 loop=1 api=run_forever stopped=0 target_done=0")
	g.event("close_begun", "thread=1 loop=1 stack=2 implicit=0 running=0 closed=0 pid_differs=0")
	for k, task := range g.live {
		g.event("live_task", "task=%d loop=1 chain=%d name=worker-%d state=suspended must_cancel=0 cancelling=0 waiter_cancelled=0 log_destroy=1", task, 1+k%sceneChains, task)
	}
	g.event("close_ended", "loop=1 outcome=closed")
	g.event("process_ending", "reason=exit code=0")
}

func (g *player) event(kind, format string, args ...any) {
	g.ns += 200 + g.rng.Int63n(300)
	fmt.Fprintf(&g.out, "%d %s "+format+"\n", append([]any{g.ns, kind}, args...)...)
}

func (g *player) define() {
	for i := 1; i <= sceneSites; i++ {
		fmt.Fprintf(&g.out, "=stack %d /srv/serve.py:%d:handler%d::task%d()\n", i, 10*i, i, i)
		fmt.Fprintf(&g.out, "=site %d stack=%d coro=handler%d def=/srv/serve.py:%d:handler%d::async\\sdef\\shandler%d()\\x3a\n", i, i, i, 10*i-1, i, i)
	}
	for i := 1; i <= sceneChains; i++ {
		fmt.Fprintf(&g.out, "=chain %d state=suspended on=%s /srv/serve.py:%d:handler%d::await\\swork(%d)\n", i, []string{"sleep", "queue", "lock"}[i%3], 10*i+3, i, i)
	}
}

// iteration is one pass of the loop: new tasks come, and some go on.
func (g *player) iteration() {
	g.event("io_wait_begun", "loop=1")
	g.ns += g.rng.Int63n(20_000)
	g.event("io_wait_ended", "loop=1")
	if g.rng.Intn(8) == 0 {
		g.ns += g.rng.Int63n(2_000)
		g.event("callback_begun", "loop=1")
		g.ns += g.rng.Int63n(4_000)
	}
	for len(g.live) < g.inFlight && g.spawned < g.tasks {
		g.spawned++
		g.event("task_spawned", "task=%d loop=1 site=%d", g.spawned, 1+g.rng.Intn(sceneSites))
		g.live = append(g.live, g.spawned)
		if g.rng.Intn(3) == 0 {
			break
		}
	}
	for range min(len(g.live), 1+g.rng.Intn(6)) {
		g.step(g.rng.Intn(len(g.live)))
	}
}

func (g *player) step(i int) {
	task := g.live[i]
	g.taken++
	g.event("step_begun", "task=%d", task)
	g.ns += g.rng.Int63n(12_000)
	if g.rng.Intn(max(1, g.steps/max(1, g.tasks))) == 0 && (len(g.live) > g.left || g.spawned < g.tasks) {
		g.event("task_ended", "task=%d number=%d name=worker-%d", task, 1+2*(g.rng.Intn(10)/9), task)
		g.live[i] = g.live[len(g.live)-1]
		g.live = g.live[:len(g.live)-1]
		return
	}
	if g.rng.Intn(12) == 0 {
		g.event("task_waiting", "task=%d chain=%d name=worker-%d", task, 1+g.rng.Intn(sceneChains), task)
	}
}
