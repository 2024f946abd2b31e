package term

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// object names a lock, queue or the like: "lock 2, made at app.py:3 in main".
func (p *printer) object(o *analyze.Primitive) string {
	text := fmt.Sprintf("%s %d", p.name(o.Kind), o.ID)
	if o.At != nil {
		text += ", made at " + p.place(o.At) + ","
	}
	return text
}

// waited says what a task waits in: "lock 2, made at app.py:3 in main, which b holds".
func (p *printer) waited(w *analyze.Wait) string {
	if w.Object == nil {
		return p.awaited(w)
	}
	text := p.object(w.Object)
	switch w.Kind {
	case "lock", "semaphore":
		return text + " " + p.heldBy(w)
	case "queue":
		return p.queue(w, text)
	case "event":
		return text + " to be set"
	case "condition":
		return text + " to be notified"
	case "barrier":
		return fmt.Sprintf("%s where %d of %d have arrived", text, w.Arrived, w.Parties)
	case "taskgroup":
		return text + " whose tasks are not done: " + p.targets(w)
	case "server":
		return text + " to lose its connections"
	}
	return strings.TrimSuffix(text, ",")
}

// waitedBriefly is waited without where the object was made: "lock 2 (held by b)".
func (p *printer) waitedBriefly(w *analyze.Wait) string {
	if w.Object == nil {
		return p.awaited(w)
	}
	text := fmt.Sprintf("%s %d", p.name(w.Kind), w.Object.ID)
	switch {
	case w.Held && len(w.Targets) > 0:
		return text + " (held by " + p.targets(w) + ")"
	case w.HolderEnded:
		return text + " (taken by a task that has ended)"
	case w.Op == "join":
		return text + fmt.Sprintf(" (%s not done)", count(w.Unfinished, "item"))
	case w.Kind == "queue" && w.Size >= 0:
		return text + fmt.Sprintf(" (%s in it)", count(w.Size, "item"))
	case w.Kind == "barrier":
		return text + fmt.Sprintf(" (%d of %d have arrived)", w.Arrived, w.Parties)
	case w.Kind == "taskgroup":
		return "the tasks of its TaskGroup: " + p.targets(w)
	}
	return text
}

func (p *printer) heldBy(w *analyze.Wait) string {
	switch {
	case len(w.Targets) == 1 && w.Targets[0] == w.Task:
		return "which it holds itself"
	case len(w.Targets) > 0:
		return "which " + p.targets(w) + verb(len(w.Targets), " holds", " hold")
	case w.HolderEnded:
		return "which a task took that has ended without giving it back"
	}
	return "whose holder is not known"
}

func (p *printer) queue(w *analyze.Wait, text string) string {
	switch w.Op {
	case "join":
		return fmt.Sprintf("%s of which %s not done", text, count(w.Unfinished, "item")+verb(w.Unfinished, " is", " are"))
	case "put":
		return "room in " + text + fmt.Sprintf(" which has %s", count(w.Size, "item"))
	}
	if w.Size == 0 {
		return "an item of " + text + " which is empty"
	}
	return "an item of " + strings.TrimSuffix(text, ",")
}

// awaited says which tasks a task awaits, and in what.
func (p *printer) awaited(w *analyze.Wait) string {
	tasks := p.targets(w)
	if tasks == "" {
		tasks = "nothing that is known"
	}
	switch w.Kind {
	case "task":
		return taskWord(tasks)
	case "gather", "wait", "wait_for", "shield":
		return "a " + w.Kind + "() of " + tasks
	}
	return p.name(w.Kind) + " of " + tasks
}

func (p *printer) targets(w *analyze.Wait) string {
	var names []string
	for i, t := range w.Targets {
		if i == namesShown && len(w.Targets) > namesShown+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(w.Targets)-i)
		}
		names = append(names, p.task(t))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, ", ")
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// circle draws a deadlock: each task with where it waits, and below it what for.
func (p *printer) circle(d *analyze.Deadlock) {
	if d == nil {
		return
	}
	top, bar, bottom := "┌─▶ ", "│   ", "└── "
	if p.o.ASCII {
		top, bar, bottom = "+-> ", "|   ", "+-- "
	}
	p.section()
	p.heading("the circle", "")
	for i, w := range d.Links {
		lead := bar
		if i == 0 {
			lead = top
		}
		if i == groupsShown {
			p.item(4, bar+fmt.Sprintf("and %s", count(len(d.Links)-i, "more task")))
			break
		}
		place := ""
		if w.At != nil {
			place = "  " + p.withSource(w.At)
		}
		p.item(4, lead+p.task(w.Task)+place)
		p.item(4, bar+"  "+linkText(p, w))
	}
	p.item(4, bottom+p.task(d.Links[0].Task))
}

func linkText(p *printer, w *analyze.Wait) string {
	switch {
	case w.Held && w.Object != nil:
		return "waits for " + p.object(w.Object) + " held by"
	case w.Kind == "task":
		return "awaits"
	}
	return "waits in " + strings.TrimSuffix(w.Kind, "()") + "() for"
}
