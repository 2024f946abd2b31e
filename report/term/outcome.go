package term

import (
	"github.com/looptrace/looptrace/analyze"
)

// unrecorded reports whether nothing is known of the end of a task because the recording of its process stopped.
func unrecorded(t *analyze.Task) bool { return t.Process != nil && t.Process.LostNS != 0 }

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
		if unrecorded(t) {
			return "was not recorded to its end"
		}
		return "never ended"
	case "collected":
		return "was garbage collected before it ended"
	}
	return t.Outcome
}
