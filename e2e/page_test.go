package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// recorded returns the traces of testdata/traces by name, in text form.
func recorded(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../testdata/traces/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no traces", err)
	}
	traces := make(map[string][]byte)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, trace, found := bytes.Cut(data, []byte("\n-- trace --\n"))
		if !found {
			continue
		}
		if end := regexp.MustCompile(`(?m)^-- .* --$`).FindIndex(trace); end != nil {
			trace = trace[:end[0]]
		}
		traces[strings.TrimSuffix(filepath.Base(file), ".txtar")] = trace
	}
	return traces
}

// saved writes a trace into a file of the test.
func saved(t *testing.T, trace []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "saved.trace")
	if err := os.WriteFile(path, trace, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every kind of run is drawn, with as many tasks as the JSON report has, without an error, and without asking for anything.
func TestRecordedRuns(t *testing.T) {
	needBrowser(t)
	for name, trace := range recorded(t) {
		t.Run(name, func(t *testing.T) {
			path := saved(t, trace)
			p := open(t, report(t, path), "")
			out, err := exec.Command(tools.looptrace, "report", "--fail-on", "none", "--format", "json", path).Output()
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				Tasks    []json.RawMessage
				Findings []struct{ Message string }
			}
			if err := json.Unmarshal(out, &want); err != nil {
				t.Fatal(err)
			}
			if got, known := eval[int](p, "looptrace.tasks"), knownGoroutines(p.text("main")); got+known != len(want.Tasks) {
				t.Errorf("%d tasks in the timeline and %d that it leaves out, %d in the JSON report", got, known, len(want.Tasks))
			}
			if len(want.Findings) > 0 && !strings.Contains(words(p.text("main")), words(want.Findings[0].Message)) {
				t.Errorf("the page does not tell the first finding: %s", want.Findings[0].Message)
			}
			blankCanvas(t, p)
			p.focus()
			p.shot("run-" + name)
		})
	}
}

// knownGoroutines returns how many known goroutines the page says that it leaves out.
func knownGoroutines(text string) (n int) {
	if _, rest, found := strings.Cut(words(text), "Left out: "); found {
		_, _ = fmt.Sscanf(rest, "%d known", &n) // it may leave out something else
	}
	return n
}

// words returns a text with all white space made one blank.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// blankCanvas fails if nothing is drawn.
func blankCanvas(t *testing.T, p *tab) {
	t.Helper()
	colours := eval[int](p, `(() => {
		const c = document.querySelector(".lt-layers canvas");
		const data = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
		const seen = new Set();
		for (let i = 0; i < data.length; i += 4) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
		return seen.size;
	})()`)
	if colours < 5 {
		t.Errorf("%d colours on the canvas: nothing is drawn", colours)
	}
}

// The timeline has every step of the trace.
func TestCounts(t *testing.T) {
	trace := scene{tasks: 300, steps: 3000, inFlight: 20, left: 4}.write(t)
	data, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, report(t, trace), "")
	for what, event := range map[string]string{"tasks": " task_spawned ", "steps": " step_begun ", "callbacks": " callback_begun "} {
		want := bytes.Count(data, []byte(event))
		if got := eval[int](p, "looptrace."+what); got != want {
			t.Errorf("%d %s, want %d", got, what, want)
		}
	}
	if status := p.text(".lt-status"); !strings.Contains(status, "300 tasks · 3,00") {
		t.Errorf("status: %s", status)
	}
}

// Where steps are left out, the page says so.
func TestLeftOutIsTold(t *testing.T) {
	p := open(t, report(t, scene{tasks: 300, steps: 3000, inFlight: 20, left: 4}.write(t), "--max-spans", "1000"), "")
	if got := eval[int](p, "looptrace.steps"); got == 0 || got > 1000 {
		t.Errorf("%d steps, want at most 1000", got)
	}
	if status := p.text(".lt-status"); !strings.Contains(status, "not in the report") {
		t.Errorf("status: %s", status)
	}
}

