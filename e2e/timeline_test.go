package e2e

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var noButton = input.DispatchMouseEventParams{}

// small opens a page with a few tasks, of which some are live at the close.
func small(t *testing.T, fragment string) *tab {
	t.Helper()
	return open(t, report(t, scene{tasks: 30, steps: 300, inFlight: 6, left: 3}.write(t)), fragment)
}

// live returns the tasks that are live at the close.
func live(p *tab) []int {
	p.t.Helper()
	return eval[[]int](p, `(() => {
		const meta = JSON.parse(document.getElementById("lt-meta").textContent);
		return [...document.querySelectorAll("#timeline option")].length ? meta.markers.find((m) => m.kind === "close").live : [];
	})()`)
}

// The pointer over a task says which it is; a click tells its story, as looptrace task does.
func TestTooltipAndStory(t *testing.T) {
	p := small(t, "")
	p.focus()
	x, y := p.place(5)
	p.mouse("mouseMoved", x, y, noButton)
	p.wait(`!document.querySelector(".lt-tip").hidden`)
	tip := p.text(".lt-tip")
	for _, want := range []string{"worker-5 · handler", "spawned at serve.py:", "busy for"} {
		if !strings.Contains(tip, want) {
			t.Errorf("the tooltip does not say %q: %s", want, tip)
		}
	}
	p.click(x, y)
	if got := eval[int](p, "looptrace.selected()"); got != 5 {
		t.Errorf("task %d is selected, want 5", got)
	}
	story := words(p.text(".lt-panel"))
	for _, want := range []string{"worker-5", "It was spawned outside any task at serve.py:", "It took its first step, and ", "which kept the loop busy for"} {
		if !strings.Contains(story, want) {
			t.Errorf("the story does not say %q: %s", want, story)
		}
	}
	p.key(kb.Escape)
	if got := eval[int](p, "looptrace.selected()"); got != 0 {
		t.Errorf("task %d is still selected after Escape", got)
	}
	p.click(x, y)
	p.shot("story")
}

// slash presses the key alone: the protocol would type the character, too, which a browser does not after a key that was
// taken.
func (p *tab) slash() {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "rawKeyDown", Key: "/", Code: "Slash"})
	p.check(err)
	p.wait(`document.activeElement === document.querySelector(".lt-search input")`)
}

// A search counts what it finds, goes through it, and knows names, coroutines, places and waits.
func TestSearch(t *testing.T) {
	p := small(t, "")
	p.focus()
	for text, least := range map[string]int{"worker-17": 1, "handler3": 1, "serve.py:40": 1, "lock at serve.py": 1, "no such thing": 0} {
		p.focus()
		p.slash()
		p.do(chromedp.KeyEvent(text))
		p.wait(fmt.Sprintf(`document.querySelector(".lt-search input").value === %q && document.querySelector(".lt-found").textContent !== ""`, text))
		p.do(chromedp.KeyEvent(kb.Enter))
		found := p.text(".lt-found")
		if got := eval[int](p, "looptrace.hits()"); got < least || least == 0 && got != 0 {
			t.Errorf("%s: %d found, want %d or more", text, got, least)
		}
		if least == 0 && found != "nothing found" || least > 0 && !strings.HasPrefix(found, "1 of ") {
			t.Errorf("%s: it says %q", text, found)
		}
	}
	p.focus()
	p.slash()
	p.do(chromedp.KeyEvent("worker-1"))
	p.wait(`looptrace.hits() === 11`) // 1 and 10 to 19
	p.do(chromedp.KeyEvent(kb.Enter))
	first := eval[int](p, "looptrace.selected()")
	p.focus()
	p.key("n")
	second := eval[int](p, "looptrace.selected()")
	p.key("p")
	if back := eval[int](p, "looptrace.selected()"); first == second || back != first {
		t.Errorf("n and p go from %d to %d and back to %d", first, second, back)
	}
}

// A link to a task selects it and brings it into view, from outside and from within the page.
func TestLinks(t *testing.T) {
	p := small(t, "#task-7")
	p.rest()
	if got := eval[int](p, "looptrace.selected()"); got != 7 {
		t.Errorf("task %d is selected, want 7", got)
	}
	inView(t, p, 7)
	eval[bool](p, `(() => { const a = document.createElement("a"); a.href = "#task-9"; document.body.append(a); a.click(); return true; })()`)
	p.rest()
	if got := eval[int](p, "looptrace.selected()"); got != 9 {
		t.Errorf("task %d is selected after a link to 9", got)
	}
	if got := eval[string](p, "location.hash"); got != "#task-9" {
		t.Errorf("the address ends in %q", got)
	}
}

