package view

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/term"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// recorded judges a golden trace, whose text change may alter.
func recorded(t testing.TB, name string, change func(string) string) *analyze.Result {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join("..", "..", "testdata", "traces", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name != "trace" {
			continue
		}
		text := string(f.Data)
		if change != nil {
			text = change(text)
		}
		src, err := tracefile.ReadText(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		run, err := analyze.Build(src, analyze.Options{Timeline: &analyze.TimelineOptions{MaxSteps: Steps}})
		if err != nil {
			t.Fatal(err)
		}
		return rule.Check(run, "test")
	}
	t.Fatal("no trace in it")
	return nil
}

// driver is a browser without a terminal: commands run at once.
type driver struct {
	t testing.TB
	m *Model
}

func drive(t testing.TB, res *analyze.Result, o Options, width, height int) *driver {
	d := &driver{t: t, m: New(res, o)}
	d.do(d.m.Init())
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

func (d *driver) send(msg tea.Msg) {
	_, cmd := d.m.Update(msg)
	d.do(cmd)
}

// do runs a command and what comes of it.
func (d *driver) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.do(c)
		}
	default:
		if list, ok := sequence(msg); ok {
			for _, c := range list {
				d.do(c)
			}
			return
		}
		d.send(msg)
	}
}

// press sends keys by their names, and text as it is.
func (d *driver) press(keys ...string) {
	named := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "enter": tea.KeyEnter, "esc": tea.KeyEscape,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace,
	}
	for _, k := range keys {
		if k == "space" {
			k = " "
		}
		if code, ok := named[k]; ok {
			d.send(tea.KeyPressMsg{Code: code})
			continue
		}
		for _, r := range k {
			key := tea.KeyPressMsg{Code: unicode.ToLower(r), Text: string(r)}
			if r == ' ' {
				key.Code = tea.KeySpace
			}
			d.send(key)
		}
	}
}

func (d *driver) screen() string {
	var b strings.Builder
	for line := range strings.Lines(d.m.text() + "\n") {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

// want fails if the screen does not hold all texts.
func (d *driver) want(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(d.screen(), text) {
			d.t.Errorf("no %q in\n%s", text, d.screen())
		}
	}
}

func TestScreens(t *testing.T) {
	for _, c := range []struct {
		name, trace   string
		keys          []string
		o             term.Options
		width, height int
	}{
		{"tasks", "deadlock", nil, term.Options{}, 120, 14},
		{"tasks_narrow", "deadlock", nil, term.Options{ASCII: true}, 60, 10},
		{"tasks_color", "shutdown", []string{"down"}, term.Options{Color: true}, 100, 12},
		{"tasks_sorted", "stop", []string{"l", "l", "l", "i"}, term.Options{}, 100, 12},
		{"tasks_wakeups", "wakeups", nil, term.Options{}, 130, 12},
		{"story", "stop", []string{"enter"}, term.Options{}, 100, 30},
		{"story_ascii", "shutdown", []string{"enter"}, term.Options{ASCII: true}, 80, 40},
		{"why", "deadlock", []string{"down", "w"}, term.Options{}, 100, 24},
		{"findings", "deadlock", []string{"f"}, term.Options{}, 100, 10},
		{"finding", "deadlock", []string{"f", "enter", "space"}, term.Options{}, 100, 20},
		{"loops", "threads", []string{"r"}, term.Options{}, 110, 10},
		{"loop", "threads", []string{"r", "enter"}, term.Options{}, 100, 30},
		{"loop_shutdown", "shutdown", []string{"r", "enter", "G"}, term.Options{}, 100, 24},
		{"help", "stop", []string{"?"}, term.Options{}, 80, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := drive(t, recorded(t, c.trace, nil), Options{Text: c.o, Title: c.trace + ".ltrace"}, c.width, c.height)
			d.press(c.keys...)
			golden(t, c.name+".txt", d.screen())
		})
	}
}

