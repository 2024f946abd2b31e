package term

import (
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// closer says who closed the loop; nothing if the moment is no close.
func (p *printer) closer(m moment) {
	c := m.close
	if c == nil {
		return
	}
	p.section()
	name := "closed by"
	if c.Outcome != "closed" {
		name = "close() called by"
	}
	if c.Implicit {
		p.heading(name, "the garbage collector (the loop's __del__), not by a call of the program")
		return
	}
	p.heading(name, p.closerWords(c))
	p.stack(c.Stack, 4)
}

func (p *printer) closerWords(c *analyze.Close) string {
	text := p.caller(c.At, c.Thread, c.Task, c.Signal)
	if c.Running && c.RunningThread != "" && c.RunningThread != c.Thread {
		text += ", while the loop ran in thread " + p.name(c.RunningThread)
	}
	if c.OtherProcess {
		text += ", in a forked child: the loop belongs to its parent process"
	}
	if h := c.Handling; h != nil {
		text += ", while handling " + p.name(h.Type)
		if h.At != nil {
			text += " from " + p.place(h.At)
		}
	}
	return text
}

// caller says who made a call: the function, the task and the thread.
func (p *printer) caller(at *analyze.Frame, thread string, task *analyze.Task, signal int) string {
	var words []string
	switch {
	case at == nil:
		words = append(words, "the library")
	case at.Function == "<module>":
		words = append(words, "module level of "+p.path(at.File))
	case strings.HasPrefix(at.Function, "<") || at.Function == "":
		words = append(words, p.place(at))
	default:
		words = append(words, p.name(at.Function)+"()")
	}
	switch {
	case task != nil:
		words = append(words, "in "+taskWord(p.task(task)))
	case signal != 0:
		words = append(words, "as the handler of "+signalName(signal))
	default:
		words = append(words, "outside any task")
	}
	if thread != "" {
		words = append(words, "thread "+p.name(thread))
	}
	return strings.Join(words, ", ")
}

// ender says how the process ended when that is the moment and more than its plain end is known.
func (p *printer) ender(m moment) {
	e := m.exit
	if e == nil || e.Reason != "os._exit" && e.Reason != "exec" && e.Signal == 0 && e.Uncaught == "" {
		return
	}
	p.section()
	switch {
	case e.Reason == "os._exit" || e.Reason == "exec":
		p.heading("ended by", e.Reason+"() of "+p.caller(userFrame(e.Stack), e.Thread, e.Task, 0))
		p.stack(e.Stack, 4)
	case e.Signal != 0:
		p.heading("ended by", signalName(e.Signal))
	case e.Uncaught != "":
		text := "uncaught " + p.name(e.Uncaught)
		if e.UncaughtText != "" {
			text += ": " + p.text(e.UncaughtText)
		}
		p.heading("ended by", text)
		p.stack(e.UncaughtStack, 4)
	}
}

// userFrame returns the innermost frame of the program, nil if there is none.
func userFrame(frames []analyze.Frame) *analyze.Frame {
	for i := range frames {
		if frames[i].User {
			return &frames[i]
		}
	}
	return nil
}