func inView(t *testing.T, p *tab, id int) {
	t.Helper()
	x, y := p.place(id)
	size := eval[[]float64](p, `(() => { const b = document.querySelector(".lt-layers").getBoundingClientRect(); return [b.width, b.height, b.top, innerHeight]; })()`)
	if x < 0 || x > size[0] || y < 0 || y > size[1] || size[2] > size[3] {
		t.Errorf("task %d is at %.0f, %.0f of %v: out of view", id, x, y, size)
	}
}

// The button of a finding goes to its tasks, and the filter leaves those that were live at the close.
func TestFindingAndFilter(t *testing.T) {
	p := small(t, "")
	if n := eval[int](p, `document.querySelectorAll(".finding .lt-goto button").length`); n == 0 {
		t.Fatal("no finding has a button")
	}
	eval[bool](p, `document.querySelector(".finding .lt-goto button").click(), true`)
	p.rest()
	want := live(p)
	if len(want) < 3 {
		t.Fatalf("live at the close: %v", want)
	}
	eval[bool](p, `(() => { const s = document.querySelector(".lt-bar select"); s.value = s.options[1].value; s.dispatchEvent(new Event("change")); return true; })()`)
	p.rest()
	eval[bool](p, `document.querySelector(".lt-list").open = true`)
	p.wait(`document.querySelectorAll(".lt-list li").length > 0`)
	p.focus()
	p.key("0")
	p.wait(fmt.Sprintf(`document.querySelectorAll(".lt-list li").length === %d`, len(want)))
	p.wait(fmt.Sprintf(`document.querySelectorAll(".lt-panel .lt-live li").length === %d`, len(want)))
	if panel := words(p.text(".lt-panel")); !strings.Contains(panel, "live when the loop was closed") {
		t.Errorf("the panel does not tell of the close: %s", panel)
	}
	p.shot("live")
}

// Keys zoom and move; 0 goes back to everything, f to the selection.
func TestKeys(t *testing.T) {
	p := small(t, "")
	p.focus()
	home0, home1 := p.view()
	for _, c := range []struct {
		key string
		ok  func(a0, a1, b0, b1 float64) bool
	}{
		{"w", func(a0, a1, b0, b1 float64) bool { return b1-b0 < a1-a0 && b0 > a0 }},
		{"w", func(a0, a1, b0, b1 float64) bool { return b1-b0 < a1-a0 }},
		{"d", func(a0, a1, b0, b1 float64) bool { return b0 > a0 && same(b1-b0, a1-a0) }},
		{"a", func(a0, a1, b0, b1 float64) bool { return b0 < a0 && same(b1-b0, a1-a0) }},
		{kb.ArrowRight, func(a0, _, b0, _ float64) bool { return b0 > a0 }},
		{kb.ArrowLeft, func(a0, _, b0, _ float64) bool { return b0 < a0 }},
		{"s", func(a0, a1, b0, b1 float64) bool { return b1-b0 > a1-a0 }},
		{"0", func(_, _, b0, b1 float64) bool { return same(b0, home0) && same(b1, home1) }},
	} {
		a0, a1 := p.view()
		p.key(c.key)
		if b0, b1 := p.view(); !c.ok(a0, a1, b0, b1) {
			t.Errorf("%q goes from %.0f–%.0f to %.0f–%.0f", c.key, a0, a1, b0, b1)
		}
	}
	p.key(kb.ArrowRight, chromedp.ModifierShift)
	p.key(kb.Enter)
	if eval[int](p, "looptrace.selected()") == 0 {
		t.Error("Shift with an arrow and Enter selects nothing")
	}
	p.key("f")
	if f0, f1 := p.view(); f1-f0 >= home1-home0 {
		t.Errorf("f shows %.0f–%.0f: all of it", f0, f1)
	}
	p.key("?", chromedp.ModifierShift)
	p.wait(`document.querySelector("dialog").open`)
	p.shot("help")
}

func same(a, b float64) bool { return math.Abs(a-b) <= 1e-3*max(1, math.Abs(b)) }

