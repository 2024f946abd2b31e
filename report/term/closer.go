package term

import "github.com/looptrace/looptrace/report/internal/wording"

// closer says who closed the loop; nothing if the moment is no close.
func (p *printer) closer(m wording.Moment) {
	c := m.Close
	if c == nil {
		return
	}
	p.section()
	name := wording.Closing(c)
	if c.Implicit {
		p.heading(name, wording.Collector)
		return
	}
	p.heading(name, p.Closer(c))
	p.stack(c.Stack, 4)
}

// ender says how the process ended when that is the moment and more than its plain end is known.
func (p *printer) ender(m wording.Moment) {
	text, stack := p.Ender(m.Exit)
	if text == "" {
		return
	}
	p.section()
	p.heading("ended by", text)
	if stack != nil {
		p.stack(stack, 4)
	}
}
