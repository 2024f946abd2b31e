// Package gantt lays the loops and tasks of a run out over time, in cells of equal length: what looptrace timeline and the
// strips of looptrace view show. It picks the stretch of time and the rows, and says of each cell what went on in it; how
// that looks is for report/term.
//
//	chart, err := gantt.Build(res, gantt.Query{})
//	chart.Fill(80) // cells per row
package gantt

import (
	"errors"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/tasklist"
)

// Query says what to lay out; the zero value is what went on around the close that the result is about.
type Query struct {
	At      tasklist.When   // the moment to look at; none: the close, else the end
	FromNS  int64           // first moment, ns since the run's start; 0: chosen
	ToNS    int64           // last moment; 0: chosen
	All     bool            // the whole run; FromNS and ToNS still cut it
	Tasks   []*analyze.Task // only these; nil: all
	MaxRows int             // rows of tasks at most; 0: all
}

// ErrEmpty says that no time passes between the two ends that were asked for.
var ErrEmpty = errors.New("nothing is between these two moments")

// Chart is the answer to a Query.
type Chart struct {
	FromNS, ToNS int64
	Moment       Moment
	Closes       []*analyze.Close // of the lanes and in the window, in order of time; those that did nothing are left out
	Lanes        []*Lane
	Tasks        int   // of the window, shown or not
	Hidden       int   // tasks of it that no row shows
	HiddenLoops  int   // loops of it that no lane shows
	Known        int   // known goroutines of it, which are in no row: see analyze.Task.Known
	LostNS       int64 // steps that began before are missing, because there were too many; 0: none is
	Cells        int   // per row, once Fill was called

	run   *analyze.Run
	index []int32 // by task id: place of its row in rows plus 1
	rows  []*Row
}

// Moment is what a chart is about.
type Moment struct {
	TimeNS int64
	Words  string         // "close() was refused"
	Close  *analyze.Close // nil: not a close
	Exact  bool           // what was live was seen then; false: it is told from births and ends
	Live   map[*analyze.Task]*analyze.Live
}

// Lane is a loop with its tasks.
type Lane struct {
	Process *analyze.Process // nil if it is not known
	Loop    *analyze.Loop    // nil: of tasks whose loop is not known
	Cells   []Cell
	Rows    []*Row
}

// Row is one task, or the tasks of one site that have no row of their own.
type Row struct {
	Task  *analyze.Task // of several: the first
	Count int           // of tasks
	Rest  bool          // others of its place have rows of their own
	Live  bool          // at the chart's moment
	Cells []Cell
}

// Cell is what went on in one piece of time.
type Cell struct {
	Busy  float32 // share of the time that steps took, 0 to 1
	State State
	Mark  Mark
}

// State of a loop or task in a cell; the later ones win.
type State uint8

// The states.
const (
	Away       State = iota // not born, ended, not running
	Unknown                 // not observed
	NotStarted              // spawned, no step taken
	Waiting                 // suspended; of a loop: running
	Shutdown                // of a loop: it cancels what is left
)

// Mark is something that happened in a cell; the later ones win.
type Mark uint8

// The marks.
const (
	None Mark = iota
	Spawned
	Closed
	Cancel // asked for
	Returned
	Cancelled
	Raised
)
