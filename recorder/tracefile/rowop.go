package tracefile

import (
	"strconv"
	"strings"
)

// A row is an event in an event frame. Its first byte has one of these in the low four bits and in the high four the class
// of the time since the row before, see spans. Then comes what the op needs, as varints.
const (
	opStepNext    = iota // task after that of the last step or end
	opStepSame           // the same again
	opStepAfter          // the one that followed that task before
	opStep               // signed difference to that task
	opCallback           //
	opWaitBegun          // loop of the thread
	opWaitEnded          //
	opSpawnSame          // next new task, at the site of the last one
	opSpawn              // next new task; signed difference of the site
	opEndSame            // task of the last step returned; its name is as far from its id as before
	opEnd                // flags; then what they say
	opWaiting            // signed differences of task and chain
	opCancel             // signed difference of the task; stack
	opContext            // no event: sets what is in the flags
	opEndNumbered        // as opEndSame; signed difference of that distance follows
	opRare               // any event, see rowEncoder.rare
)

// Flags of opContext, in its high bits: what follows.
const (
	contextThread = 1 << iota
	contextLoop   // of the thread
	contextBorn   // task before the next new one
	contextTime   // signed amount by which time goes on
)

// Flags of opEnd.
const (
	endOutcome = 3      // 0: a varint follows
	endTask    = 1 << 2 // signed difference of the task follows
	endName    = 3 << 3 // shifted:
	nameNone   = 0 << 3
	nameSame   = 1 << 3 // as far from the id of the task as before
	nameOther  = 2 << 3 // signed difference of that distance follows
	nameText   = 3 << 3 // a string follows
)

// Flags of opRare: which fields follow.
const (
	rareTask = 1 << iota
	rareLoop
	rareSite
	rareStack
	rareChain
	rareNumber
	rareName
	rareAttrs
)

// span is a class of times between two rows: they begin at base and are told apart by the size bytes that follow.
type span struct {
	base uint32
	size uint8
	mask uint32 // of these bytes in a word
}

// spans are shared out by what loops do: steps take a few microseconds, waits some hundred.
var spans = func() (s [16]span) {
	base := uint32(0)
	for i := range s {
		switch {
		case i == 0:
			s[i] = span{0, 0, 0}
			base = 1
		case i <= 10:
			s[i] = span{base, 1, 1<<8 - 1}
			base += 1 << 8
		case i <= 13:
			s[i] = span{base, 2, 1<<16 - 1}
			base += 1 << 16
		case i == 14:
			s[i] = span{base, 3, 1<<24 - 1}
		default:
			s[i] = span{0, 4, 1<<32 - 1}
		}
	}
	return s
}()

// longSpan is the least time between two rows that is in no class.
const longSpan = 1 << 32

const (
	successors   = 1 << 10
	contextLoops = 32
)

// rowState is what encoder and decoder both know at a row. It begins anew with each frame.
type rowState struct {
	time   int64
	thread ThreadID
	task   TaskID // of the last step or end
	born   TaskID // the last one spawned
	site   SiteID
	chain  ChainID
	offset uint64               // N of the last name Task-N minus its task
	loops  [contextLoops]LoopID // by thread
	after  [successors]TaskID   // the task whose step followed
	name   string               // of the last task that was spawned with one
	lanes  bool                 // the ops are those of rowlanes.go
}

func (s *rowState) loop() *LoopID { return &s.loops[min(s.thread, contextLoops-1)] }

// stepped notes a step.
func (s *rowState) stepped(t TaskID) {
	s.after[s.task%successors] = t
	s.task = t
}

const numberedPrefix = "Task-"

// numberedName reports the number of a name like Task-12.
func numberedName(name string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, numberedPrefix)
	if !ok || digits == "" || digits[0] == '0' && digits != "0" || digits[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

func zigzag(v int64) uint64   { return uint64(v)<<1 ^ uint64(v>>63) }
func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
