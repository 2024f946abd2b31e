package wording

import "github.com/looptrace/looptrace/analyze"

// Unrecorded reports whether nothing is known of the end of a task because the recording of its process stopped.
func Unrecorded(t *analyze.Task) bool { return t.Process != nil && t.Process.LostNS != 0 }

// Outcome says how a task ended.
func (p *Phraser) Outcome(t *analyze.Task) string {
	switch t.Outcome {
	case "raised":
		if t.Exception != nil {
			text := "raised " + p.Name(t.Exception.Type)
			if t.Exception.Message != "" {
				text += ": " + p.Text(t.Exception.Message)
			}
			return text
		}
		return "raised an exception"
	case "pending", "":
		if Unrecorded(t) {
			return "was not recorded to its end"
		}
		if t.Process.Go() && !t.Process.Exit.Observed {
			return "had not ended when the recording did"
		}
		return "never ended"
	case "collected":
		return "was garbage collected before it ended"
	}
	return t.Outcome
}

// OutcomeWord is the outcome of a task in one word.
func OutcomeWord(t *analyze.Task) string {
	if t.Outcome == "" {
		return "pending"
	}
	return t.Outcome
}