// The keys lead where the help says.
func TestKeys(t *testing.T) {
	d := drive(t, recorded(t, "deadlock", nil), Options{Title: "x"}, 120, 20)
	d.want("[t tasks 4]", "1 of 4 tasks by Warn")
	d.press("G")
	d.want("4 of 4 tasks")
	d.press("g", "j", "k", "down")
	d.want("2 of 4 tasks")
	d.press("/", "list")
	d.want("/list_", "1 of 1 task")
	d.press("enter")
	d.want("1 of 1 task by Warn", "filter /list")
	d.press("enter")
	d.want("listener: listen()", "› task 4 listener")
	d.press("esc", "esc")
	d.want("of 4 tasks")
	d.press("f", "enter", "n")
	d.want("finding 2")
	d.press("p", "a")
	d.want("of finding 1", "[t tasks 4]")
	d.press("esc", "r", "enter")
	d.want("loop 1: _UnixSelectorEventLoop")
	d.press("?")
	d.want("quit")
	d.press("?", "t")
	d.want("of 4 tasks")
	d.send(tea.KeyPressMsg{Code: 'f', Mod: tea.ModAlt})
	d.want("[f findings")
	if _, cmd := d.m.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); cmd == nil || cmd() != tea.Quit() {
		t.Error("q does not quit")
	}
}

// Every column sorts as it says, and the other way round; the task under the cursor stays under it.
func TestSort(t *testing.T) {
	d := drive(t, recorded(t, "refused", nil), Options{}, 160, 12)
	d.press("G")
	s := d.m.views[0].(*tasksScreen)
	selected := s.selected(d.m)
	for c := colWarn; c < columns; c++ {
		if c == colSched {
			continue
		}
		if s.shown.by != c {
			t.Fatalf("sorted by %s, want %s", s.shown.by.title(), c.title())
		}
		seen := map[int32]bool{}
		for i := range s.list.len() {
			seen[s.list.at(i)] = true
			if i > 0 {
				wantOrder(t, d.m, c, s.list.at(i-1), s.list.at(i))
			}
		}
		if len(seen) != len(d.m.index.tasks) || s.selected(d.m) != selected {
			t.Errorf("by %s: %d of %d tasks, cursor on %v", c.title(), len(seen), len(d.m.index.tasks), s.selected(d.m).ID)
		}
		first := s.list.at(0)
		d.press("i")
		if s.list.at(s.list.len()-1) != first || s.selected(d.m) != selected {
			t.Errorf("by %s: not inverted", c.title())
		}
		d.press("i", "l")
	}
}

func wantOrder(t *testing.T, m *Model, c column, a, b int32) {
	t.Helper()
	x, ta, tb := m.index, m.index.tasks[a], m.index.tasks[b]
	wrong := false
	switch c {
	case colName:
		stemA, nA := splitName(ta.Name)
		stemB, nB := splitName(tb.Name)
		wrong = stemA == stemB && nA > nB || stemA > stemB && stemB != ""
	case colLocation:
		wrong = siteText(ta) > siteText(tb) && siteText(tb) != ""
	case colAwaiting:
		wrong = x.awaitText(ta) > x.awaitText(tb) && x.awaitText(tb) != ""
	case colState:
		wrong = x.row(ta).State > x.row(tb).State
	default:
		wrong = x.number(c, a, ta) > x.number(c, b, tb)
	}
	if wrong {
		t.Errorf("by %s: task %d before %d", c.title(), ta.ID, tb.ID)
	}
}