// Ctrl and wheel zoom where the pointer is; dragging moves; Shift and dragging zooms to the stretch; the minimap moves, too.
func TestMouse(t *testing.T) {
	p := small(t, "")
	p.focus()
	home0, home1 := p.view()
	p.mouse("mouseWheel", 300, 120, input.DispatchMouseEventParams{DeltaX: 0.01, DeltaY: -200, Modifiers: int64(chromedp.ModifierCtrl)})
	p.wait(fmt.Sprintf("looptrace.view()[1] - looptrace.view()[0] < %f", (home1-home0)*0.95))
	a0, a1 := p.view()
	left := input.DispatchMouseEventParams{Button: input.MouseButtonLeft, Buttons: 1}
	p.mouse("mousePressed", 300, 120, left)
	p.mouse("mouseMoved", 400, 120, left)
	p.mouse("mouseReleased", 400, 120, left)
	b0, b1 := p.view()
	if b0 >= a0 || !same(b1-b0, a1-a0) {
		t.Errorf("dragging to the right goes from %.0f–%.0f to %.0f–%.0f", a0, a1, b0, b1)
	}
	left.Modifiers = int64(chromedp.ModifierShift)
	p.mouse("mousePressed", 300, 120, left)
	p.mouse("mouseMoved", 400, 120, left)
	p.mouse("mouseReleased", 400, 120, left)
	if c0, c1 := p.view(); c0 <= b0 || c1 >= b1 {
		t.Errorf("Shift and dragging goes from %.0f–%.0f to %.0f–%.0f", b0, b1, c0, c1)
	}
}

// The theme goes from that of the system to light and dark, and the canvas with it.
func TestTheme(t *testing.T) {
	p := small(t, "")
	brightness := func() float64 {
		return eval[float64](p, `(() => { const d = document.querySelector(".lt-layers canvas").getContext("2d").getImageData(0, 3, 1, 1).data; return d[0] + d[1] + d[2]; })()`)
	}
	seen := map[string]float64{}
	for range 3 {
		eval[bool](p, `document.querySelector(".lt-theme").click(), true`)
		p.wait("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))")
		seen[eval[string](p, `document.documentElement.dataset.theme ?? "auto"`)] = brightness()
	}
	if len(seen) != 3 || seen["light"] < 600 || seen["dark"] > 200 {
		t.Errorf("brightness by theme: %v", seen)
	}
}

// Whoever wants less motion gets none.
func TestReducedMotion(t *testing.T) {
	p := small(t, "")
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	p.check(err)
	p.focus()
	glides := eval[bool](p, `(() => {
		document.querySelector(".lt-view").dispatchEvent(new KeyboardEvent("keydown", { key: "w", bubbles: true }));
		return looptrace.moving();
	})()`)
	if glides {
		t.Error("the view glides")
	}
}

// What is drawn can be read as text, too.
func TestReadableWithoutEyes(t *testing.T) {
	p := small(t, "")
	for what, js := range map[string]string{
		"the canvas has no label":    `document.querySelector(".lt-layers canvas").getAttribute("aria-label")`,
		"the rows have no label":     `document.querySelector(".lt-view").getAttribute("aria-label")`,
		"buttons without a name":     `[...document.querySelectorAll(".lt button")].every((b) => (b.getAttribute("aria-label") || b.textContent).trim()) ? "named" : ""`,
		"inputs without a name":      `[...document.querySelectorAll(".lt input, .lt select")].every((b) => b.getAttribute("aria-label")) ? "named" : ""`,
		"the rows are out of reach":  `document.querySelector(".lt-view").tabIndex === 0 ? "reached" : ""`,
		"the loop cannot be folded":  `document.querySelector(".lt-head").getAttribute("aria-expanded")`,
		"the canvas is no image":     `document.querySelector(".lt-layers canvas").getAttribute("role")`,
		"nothing says what happened": `document.querySelector(".lt [role=status]") ? "said" : ""`,
	} {
		if eval[string](p, js+` ?? ""`) == "" {
			t.Error(what)
		}
	}
	eval[bool](p, `document.querySelector(".lt-list").open = true`)
	p.wait(`document.querySelectorAll(".lt-list li button").length > 0`)
	eval[bool](p, `document.querySelector(".lt-list li button").click(), true`)
	p.wait("looptrace.selected() > 0")
	if said := p.text(".lt [role=status]"); !strings.Contains(said, "worker-") {
		t.Errorf("it is not said what was selected: %q", said)
	}
}

// However many rows there are, the canvas is not higher than the window.
func TestCanvasIsBounded(t *testing.T) {
	p := open(t, report(t, scene{tasks: 10_000, steps: 60_000, inFlight: 3000, left: 20}.write(t)), "")
	p.focus()
	for range 8 {
		p.key("+")
	}
	size := eval[[]float64](p, `[document.querySelector(".lt-layers canvas").clientHeight, document.querySelector(".lt-view").scrollHeight, innerHeight]`)
	if size[0] > size[2] || size[1] < 10*size[2] {
		t.Errorf("the canvas is %v px high, what it shows %v, the window %v", size[0], size[1], size[2])
	}
	p.key("0")
	p.shot("ten-thousand")
}