// loops is a trace of that many loops of one process, each with a task that is live when it is closed.
func loops(n int) []byte {
	var b bytes.Buffer
	b.WriteString("looptrace 1\n=run command=[\"python3\",\"many.py\"] started_at=1795438972780841512 started_ns=0 pid=100 duration_ns=90000000 exit_code=0 signal=0\n=stream 1\n")
	ns := 1000
	event := func(format string, args ...any) {
		ns += 1000
		fmt.Fprintf(&b, "%d "+format+"\n", append([]any{ns}, args...)...)
	}
	event(`process_started pid=100 ppid=1 argv=["python3","many.py"] python=3.13.0 implementation=cpython recorder=python cwd=/srv executable=/usr/bin/python3 stdlib=["/usr/lib/python3.13"] sites=[] forked=0`)
	b.WriteString("=stack 1 /srv/many.py:3:main::work()\n=site 1 stack=1 coro=work def=/srv/many.py:1:work::async\\sdef\\swork()\\x3a\n=chain 1 state=suspended on=sleep /srv/many.py:2:work::await\\ssleep(1)\n")
	for i := 1; i <= n; i++ {
		event("loop_opened thread=1 loop=%d stack=1 class=Loop debug=0", i)
		event("run_begun thread=1 loop=%d stack=1 api=run_forever", i)
		event("task_spawned task=%d loop=%d site=1", i, i)
		event("step_begun task=%d", i)
		event("run_ended thread=1 loop=%d api=run_forever stopped=1 target_done=0", i)
		event("close_begun thread=1 loop=%d stack=1 implicit=0 running=0 closed=0 pid_differs=0", i)
		event("live_task task=%d loop=%d chain=1 name=t%d state=suspended must_cancel=0 cancelling=0 waiter_cancelled=0 log_destroy=1", i, i, i)
		event("close_ended loop=%d outcome=closed", i)
	}
	event("process_ending reason=exit code=0")
	return b.Bytes()
}

// A run without loops and one with very many are drawn, too.
func TestNoneAndMany(t *testing.T) {
	for _, n := range []int{0, 1, 700} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			p := open(t, report(t, saved(t, loops(n))), "")
			if got := eval[int](p, "looptrace.tasks"); got != n {
				t.Errorf("%d tasks, want %d", got, n)
			}
			p.focus()
			for _, key := range []string{"w", "n", "f", "0", "+", "-"} {
				p.key(key)
			}
			p.key(kb.ArrowRight, chromedp.ModifierShift)
			if n == 0 {
				return
			}
			eval[bool](p, fmt.Sprintf("looptrace.select(%d), true", n))
			p.rest()
			inView(t, p, n)
			if heads := eval[int](p, `document.querySelectorAll(".lt-head").length`); heads == 0 || heads > 60 {
				t.Errorf("%d heads of loops in the page", heads)
			}
			eval[bool](p, `document.querySelector(".lt-head").click(), true`)
			p.wait(`document.querySelector('.lt-head[aria-expanded="false"]') !== null`)
			p.shot(fmt.Sprintf("loops-%d", n))
		})
	}
}

// Without JavaScript the findings are all there, and the page says what is not.
func TestWithoutJavaScript(t *testing.T) {
	page := report(t, saved(t, recorded(t)["shutdown"]))
	p := blank(t)
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	p.check(err)
	p.do(chromedp.Navigate("file://" + page))
	text, err := chromedp.Run(p.ctx, chromedp.Text("main"))
	p.check(err)
	for _, want := range []string{"cancelled-at-exit", "drawn by JavaScript"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
	p.shot("no-javascript")
}

const hostile = `</script><script>window.owned=1</script><img src=x onerror=window.owned=1>"><svg onload=window.owned=1>\x1b[2J\xe2\x80\xae`

// What a program calls its tasks, functions and files does nothing to the page.
func TestHostileNames(t *testing.T) {
	fields := regexp.MustCompile(`(?m) (name|coro|thread_name|callback|object|class|type|exception|argv|cwd)=([^ \n]+)`)
	escaped := strings.NewReplacer(" ", `\s`, ",", `\x2c`, ":", `\x3a`, "=", `\x3d`).Replace(hostile)
	for name, trace := range recorded(t) {
		t.Run(name, func(t *testing.T) {
			text := strings.ReplaceAll(string(trace), "/app/app.py", "/app/"+escaped+"/app.py")
			text = fields.ReplaceAllString(text, " ${1}=${2}"+strings.ReplaceAll(escaped, "$", "$$"))
			p := open(t, report(t, saved(t, []byte(text))), "")
			if n := eval[int](p, "looptrace.tasks"); n > 0 {
				id := eval[int](p, `Number(JSON.parse(document.getElementById("lt-meta").textContent).names.length > 0)`)
				eval[bool](p, fmt.Sprintf("looptrace.select(%d), true", max(id, 1)))
				p.rest()
				x, y := 300.0, 120.0
				p.mouse("mouseMoved", x, y, noButton)
			}
			if eval[bool](p, "window.owned !== undefined") {
				t.Error("a name of the trace ran as a script")
			}
			if n := eval[int](p, `document.querySelectorAll("img, iframe, object, embed, main script, .lt script").length`); n != 0 {
				t.Errorf("%d elements come from names of the trace", n)
			}
			if shown := eval[string](p, `document.body.innerText`); strings.ContainsAny(shown, "\x1b\u202e") {
				t.Error("control or bidi characters of the trace are shown")
			}
			if name == "shutdown" {
				p.shot("hostile")
			}
		})
	}
}
