package e2e

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// wakePixels counts the pixels of the timeline that have the colour of arrows of wake-ups.
const wakePixels = `(() => {
	const probe = document.createElement("span");
	probe.style.color = "var(--wake)";
	document.body.append(probe);
	const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
	probe.remove();
	let n = 0;
	const canvas = [...document.querySelectorAll(".lt-layers canvas")].at(-1); // what goes with the selection is above the rest
	const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
	for (let i = 0; i < data.length; i += 4) {
		if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] > 200) n++;
	}
	return n;
})()`

// wokenBetween returns a stretch of time around the first wake-up of a task, in ns of the run, which began at 0.
func wokenBetween(t *testing.T, trace []byte, task int) (from, to int64) {
	t.Helper()
	m := regexp.MustCompile(fmt.Sprintf(`(?m)^(\d+) task_woken .*task=%d\b`, task)).FindSubmatch(trace)
	if m == nil {
		t.Fatal("nobody woke it")
	}
	at, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return at - 100_000, at + 100_000
}

func (p *tab) show(from, to int64) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf("looptrace.show(%d, %d), true", from, to))
	p.rest()
	eval[bool](p, "looptrace.draw(), true")
}

// A task that is selected has an arrow from each task that woke it, and its story counts them; where no wake-ups were recorded,
// there is neither.
func TestWakeArrows(t *testing.T) {
	trace := recorded(t)["wakeups"]
	without := regexp.MustCompile(`(?m)^\d+ task_woken .*\n`).ReplaceAll(trace, nil)
	for name, c := range map[string]struct {
		trace  []byte
		arrows bool
	}{"recorded": {trace, true}, "not recorded": {without, false}} {
		t.Run(name, func(t *testing.T) {
			p := open(t, report(t, saved(t, c.trace)), "")
			p.focus()
			from, to := wokenBetween(t, trace, 3)
			p.show(from, to)
			if n := eval[int](p, wakePixels); n != 0 {
				t.Errorf("%d pixels of arrows, and nothing is selected", n)
			}
			eval[bool](p, "looptrace.select(3), true")
			p.wait(`document.querySelector(".lt-panel").innerText.includes("It took its first step")`)
			p.rest()
			p.show(from, to)
			if n := eval[int](p, wakePixels); (n > 8) != c.arrows {
				t.Errorf("%d pixels of arrows", n)
			}
			if story := words(p.text(".lt-panel")); strings.Contains(story, "It was made ready 2 times: by no task (1), producer (1).") != c.arrows {
				t.Errorf("the story: %s", story)
			}
			p.shot(fmt.Sprintf("wakes_%t", c.arrows))
		})
	}
}
