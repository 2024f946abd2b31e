package analyze

// Severity of a finding.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// RuleInfo is the metadata of a rule, which is also its documentation.
type RuleInfo struct {
	ID       string
	Severity Severity
	Title    string // a noun phrase
	Doc      string // Markdown: what it means, when it is reported, when not, how to fix it
	Causes   []CauseInfo
	Since    string // version of looptrace
	PerTask  bool   // each kind of task that a finding is about is a fault of its own: they have only the moment in common
}

// CauseInfo documents one cause of a rule.
type CauseInfo struct{ ID, Doc string }

// Finding is one fault.
type Finding struct {
	Rule        string
	Severity    Severity
	Cause       string // "" if the rule has none
	Message     string // one sentence
	At          *Frame // nil if no line of the program is to blame
	Process     *Process
	Loop        *Loop
	Close       *Close
	Deadlock    *Deadlock // the cycle that it is about; nil if it is about none
	Tasks       []*Task
	Tests       []*Test  // that made its tasks or loop; none outside tests
	Subjects    []string // what it is about when it is no task: "coro:fetch"
	Evidence    []Evidence
	Fix         Fix
	Fingerprint string
	Follows     []string  // sentences: what else was seen and comes from this
	Messages    []string  // sentences: which messages of the interpreter come from this
	Folded      []Finding // those that Follows tells of
	Asserted    bool      // a test says that it must happen: it is no fault, nor is what follows from it; not in a Result
}

// Evidence is one observed fact behind a finding.
type Evidence struct {
	Text   string
	At     *Frame
	TimeNS int64 // since the run's start; -1 if it has none
}

// Fix is what to change.
type Fix struct {
	Summary string
	Code    string
}

// Result is what renderers get: facts, findings and what is missing.
type Result struct {
	Run      *Run
	Findings []Finding     // ranked: the first is the one to act on
	Silenced []Silenced    // findings that somebody accepted; they are not in Findings
	Unused   []Suppression // suppressions that silenced nothing in this run
	Rules    []RuleInfo
	Tool     string // version of looptrace
}

// Silenced is a finding and what accepted it.
type Silenced struct {
	Finding Finding
	By      Suppression
}

// Suppression is a comment or a line of a suppression file that accepts findings.
type Suppression struct {
	File     string
	Line     int
	Comment  bool     // in the program; false: a line of a suppression file, or an entry of a baseline
	Baseline bool     // an entry of a baseline
	Rules    []string // ids; "*" in a suppression file: all
	Text     string   // the line of the suppression file without its reason; of a baseline, what the entry is about
	Reason   string
	Count    int // how many findings an entry of a baseline accepts
	Left     int // how many of them this run did not have, in Result.Unused
}
