package e2e

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
)

var (
	spans = flag.Int("spans", 100_000, "steps of the page that TestMillionSpans measures")
	table = flag.Bool("table", false, "print what TestMillionSpans measures as a Markdown table")
)

// TestMillionSpans opens a page with very many spans and draws it. With -table it prints how long that took, and what is to
// be held; times decide nothing here.
func TestMillionSpans(t *testing.T) {
	steps := *spans // and some callbacks
	page := report(t, scene{tasks: max(50, *spans/50), steps: steps, inFlight: 400, left: 40}.write(t), "--max-spans", fmt.Sprint(2**spans))
	info, err := os.Stat(page)
	if err != nil {
		t.Fatal(err)
	}
	var opened []float64
	var p *tab
	for range 5 {
		p = open(t, page, "")
		opened = append(opened, eval[float64](p, `Number(document.getElementById("lt-timeline").dataset.ready)`))
	}
	if got := eval[int](p, "looptrace.steps"); got < steps {
		t.Fatalf("%d steps in the page, want %d", got, steps)
	}
	p.focus()
	p.shot("million")
	all := p.redraws()
	p.key("0")
	dense := p.redraws()
	from, to := p.view()
	eval[bool](p, fmt.Sprintf("looptrace.show(%f, %f), true", from+(to-from)*0.5, from+(to-from)*0.501))
	p.rest()
	near := p.redraws()
	p.shot("million-near")
	if !*table {
		return
	}
	fmt.Printf("| %d steps, %d callbacks, %d tasks | measured | to hold |\n| --- | --- | --- |\n",
		eval[int](p, "looptrace.steps"), eval[int](p, "looptrace.callbacks"), eval[int](p, "looptrace.tasks"))
	fmt.Printf("| size of the page | %.1f MB | 20 MB |\n", float64(info.Size())/1e6)
	fmt.Printf("| from opening to the first drawing | %s ms | 1000 ms |\n", spread(opened))
	fmt.Printf("| redraw, all of the time in view | %s ms | 50 ms |\n", spread(all))
	fmt.Printf("| redraw, all of the time in view, lowest rows | %s ms | 50 ms |\n", spread(dense))
	fmt.Printf("| redraw, zoomed in 1000 times | %s ms | |\n", spread(near))
}

// redraws returns the times of some redraws, each up to when its pixels are there.
func (p *tab) redraws() []float64 {
	p.t.Helper()
	var took []float64
	for range 15 {
		parts := eval[[]float64](p, "looptrace.draw()")
		took = append(took, parts[0]+parts[1])
	}
	return took
}

// spread returns the minimum and the median.
func spread(list []float64) string {
	slices.Sort(list)
	return fmt.Sprintf("%.1f / %.1f", list[0], list[len(list)/2])
}
