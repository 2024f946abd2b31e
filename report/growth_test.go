package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// crowd writes a trace in text form.
type crowd struct {
	strings.Builder
	ns int64
}

func (c *crowd) event(format string, args ...any) {
	c.ns += 10
	fmt.Fprintf(c, "%d ", c.ns)
	fmt.Fprintf(c, format+"\n", args...)
}

func (c *crowd) begin() {
	c.WriteString("looptrace 1\n=run command=[\"python3\",\"serve.py\"] started_at=1795438972780841512 started_ns=0 pid=100 duration_ns=9000000000 exit_code=0 signal=0\n=stream 1\n")
	c.event(`process_started pid=100 ppid=1 argv=["python3","serve.py"] python=3.13.0 implementation=cpython recorder=python cwd=/srv executable=/usr/bin/python3 stdlib=["/usr/lib/python3.13"] sites=[] forked=0`)
	c.event("thread_seen thread=1 name=MainThread")
	for i := 1; i <= 5; i++ {
		c.site(i)
		fmt.Fprintf(c, "=chain %d state=suspended on=%s /srv/serve.py:%d:handler%d::await\\swork(%d)\n", i, []string{"sleep", "queue", "lock", "event", "future"}[i%5], 10*i+3, i, i)
	}
	c.event("loop_opened thread=1 loop=1 stack=1 class=_UnixSelectorEventLoop debug=0")
	c.event("run_begun thread=1 loop=1 stack=1 api=run_forever")
}

func (c *crowd) site(i int) {
	fmt.Fprintf(c, "=stack %d /srv/serve.py:%d:handler%d::task%d()\n=site %d stack=%d coro=handler%d def=/srv/serve.py:%d:handler%d::async\\sdef\\shandler%d()\\x3a\n", i, 10*i, i, i, i, i, i, 10*i-1, i, i)
}

// end closes the loop with tasks 1 to live in it.
func (c *crowd) end(live int) {
	c.ns += 1e9
	c.event("run_ended thread=1 loop=1 api=run_forever stopped=0 target_done=0")
	c.event("close_begun thread=1 loop=1 stack=2 implicit=0 running=0 closed=0 pid_differs=0")
	for i := 1; i <= live; i++ {
		c.event("live_task task=%d loop=1 chain=%d name=w-%d state=suspended must_cancel=0 cancelling=0 waiter_cancelled=0 log_destroy=1", i, 1+i%5, i)
	}
	c.event("close_ended loop=1 outcome=closed")
	c.event("process_ending reason=exit code=0")
}

func (c *crowd) spawn(task, site int) { c.event("task_spawned task=%d loop=1 site=%d", task, site) }
func (c *crowd) step(task int)        { c.event("step_begun task=%d", task) }

// crowds are runs of which there is very much of one thing.
func crowds() map[string]func(c *crowd, n int) {
	return map[string]func(c *crowd, n int){
		"children of one task": func(c *crowd, n int) {
			c.spawn(1, 1)
			c.step(1)
			for i := 2; i <= n; i++ {
				c.spawn(i, 1+i%5)
			}
			c.end(n)
		},
		"generations": func(c *crowd, n int) {
			for i := 1; i <= n; i++ {
				c.spawn(i, 1+i%5)
				c.step(i)
			}
			c.end(n)
		},
		"refused closes": func(c *crowd, n int) {
			for range n {
				c.event("close_begun thread=1 loop=1 stack=2 implicit=0 running=1 closed=0 pid_differs=0")
				c.event(`close_ended loop=1 outcome=refused exception=RuntimeError message=Cannot\sclose\sa\srunning\sevent\sloop`)
			}
			c.end(0)
		},
		"sites": func(c *crowd, n int) {
			for i := 1; i <= n; i++ {
				c.site(i + 5)
				c.spawn(i, i+5)
				c.step(i)
			}
			c.end(n)
		},
		"names": func(c *crowd, n int) {
			for i := 1; i <= n; i++ {
				c.spawn(i, 1)
				c.step(i)
				c.event("task_ended task=%d number=1 name=%d%s", i, i, strings.Repeat("x", 300))
			}
			c.end(0)
		},
		"cancels of one task": func(c *crowd, n int) {
			c.spawn(1, 1)
			c.spawn(2, 2)
			for i := range n {
				c.step(1)
				c.event("cancel_requested task=2 stack=%d", 1+i%5)
				c.step(2)
				c.event("task_waiting task=2 chain=1 name=again")
			}
			c.end(2)
		},
		"loops": func(c *crowd, n int) {
			for i := 2; i < n/4; i++ {
				c.event("loop_opened thread=1 loop=%d stack=1 class=L debug=0", i)
				c.event("run_begun thread=1 loop=%d stack=1 api=asyncio.run", i)
				c.event("task_spawned task=%d loop=%d site=1", i, i)
				c.step(i)
				c.event("run_ended thread=1 loop=%d api=asyncio.run stopped=0 target_done=0", i)
				c.event("close_begun thread=1 loop=%d stack=2 implicit=0 running=0 closed=0 pid_differs=0", i)
				c.event("live_task task=%d loop=%d chain=1 name=x state=suspended must_cancel=0 cancelling=0 waiter_cancelled=0 log_destroy=1", i, i)
				c.event("close_ended loop=%d outcome=closed", i)
			}
			c.end(0)
		},
		"tasks behind one lock": func(c *crowd, n int) {
			c.waits(n, func(i int) string {
				return fmt.Sprintf("on=lock op=acquire object=1 object_stack=1 waiters=%d holders=1", i)
			})
		},
		"tasks in a circle": func(c *crowd, n int) {
			c.waits(n, func(i int) string { return fmt.Sprintf("on=task awaits=%d", i%n+1) })
			c.waits(n, func(int) string { return "on=task awaits=1" })
		},
	}
}

// waits lets tasks 2 to n wait.
func (c *crowd) waits(n int, what func(i int) string) {
	for i := 1; i <= n; i++ {
		c.spawn(i, 1+i%5)
		c.step(i)
	}
	for i := 2; i <= n; i++ {
		c.event("task_blocked task=%d %s certain=1", i, what(i))
	}
	c.event("io_wait_begun loop=1")
	c.end(n)
}

// cpu returns the time that the process has worked, which does not depend on what else the machine does.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano())
}

// However much there is of one thing in a run, the work of judging and rendering it grows with it, and not with its square:
// each takes a fraction of a second here, and with the square more than the bound.
func TestCrowds(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	const n, bound = 20_000, 3 * time.Second
	for name, play := range crowds() {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			c := &crowd{}
			c.begin()
			play(c, n)
			before := cpu(t)
			res, err := judge(c.String(), 0)
			if err != nil {
				t.Fatal(err)
			}
			if took := cpu(t) - before; took > bound {
				t.Errorf("judging took %v of CPU", took)
			}
			for _, v := range views() {
				var out bytes.Buffer
				before := cpu(t)
				if err := v.render(&out, res); err != nil {
					t.Fatalf("%s: %v", v.name, err)
				}
				if took := cpu(t) - before; took > bound {
					t.Errorf("%s took %v of CPU", v.name, took)
				}
				if limit := n * 20_000; out.Len() > limit {
					t.Errorf("%s: %d bytes, more than %d for each", v.name, out.Len(), limit/n)
				}
			}
		})
	}
}
