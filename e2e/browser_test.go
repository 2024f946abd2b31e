package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "write screenshots of the pages into this `directory`")

// tools are what all tests share: the browser and looptrace. They are there when TestMain calls the tests.
var tools struct {
	looptrace string
	browser   context.Context
	missing   string // why there is no browser; "" if there is one
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	chrome, err := findChrome()
	if err != nil {
		tools.missing = err.Error()
		fmt.Println("skipped: " + tools.missing)
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "looptrace-e2e")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	if tools.looptrace = os.Getenv("LOOPTRACE_BINARY"); tools.looptrace == "" {
		tools.looptrace = filepath.Join(dir, "looptrace")
		build := exec.Command("go", "build", "-C", "..", "-o", tools.looptrace, "./cmd/looptrace")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Printf("go build: %v\n%s", err, out)
			return 1
		}
	}
	ctx, stop := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(
		chromedp.ExecPath(chrome), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true)))
	defer stop()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Printf("%s does not start: %v\n", chrome, err)
		return 1
	}
	tools.browser = ctx
	return m.Run()
}

func findChrome() (string, error) {
	if named := os.Getenv("LOOPTRACE_CHROME"); named != "" {
		return exec.LookPath(named)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium is here; LOOPTRACE_CHROME names one")
}

// report writes the HTML report of a trace and returns the name of the page.
func report(t testing.TB, trace string, flags ...string) string {
	t.Helper()
	needBrowser(t)
	page := filepath.Join(t.TempDir(), "page.html")
	args := append([]string{"report", "--fail-on", "none", "--format", "html", "-o", page}, flags...)
	if out, err := exec.Command(tools.looptrace, append(args, trace)...).CombinedOutput(); err != nil {
		t.Fatalf("looptrace report: %v\n%s", err, out)
	}
	return page
}

func needBrowser(t testing.TB) {
	t.Helper()
	if tools.missing != "" {
		t.Skip(tools.missing)
	}
}

// tab is a page that is open. What goes wrong in it fails the test at its end.
type tab struct {
	t        testing.TB
	ctx      context.Context
	mu       sync.Mutex
	problems []string
}

// blank opens an empty tab.
func blank(t testing.TB) *tab {
	t.Helper()
	needBrowser(t)
	ctx, closeTab := chromedp.NewContext(tools.browser)
	t.Cleanup(closeTab)
	p := &tab{t: t, ctx: ctx}
	p.check(chromedp.Listen(ctx, p.hear))
	_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	p.check(err)
	_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	p.check(err)
	p.do(chromedp.EmulateViewport(1400, 900))
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, problem := range p.problems {
			t.Error(problem)
		}
	})
	return p
}

// open opens a page and waits until its timeline is drawn. The URL's fragment comes last.
func open(t testing.TB, page, fragment string) *tab {
	t.Helper()
	p := blank(t)
	p.do(chromedp.Navigate("file://" + page + fragment))
	p.wait(`!!document.getElementById("lt-timeline").dataset.ready || !!document.getElementById("lt-timeline").dataset.error`)
	if failed := eval[string](p, `document.getElementById("lt-timeline").dataset.error ?? ""`); failed != "" {
		t.Fatal("no timeline: " + failed)
	}
	return p
}

// hear notes what a page must not do: fail, write to the console, offend its policy, or ask for anything but itself.
func (p *tab) hear(event any) {
	problem := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		problem = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			problem += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		problem = "the page writes to the console"
	case *log.EventEntryAdded:
		problem = "log: " + e.Entry.Text
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file://") {
			problem = "request: " + e.Request.URL
		}
	}
	// Reading pixels back, which only the measurement does, makes the browser give advice.
	if problem != "" && !strings.Contains(problem, "willReadFrequently") {
		p.mu.Lock()
		p.problems = append(p.problems, problem)
		p.mu.Unlock()
	}
}

func (p *tab) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.check(chromedp.Do(p.ctx, actions...))
}

// eval runs JavaScript in the page.
func eval[T any](p *tab, js string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// wait waits until an expression is true.
func (p *tab) wait(js string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Poll[bool](js, chromedp.WithPollingInterval(20*time.Millisecond)))
	if err != nil {
		p.t.Fatalf("never came true: %s: %v", js, err)
	}
}

// rest waits until the timeline has come to rest.
func (p *tab) rest() {
	p.t.Helper()
	p.wait("!looptrace.moving()")
}

func (p *tab) key(key string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
	p.rest()
}

// text returns the text of the first element that a selector finds.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf("document.querySelector(%q)?.innerText ?? \"\"", selector))
}

// mouse sends an event of the mouse at a place of the timeline's rows.
func (p *tab) mouse(kind input.DispatchMouseEventType, x, y float64, o input.DispatchMouseEventParams) {
	p.t.Helper()
	box := eval[[]float64](p, `(() => { const b = document.querySelector(".lt-layers").getBoundingClientRect(); return [b.left, b.top]; })()`)
	o.Type, o.X, o.Y = kind, box[0]+x, box[1]+y
	_, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, o)
	p.check(err)
}

func (p *tab) click(x, y float64) {
	p.t.Helper()
	o := input.DispatchMouseEventParams{Button: input.MouseButtonLeft, ClickCount: 1}
	p.mouse("mousePressed", x, y, o)
	p.mouse("mouseReleased", x, y, o)
	p.rest()
}

// place is where the middle of a task is on the timeline.
func (p *tab) place(id int) (x, y float64) {
	p.t.Helper()
	at := eval[[]float64](p, fmt.Sprintf("looptrace.place(%d)", id))
	return at[0], at[1]
}

// view is the stretch of time that is shown, in ns.
func (p *tab) view() (from, to float64) {
	p.t.Helper()
	p.rest()
	v := eval[[]float64](p, "looptrace.view()")
	return v[0], v[1]
}

// focus scrolls to the timeline and gives it the focus.
func (p *tab) focus() {
	p.t.Helper()
	eval[bool](p, `document.getElementById("timeline").scrollIntoView(), document.querySelector(".lt-view").focus(), true`)
}

// shot writes a picture of the window, if pictures are asked for.
func (p *tab) shot(name string) {
	p.t.Helper()
	if *shots == "" {
		return
	}
	time.Sleep(300 * time.Millisecond)
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.check(err)
	p.check(os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644))
}
