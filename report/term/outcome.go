package term

import (
	"github.com/looptrace/looptrace/analyze"
)

// outcome says how a task ended.
func (p *printer) outcome(t *analyze.Task) string {
	switch t.Outcome {
	case "raised":
		if t.Exception != nil {
			text := "raised " + p.name(t.Exception.Type)
			if t.Exception.Message != "" {
				text += ": " + p.text(t.Exception.Message)
			}
			return text
		}
		return "raised an exception"
	case "pending", "":
		return "never ended"
	case "collected":
		return "was garbage collected before it ended"
	}
	return t.Outcome
}