// Nothing that a program called something acts on the terminal, on no screen, and no line is too long.
func TestHostileScreens(t *testing.T) {
	fields := regexp.MustCompile(`(?m) (name|coro|thread_name|object|class|type|exception|argv|cwd)=([^ \n]+)`)
	change := func(s string) string {
		return fields.ReplaceAllString(s, ` ${1}=${2}\x1b[2J\x1b]0;owned\x07\xe2\x80\xae\xc2\x9b31m</script>`)
	}
	for _, trace := range []string{"deadlock", "shutdown", "resources", "fork"} {
		for _, o := range []term.Options{{}, {ASCII: true}, {Color: true}} {
			for _, keys := range [][]string{nil, {"enter"}, {"w"}, {"f"}, {"f", "enter"}, {"r"}, {"r", "enter"}, {"/", "\x1b\u202e"}} {
				d := drive(t, recorded(t, trace, change), Options{Text: o, Title: "\x1b[2J\u202e"}, 90, 30)
				d.press(keys...)
				wantHarmless(t, fmt.Sprint(trace, o, keys), d, o)
			}
		}
	}
}

func wantHarmless(t *testing.T, name string, d *driver, o term.Options) {
	t.Helper()
	text := regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(d.screen(), "")
	for _, r := range text + d.m.View().WindowTitle {
		if r != '\n' && !unicode.IsPrint(r) || o.ASCII && r > '~' {
			t.Fatalf("%s: %q is written:\n%q", name, r, text)
		}
	}
	for i, line := range strings.Split(text, "\n") {
		if n := wording.Width(line); n > 90 && !strings.Contains(name, "enter") { // source lines of panes are cut by the terminal
			t.Errorf("%s: line %d takes %d columns: %s", name, i, n, line)
		}
	}
}

// Any size can be had, at any time.
func TestSizes(t *testing.T) {
	d := drive(t, recorded(t, "stop", nil), Options{}, 100, 30)
	for _, keys := range [][]string{{"t"}, {"enter"}, {"f"}, {"enter"}, {"r"}, {"enter"}, {"?"}} {
		d.press(keys...)
		for _, width := range []int{1, 20, 39, 40, 57, 80, 200, 400} {
			for _, height := range []int{1, 7, 8, 9, 24, 100} {
				d.send(tea.WindowSizeMsg{Width: width, Height: height})
				lines := strings.Split(d.m.text(), "\n")
				if len(lines) > height {
					t.Fatalf("%v at %dx%d: %d lines", keys, width, height, len(lines))
				}
				if small := width < leastWidth || height < leastHeight; small != strings.HasPrefix(lines[0], "too small"[:min(9, width-1)]) && width > 3 {
					t.Errorf("%v at %dx%d: %s", keys, width, height, lines[0])
				}
			}
		}
	}
}

// A run in which nothing was recorded can be looked at.
func TestEmptyRun(t *testing.T) {
	d := drive(t, &analyze.Result{Run: &analyze.Run{}}, Options{Title: "empty"}, 80, 12)
	d.want("no tasks", "nothing was recorded")
	d.press("j", "G", "enter", "w", "l", "i", "/", "x", "enter", "esc")
	d.press("f", "enter", "a")
	d.want("nothing was recorded")
	d.press("r", "enter")
	d.want("no loop was recorded")
}

// Only the newest arrangement is shown, in whatever order they are ready.
func TestLateArrangement(t *testing.T) {
	d := drive(t, recorded(t, "stop", nil), Options{}, 100, 20)
	_, late := d.m.Update(tea.KeyPressMsg{Code: 'l', Text: "l"})
	_, now := d.m.Update(tea.KeyPressMsg{Code: 'l', Text: "l"})
	d.do(now)
	d.do(late)
	d.want("by State")
}

// Goroutines are no loop that somebody closes; of several processes it is said whose they are.
func TestLoopsOfGoroutines(t *testing.T) {
	process := &analyze.Process{PID: 7, Runtime: "go1.26.8"}
	l := &analyze.Loop{ID: 1, Class: analyze.Goroutines, Process: process}
	m := &Model{res: &analyze.Result{Run: &analyze.Run{Processes: []*analyze.Process{process, {PID: 8}}}}, words: wording.Phraser{}}
	if text, live := m.closed(l); text != "goroutines, process 7" || live != 0 {
		t.Errorf("%q, %d live", text, live)
	}
}
