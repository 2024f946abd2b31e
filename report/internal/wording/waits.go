package wording

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Object names a lock, queue or the like: "lock 2, made at app.py:3 in main".
func (p *Phraser) Object(o *analyze.Primitive) string {
	text := fmt.Sprintf("%s %d", p.Name(o.Kind), o.ID)
	if o.At != nil {
		text += ", made at " + p.Place(o.At) + ","
	}
	return text
}

// Waited says what a task waits in: "lock 2, made at app.py:3 in main, which b holds".
func (p *Phraser) Waited(w *analyze.Wait) string {
	if w.Object == nil {
		return p.awaited(w)
	}
	text := p.Object(w.Object)
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
		return text + " whose tasks are not done: " + p.Targets(w)
	case "server":
		return text + " to lose its connections"
	}
	return strings.TrimSuffix(text, ",")
}

// WaitedBriefly is waited without where the object was made: "lock 2 (held by b)".
func (p *Phraser) WaitedBriefly(w *analyze.Wait) string {
	if w.Object == nil {
		return p.awaited(w)
	}
	text := fmt.Sprintf("%s %d", p.Name(w.Kind), w.Object.ID)
	switch {
	case w.Held && len(w.Targets) > 0:
		return text + " (held by " + p.Targets(w) + ")"
	case w.HolderEnded:
		return text + " (taken by a task that has ended)"
	case w.Op == "join":
		return text + fmt.Sprintf(" (%s not done)", Count(w.Unfinished, "item"))
	case w.Kind == "queue" && w.Size >= 0:
		return text + fmt.Sprintf(" (%s in it)", Count(w.Size, "item"))
	case w.Kind == "barrier":
		return text + fmt.Sprintf(" (%d of %d have arrived)", w.Arrived, w.Parties)
	case w.Kind == "taskgroup":
		return "the tasks of its TaskGroup: " + p.Targets(w)
	}
	return text
}

func (p *Phraser) heldBy(w *analyze.Wait) string {
	switch {
	case len(w.Targets) == 1 && w.Targets[0] == w.Task:
		return "which it holds itself"
	case len(w.Targets) > 0:
		return "which " + p.Targets(w) + Verb(len(w.Targets), " holds", " hold")
	case w.HolderEnded:
		return "which a task took that has ended without giving it back"
	}
	return "whose holder is not known"
}

func (p *Phraser) queue(w *analyze.Wait, text string) string {
	switch w.Op {
	case "join":
		return fmt.Sprintf("%s of which %s not done", text, Count(w.Unfinished, "item")+Verb(w.Unfinished, " is", " are"))
	case "put":
		return "room in " + text + fmt.Sprintf(" which has %s", Count(w.Size, "item"))
	}
	if w.Size == 0 {
		return "an item of " + text + " which is empty"
	}
	return "an item of " + strings.TrimSuffix(text, ",")
}

// awaited says which tasks a task awaits, and in what.
func (p *Phraser) awaited(w *analyze.Wait) string {
	tasks := p.Targets(w)
	if tasks == "" {
		tasks = "nothing that is known"
	}
	switch w.Kind {
	case "task":
		return TaskWord(tasks)
	case "gather", "wait", "wait_for", "shield":
		return "a " + w.Kind + "() of " + tasks
	}
	return p.Name(w.Kind) + " of " + tasks
}

// Targets names the tasks that a wait is for.
func (p *Phraser) Targets(w *analyze.Wait) string {
	var names []string
	for i, t := range w.Targets {
		if i == NamesShown && len(w.Targets) > NamesShown+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(w.Targets)-i)
		}
		names = append(names, p.Task(t))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, ", ")
}

// Link says how a task of a circle waits for the next one.
func (p *Phraser) Link(w *analyze.Wait) string {
	switch {
	case w.Held && w.Object != nil:
		return "waits for " + p.Object(w.Object) + " held by"
	case w.Kind == "task":
		return "awaits"
	}
	return "waits in " + strings.TrimSuffix(p.Name(w.Kind), "()") + "() for"
}
