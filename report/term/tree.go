package term

import (
	"fmt"
	"io"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/tasklist"
)

// TreeOptions say what a tree shows.
type TreeOptions struct {
	Awaits bool // what each task that did not end was last seen waiting for
	All    bool // fold nothing
	Waits  bool // the wait-for graph instead
}

// alikeShown is how many childless tasks of one place and outcome stand in the tree before the rest is folded.
const alikeShown = 3

// node is one line of a tree.
type node struct {
	text     string
	children []*node
}

// Tree writes which task spawned which, below the processes that started each other.
func Tree(w io.Writer, run *analyze.Run, t TreeOptions, o Options) error {
	p := newPrinter(w, o, run)
	if t.Waits {
		p.waitsTree(run)
		return p.err
	}
	b := &treeBuilder{p: p, run: run, o: t, children: map[*analyze.Task][]*analyze.Task{}, roots: map[*analyze.Process][]*analyze.Task{}, folded: map[*analyze.Task]bool{}}
	if t.Awaits {
		b.last = tasklist.LastLive(run)
	}
	for _, task := range run.Tasks {
		if task.Parent != nil && task.Parent.Process == task.Process && task.Parent != task {
			b.children[task.Parent] = append(b.children[task.Parent], task)
		} else {
			b.roots[task.Process] = append(b.roots[task.Process], task)
		}
	}
	for _, process := range run.Processes {
		if process.Parent == nil {
			root := b.process(process)
			p.item(0, root.text)
			p.branches(root.children, "")
		}
	}
	if len(run.Processes) == 0 {
		p.linef("no process was recorded")
	}
	return p.err
}

// treeBuilder turns processes and tasks into nodes.
type treeBuilder struct {
	p        *printer
	run      *analyze.Run
	o        TreeOptions
	children map[*analyze.Task][]*analyze.Task
	roots    map[*analyze.Process][]*analyze.Task
	last     map[*analyze.Task]*analyze.Live
	folded   map[*analyze.Task]bool // known goroutines that stand in no line of their own
}

func (b *treeBuilder) process(process *analyze.Process) *node {
	n := &node{text: "process " + b.p.Process(process)}
	b.p.About(b.run, process)
	n.children = b.tasks(b.roots[process])
	for _, child := range b.run.Processes {
		if child.Parent == process && child != process {
			n.children = append(n.children, b.process(child))
		}
	}
	return n
}

// tasks returns the nodes of sibling tasks; those that are alike are folded after the first few.
func (b *treeBuilder) tasks(tasks []*analyze.Task) []*node {
	met := map[string]int{}
	folded := map[string]*node{}
	var out []*node
	known := 0
	for _, t := range tasks {
		if b.folds(t) {
			known++
			continue
		}
		key := wording.SiteKey(t) + "\x00" + t.Outcome
		if b.o.All || !b.bare(t) {
			out = append(out, b.task(t))
			continue
		}
		met[key]++
		switch extra := met[key] - alikeShown; {
		case extra <= 0:
			out = append(out, b.task(t))
		case extra == 1:
			folded[key] = b.task(t)
			out = append(out, folded[key])
		default:
			*folded[key] = node{text: fmt.Sprintf("and %d more like it, %s", extra, wording.OutcomeWord(t))}
		}
	}
	if known > 0 {
		out = append(out, &node{text: "and " + wording.Count(known, "known goroutine")})
	}
	return out
}

// folds reports whether a goroutine is known and so is all that it spawned.
func (b *treeBuilder) folds(t *analyze.Task) bool {
	if t.Known == "" || b.o.All {
		return false
	}
	folded, asked := b.folded[t]
	if !asked {
		b.folded[t] = false // should the trace have a circle of parents
		folded = !slices.ContainsFunc(b.children[t], func(c *analyze.Task) bool { return !b.folds(c) })
		b.folded[t] = folded
	}
	return folded
}

// bare reports whether no task stands below t.
func (b *treeBuilder) bare(t *analyze.Task) bool {
	return !slices.ContainsFunc(b.children[t], func(c *analyze.Task) bool { return !b.folds(c) })
}

func (b *treeBuilder) task(t *analyze.Task) *node {
	p := b.p
	text := fmt.Sprintf("#%d %s", t.ID, p.Task(t))
	if t.Name == "" {
		text = p.Task(t)
	}
	if does := p.Function(t); does != "" {
		text += "  " + does
	}
	text += "  " + wording.OutcomeWord(t)
	if t.Inherited != nil {
		text += fmt.Sprintf(", inherited from #%d by fork", t.Inherited.ID)
	}
	if t.Site != nil {
		switch {
		case t.Site.Via != "":
			text += "  " + p.Name(t.Site.Via)
		case t.Site.At != nil:
			text += "  " + p.At(t.Site.At)
		}
	}
	n := &node{text: text}
	if l := b.last[t]; l != nil && (t.Outcome == "pending" || t.Outcome == "") {
		n.children = append(n.children, &node{text: wording.StateWord(l) + p.WaitSince(l, wording.Moment{})})
	}
	n.children = append(n.children, b.tasks(b.children[t])...)
	return n
}

// levelsDrawn bounds how far to the right a tree goes: a line of a hundred thousand tasks, each the child of the one before,
// would fill a disk with blanks.
const levelsDrawn = 60

// branches draws the nodes below a line. What is deeper than levelsDrawn stands below each other, with its level.
func (p *printer) branches(nodes []*node, indent string) { p.level(nodes, indent, 1) }

func (p *printer) level(nodes []*node, indent string, depth int) {
	tee, corner, bar := "├─ ", "└─ ", "│  "
	if p.o.ASCII {
		tee, corner, bar = "|- ", "`- ", "|  "
	}
	for i, n := range nodes {
		if p.err != nil {
			return
		}
		lead, below, text := tee, indent+bar, n.text
		if i == len(nodes)-1 {
			lead, below = corner, indent+"   "
		}
		if depth >= levelsDrawn {
			below = indent
		}
		if depth > levelsDrawn {
			text = fmt.Sprintf("level %d: %s", depth, text)
		}
		p.linef("%s%s", p.o.paint(faint, indent+lead), wording.End(text, p.room(wording.Width(indent)+3), p.o.ASCII))
		p.level(n.children, below, depth+1)
	}
}
