package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// alikeShown is how many childless tasks of one place and outcome are drawn below one parent.
const alikeShown = 3

// treeBuilder draws which task spawned which.
type treeBuilder struct {
	*builder
	p        *picture
	children map[*analyze.Task][]*analyze.Task
	roots    map[*analyze.Process][]*analyze.Task
	accused  map[*analyze.Task]bool
	chosen   map[*analyze.Task]bool
}

// treePicture returns the picture of the task tree; nil if there was no task.
func (b *builder) treePicture() *picture {
	if len(b.run.Tasks) == 0 {
		return nil
	}
	t := &treeBuilder{
		builder: b, children: map[*analyze.Task][]*analyze.Task{}, roots: map[*analyze.Process][]*analyze.Task{}, accused: map[*analyze.Task]bool{},
		chosen: map[*analyze.Task]bool{},
		p: &picture{
			Name: "tree", Title: "Task tree",
			About: "Which task spawned which, below its process.",
		},
	}
	for _, x := range b.run.Tasks {
		if parent := parentOf(x); parent != nil {
			t.children[parent] = append(t.children[parent], x)
		} else {
			t.roots[x.Process] = append(t.roots[x.Process], x)
		}
	}
	for i := range b.res.Findings {
		for _, x := range b.res.Findings[i].Tasks {
			t.accused[x] = true
		}
	}
	t.choose()
	for _, process := range b.run.Processes {
		t.process(process)
	}
	t.p.Height += 8
	if n := wording.TaskCount(b.run) - len(t.chosen); n > 0 {
		t.p.Told = fmt.Sprintf("%s of %d not drawn; looptrace tree TRACE shows them.", wording.Count(n, wording.Noun(b.run)), wording.TaskCount(b.run))
	}
	return t.p
}

// parentOf returns the task that stands above a task in the tree, nil if its process does.
func parentOf(t *analyze.Task) *analyze.Task {
	if p := t.Parent; p != nil && p != t && p.Process == t.Process {
		return p
	}
	return nil
}

// choose picks the tasks to draw: first those that a finding accuses and those that never ended, each with its ancestors;
// of those that are alike only the first few.
func (t *treeBuilder) choose() {
	order := slices.Clone(t.run.Tasks)
	rank := func(x *analyze.Task) int {
		switch {
		case t.accused[x]:
			return 0
		case wording.OutcomeWord(x) == "pending":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(order, func(a, b *analyze.Task) int { return cmp.Compare(rank(a), rank(b)) })
	type kind struct {
		parent  *analyze.Task
		process *analyze.Process
		key     string
	}
	kindOf := func(x *analyze.Task) kind {
		return kind{parentOf(x), x.Process, wording.SiteKey(x) + "\x00" + x.Outcome}
	}
	met, alike := map[kind]int{}, map[kind]int{}
	for _, x := range order {
		if len(t.children[x]) == 0 {
			alike[kindOf(x)]++
		}
	}
	for _, x := range order {
		if k := kindOf(x); len(t.children[x]) == 0 {
			if met[k]++; met[k] > alikeShown && alike[k] > alikeShown+1 { // a line that stands for one task saves nothing
				continue
			}
		}
		var line []*analyze.Task
		for a := x; a != nil && !t.chosen[a] && len(line) <= nodesShown; a = parentOf(a) {
			line = append(line, a)
		}
		if len(t.chosen)+len(line) > nodesShown {
			continue
		}
		for _, a := range line {
			t.chosen[a] = true
		}
		if len(t.chosen) == nodesShown {
			return
		}
	}
}

func (t *treeBuilder) process(process *analyze.Process) {
	if len(t.roots[process]) == 0 {
		return
	}
	t.About(t.run, process)
	text := "process " + t.Process(process)
	n := node{Class: "process", Title: text}
	r := row{X: 4, Y: t.p.Height + 17}
	width := r.X + r.add(text, "strong")
	n.Rows = []row{r}
	t.put(n, width)
	t.below(t.roots[process], 1)
}

// put adds a node of one line.
func (t *treeBuilder) put(n node, width int) {
	t.p.Nodes = append(t.p.Nodes, n)
	t.p.Width = max(t.p.Width, width+16)
	t.p.Height += lineHeight
}

// below draws sibling tasks under what was drawn last.
func (t *treeBuilder) below(tasks []*analyze.Task, depth int) {
	top := t.p.Height - 4
	rest := 0
	pending := 0
	for _, x := range tasks {
		if !t.chosen[x] {
			rest++
			if wording.OutcomeWord(x) == "pending" {
				pending++
			}
			continue
		}
		t.connect(depth, top, "")
		t.task(x, depth)
		t.below(t.children[x], depth+1)
	}
	if rest == 0 {
		return
	}
	text := fmt.Sprintf("and %d more", rest)
	if pending > 0 && pending < rest {
		text += fmt.Sprintf(", %d of them pending", pending)
	} else if pending > 0 {
		text += ", pending"
	}
	t.connect(depth, top, "")
	r := row{X: indent(depth) + 4, Y: t.p.Height + 17}
	width := r.X + r.add(text, "muted")
	t.put(node{Class: "more", Title: text, Rows: []row{r}}, width)
}

// indent is where the line of a task begins.
func indent(depth int) int { return 4 + min(depth, 40)*22 }

func (t *treeBuilder) connect(depth, top int, class string) {
	x := indent(depth-1) + 8
	t.p.Lines = append(t.p.Lines, line{Path: elbow(x, top, indent(depth), t.p.Height+13), Class: strings.TrimSpace("branch " + class)})
}

func (t *treeBuilder) task(x *analyze.Task, depth int) {
	word := wording.OutcomeWord(x)
	n := node{Class: "task " + word, Dot: &dot{X: indent(depth) + 8, Y: t.p.Height + 13, Class: word, Letter: outcomeLetter(word)}}
	r := row{X: indent(depth) + 24, Y: t.p.Height + 17}
	width := r.X + r.add(t.Task(x), "strong")
	coro := ""
	if x.Site != nil && x.Site.Coro != "" {
		coro = t.Function(x)
		width += r.add(coro, "")
	}
	width += r.add(word, "outcome "+word)
	place := ""
	if x.Site != nil {
		switch {
		case x.Site.Via != "":
			place = t.Name(x.Site.Via)
		case x.Site.At != nil:
			place = t.At(x.Site.At)
		}
	}
	width += r.add(place, "muted")
	if t.accused[x] {
		n.Class += " accused"
		width += r.add("in a finding", "flag")
	}
	n.Title = strings.Join([]string{t.Task(x), coro, t.Outcome(x), "spawned " + t.Spawned(x)}, ", ")
	n.Rows = []row{r}
	t.put(n, width)
}

// outcomeLetter tells outcomes apart without their colours.
func outcomeLetter(word string) string {
	switch word {
	case "returned":
		return "✓"
	case "raised":
		return "!"
	case "cancelled":
		return "×"
	case "collected":
		return "–"
	}
	return ""
}
