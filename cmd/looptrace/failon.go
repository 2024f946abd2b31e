package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/spf13/cobra"
)

const failOnNone = "none"

// failOn is the value of --fail-on: which findings make the exit status. It is a list of words: a severity counts the
// findings from it up, a rule counts its findings whatever their severity, and a rule with a minus before it does not count.
// A minus, because a shell would take an exclamation mark for its history.
type failOn struct {
	lists   []string // one for each time that the flag was given
	changed bool     // the lists are no longer the default

	severity      string // the least severe that counts, or none
	rules, except []string
}

// bindFailOn adds --fail-on. effect says what the findings do.
func bindFailOn(cmd *cobra.Command, f *failOn, preset, effect string) {
	f.lists = []string{preset}
	cmd.Flags().Var(f, "fail-on", "which findings "+effect+": a `list` of a severity\n(error, warning, note: from it up; none), RULEs, and -RULEs, which never do")
	must(cmd.RegisterFlagCompletionFunc("fail-on", completeFailOn))
}

// String returns the words as one list.
func (f *failOn) String() string { return strings.Join(f.lists, ",") }

// Type names the value in the help.
func (f *failOn) Type() string { return "list" }

// Set adds a list; the first one takes the place of the default. What is wrong with it is for check to say.
func (f *failOn) Set(list string) error {
	if !f.changed {
		f.lists, f.changed = nil, true
	}
	f.lists = append(f.lists, list)
	return nil
}

// Append, Replace and GetSlice make it a list for those who set flags by their kind.
func (f *failOn) Append(list string) error { return f.Set(list) }

// Replace takes lists instead of all others.
func (f *failOn) Replace(lists []string) error {
	f.lists, f.changed = slices.Clone(lists), true
	return nil
}

// GetSlice returns the lists.
func (f *failOn) GetSlice() []string { return f.lists }

// failOnSeverities are the words that stand for severities, the least inclusive first.
func failOnSeverities() []string {
	return []string{failOnNone, string(analyze.Error), string(analyze.Warning), string(analyze.Note)}
}

// check understands the lists, and refuses words that mean nothing and lists that contradict themselves. Of several lists
// with a severity the last one counts, as with any flag; rules add up, and an exception holds whatever is said elsewhere.
func (f *failOn) check() error {
	f.severity, f.rules, f.except = "", nil, nil
	known := ruleIDs()
	for _, list := range f.lists {
		if err := f.understand(list, known); err != nil {
			return err
		}
	}
	for _, id := range f.except {
		if slices.Contains(f.rules, id) {
			return usageError(fmt.Errorf("--fail-on has both %s and -%s", id, id), "name it once")
		}
	}
	if f.severity == "" {
		f.severity = failOnNone
		if len(f.rules) == 0 {
			f.severity = string(analyze.Error) // exceptions alone are exceptions from something
		}
	}
	return nil
}

func (f *failOn) understand(list string, known []string) error {
	words := strings.Split(list, ",")
	rank := -1
	for _, word := range words {
		word = strings.TrimSpace(word)
		id, excepted := strings.CutPrefix(word, "-")
		switch s := slices.Index(failOnSeverities(), word); {
		case s == 0 && len(words) > 1:
			return usageError(errors.New("--fail-on has none beside something else"), "rules alone count nothing else: --fail-on deadlock,wrong-loop")
		case s >= 0:
			rank = max(rank, s)
		case !slices.Contains(known, id):
			return unknownFailOn(word, known)
		case excepted:
			f.except = append(f.except, id)
		default:
			f.rules = append(f.rules, id)
		}
	}
	switch {
	case rank == 0:
		f.severity, f.rules, f.except = failOnNone, nil, nil
	case rank > 0:
		f.severity = failOnSeverities()[rank]
	}
	return nil
}

func unknownFailOn(word string, known []string) error {
	err := fmt.Errorf("no such --fail-on: %q", word)
	hint := "--fail-on takes error, warning, note, none, rules and -RULE; looptrace explain lists the rules"
	bare := strings.TrimLeft(word, "-!^~")
	switch near := nearest(bare, append(failOnSeverities(), known...)); {
	case word == "":
		err = errors.New("--fail-on has an empty word")
	case slices.Contains(failOnSeverities(), bare):
		hint = "only rules can be excepted: --fail-on error,-loop-blocked"
	case slices.Contains(known, bare):
		hint = "to except a rule: -" + bare
	case near != "" && bare != word && slices.Contains(known, near):
		hint = "did you mean -" + near + "?"
	case near != "":
		hint = "did you mean " + near + "?"
	}
	return usageError(err, hint)
}

// off reports whether no finding can count.
func (f *failOn) off() bool { return f.severity == failOnNone && len(f.rules) == 0 }

// counts reports whether a finding of a rule and severity counts.
func (f *failOn) counts(id string, s analyze.Severity) bool {
	switch {
	case slices.Contains(f.except, id):
		return false
	case slices.Contains(f.rules, id):
		return true
	}
	rank := slices.Index(failOnSeverities(), string(s))
	return rank > 0 && rank <= slices.Index(failOnSeverities(), f.severity)
}

// red reports whether a report that knows passing and failing shows a finding as a failure: those that count, and errors unless
// they are excepted, since whoever asked for no exit status still wants to see them.
func (f *failOn) red(id string, s analyze.Severity) bool {
	return f.counts(id, s) || s == analyze.Error && !slices.Contains(f.except, id)
}

// failing reports whether a result has findings that count. Those that somebody accepted never do.
func (f *failOn) failing(res *analyze.Result) bool {
	return slices.ContainsFunc(res.Findings, func(g analyze.Finding) bool { return f.counts(g.Rule, g.Severity) })
}

func ruleIDs() []string {
	var ids []string
	for _, r := range rule.All() {
		ids = append(ids, r.ID)
	}
	return ids
}

// completeFailOn completes the last word of the list.
func completeFailOn(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before, last := "", typed
	if i := strings.LastIndexByte(typed, ','); i >= 0 {
		before, last = typed[:i+1], typed[i+1:]
	}
	var out []string
	add := func(word, says string) {
		if strings.HasPrefix(word, last) {
			out = append(out, before+word+"\t"+says)
		}
	}
	if before == "" {
		for i, says := range []string{"nothing counts", "errors", "errors and warnings", "all findings"} {
			add(failOnSeverities()[i], says)
		}
	}
	for _, r := range rule.All() {
		add(r.ID, r.Title)
		if strings.HasPrefix(last, "-") {
			add("-"+r.ID, "not: "+r.Title)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// farWord is how long a word may be to be looked at for a suggestion: none of ours is that long.
const farWord = 64

// nearest returns the word that a misspelt one was probably meant to be, "" if none is near.
func nearest(word string, words []string) string {
	if len(word) > farWord {
		return ""
	}
	best, least := "", len(word)/3+2
	for _, w := range words {
		if d := distance(word, w); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance returns how many letters must be put in, taken out or exchanged to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
