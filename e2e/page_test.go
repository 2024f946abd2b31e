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
			if got := eval[int](p, "looptrace.tasks"); got != len(want.Tasks) {
				t.Errorf("%d tasks in the timeline, %d in the JSON report", got, len(want.Tasks))
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
