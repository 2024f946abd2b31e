package jsonreport

// The types are the contract, field by field. What may be unknown is a pointer, so that it becomes null.

type report struct {
	Schema    string        `json:"schema"`
	Run       run           `json:"run"`
	Processes []process     `json:"processes"`
	Loops     []loop        `json:"loops"`
	Closes    []closing     `json:"closes"`
	Tasks     []task        `json:"tasks"`
	Findings  []finding     `json:"findings"`
	Health    health        `json:"health"`
	Silenced  []silenced    `json:"silenced"`
	Unused    []suppression `json:"unused_suppressions"`
	Tests     []test        `json:"tests,omitempty"`
	Sites     []spawnSite   `json:"sites"`
}

type run struct {
	Command    []string `json:"command"`
	ExitCode   *int     `json:"exit_code"`
	Signal     *int     `json:"signal"`
	StartedAt  *string  `json:"started_at"`
	DurationNS int64    `json:"duration_ns"`
}

type process struct {
	ID       int      `json:"id"`
	PID      int      `json:"pid"`
	Parent   *int     `json:"parent"`
	Role     string   `json:"role"`
	Runtime  string   `json:"runtime"`
	Recorder string   `json:"recorder"`
	Argv     []string `json:"argv"`
	Exit     exit     `json:"exit"`
	Cwd      string   `json:"cwd"`
	Forked   bool     `json:"forked"`

	Snapshots []snapshot `json:"snapshots,omitempty"`
}

// snapshot is what was live at a moment that was asked for as the trace was read.
type snapshot struct {
	TimeNS int64  `json:"time_ns"`
	Why    string `json:"why"`
	Live   []live `json:"live"`
}

type exit struct {
	Code     *int   `json:"code"`
	Signal   *int   `json:"signal"`
	Observed bool   `json:"observed"`
	Live     []live `json:"live"`
}

type loop struct {
	ID        int     `json:"id"`
	Process   int     `json:"process"`
	Class     string  `json:"class"`
	Thread    *string `json:"thread"`
	CreatedAt *frame  `json:"created_at"`
	Runs      []span  `json:"runs"`
	Test      *int    `json:"test,omitempty"`
	Fixture   string  `json:"fixture,omitempty"`
}

// span is one run of a loop.
type span struct {
	API        string  `json:"api"`
	Thread     *string `json:"thread"`
	BegunNS    int64   `json:"begun_ns"`
	EndedNS    *int64  `json:"ended_ns"`
	Site       *frame  `json:"site"`
	Task       *int    `json:"task"`
	TargetDone bool    `json:"target_done"`
	Stopped    bool    `json:"stopped"`
	Exception  *string `json:"exception"`
}

type closing struct {
	Loop     *int    `json:"loop"`
	Process  int     `json:"process"`
	TimeNS   int64   `json:"time_ns"`
	Outcome  *string `json:"outcome"`
	Implicit bool    `json:"implicit"`
	Thread   *string `json:"thread"`
	Task     *int    `json:"task"`
	Signal   *int    `json:"signal"`
	Site     *frame  `json:"site"`
	Stack    []frame `json:"stack"`
	Live     []live  `json:"live"`
	Function string  `json:"function,omitempty"` // of a close that was seen on a stack: which one
}

type task struct {
	ID            int        `json:"id"`
	Process       int        `json:"process"`
	Loop          *int       `json:"loop"`
	Name          string     `json:"name"`
	Coro          string     `json:"coro"`
	Parent        *int       `json:"parent"`
	CreatedAt     *frame     `json:"created_at"`
	CreatedVia    *string    `json:"created_via"`
	CreationStack []frame    `json:"creation_stack"`
	CreatedNS     int64      `json:"created_ns"`
	EndedNS       *int64     `json:"ended_ns"`
	Steps         int        `json:"steps"`
	BusyNS        int64      `json:"busy_ns"`
	Outcome       string     `json:"outcome"`
	Exception     *exception `json:"exception"`
	Cancels       []cancel   `json:"cancels"`
	Test          *int       `json:"test,omitempty"`
	Fixture       string     `json:"fixture,omitempty"`
}

// spawnSite is the tasks of one place, those that are not in tasks included.
type spawnSite struct {
	Process   *int    `json:"process"`
	Coro      string  `json:"coro"`
	Site      *frame  `json:"site"`
	Via       *string `json:"via"`
	Spawned   int     `json:"spawned"`
	Returned  int     `json:"returned"`
	Raised    int     `json:"raised"`
	Cancelled int     `json:"cancelled"`
	BusyNS    int64   `json:"busy_ns"`
}

type exception struct {
	Type    string `json:"type"`
	Message string `json:"message,omitempty"`
}

type cancel struct {
	TimeNS int64   `json:"time_ns"`
	ByTask *int    `json:"by_task"`
	Site   *frame  `json:"site"`
	Stack  []frame `json:"stack"`
}

type finding struct {
	Rule        string     `json:"rule"`
	Severity    string     `json:"severity"`
	Cause       *string    `json:"cause"`
	Message     string     `json:"message"`
	Site        *frame     `json:"site"`
	Process     *int       `json:"process"`
	Loop        *int       `json:"loop"`
	Close       *int       `json:"close"`
	Tasks       []int      `json:"tasks"`
	Subjects    []string   `json:"subjects"`
	Evidence    []evidence `json:"evidence"`
	Fix         fix        `json:"fix"`
	Fingerprint string     `json:"fingerprint"`
	Tests       []int      `json:"tests,omitempty"`
}

// test is there only where a test runner ran, like every field about it.
type test struct {
	ID       int     `json:"id"`
	Process  int     `json:"process"`
	Runner   string  `json:"runner"`
	Name     string  `json:"name"`
	File     *string `json:"file"`
	Line     *int    `json:"line"`
	Class    *string `json:"class"`
	Function string  `json:"function"`
	BegunNS  int64   `json:"begun_ns"`
	EndedNS  *int64  `json:"ended_ns"`
	Task     *int    `json:"task,omitempty"` // Go: the goroutine that runs it
}

type evidence struct {
	Text   string `json:"text"`
	Site   *frame `json:"site"`
	TimeNS *int64 `json:"time_ns"`
}

type fix struct {
	Summary string `json:"summary"`
	Code    string `json:"code"`
}

type health struct {
	Complete  bool     `json:"complete"`
	Events    uint64   `json:"events"`
	Dropped   uint64   `json:"dropped"`
	Truncated bool     `json:"truncated"`
	Notes     []string `json:"notes"`
}

type live struct {
	Task     int     `json:"task"`
	State    string  `json:"state"`
	Site     *frame  `json:"site"`
	Awaiting []frame `json:"awaiting"`
	On       on      `json:"on"`

	SinceNS    *int64 `json:"since_ns"`              // null: not suspended, or not known
	SinceLeast bool   `json:"since_least,omitempty"` // it may have been longer
}

type on struct {
	Kind string `json:"kind"`
	Task *int   `json:"task"`
}

type frame struct {
	File     string  `json:"file"`
	Line     int     `json:"line"`
	Function string  `json:"function"`
	Text     *string `json:"text"`
	User     bool    `json:"user"`
	Qualname string  `json:"qualname,omitempty"` // where it is not the function's name
}

type silenced struct {
	Finding finding     `json:"finding"`
	By      suppression `json:"by"`
}

type suppression struct {
	Kind   string   `json:"kind"`
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Rules  []string `json:"rules"`
	Reason string   `json:"reason"`
}
