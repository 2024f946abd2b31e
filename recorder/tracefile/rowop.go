package tracefile

import (
	"strconv"
	"strings"
)

// A row is an event in an event frame: a byte whose low four bits are one of these and whose high four bits are the low
// ones of the time since the row before, then the rest of that time as a varint, then what the op needs.
const (
	opStepNext  = iota // task after that of the last step or end
	opStepSame         // the same again
	opStepAfter        // the one that followed that task before
	opStep             // signed difference to that task
	opCallback         //
	opWaitBegun        // loop of the thread
	opWaitEnded        //
	opSpawnSame        // next new task, at the site of the last one
	opSpawn            // next new task; signed difference of the site
	opEndSame          // task of the last step returned; its name is as far from its id as before
	opEnd              // flags; then what they say
	opWaiting          // no time, unless the high bits are 1; signed differences of task and chain
	opCancel           // signed difference of the task; stack
	opContext          // no event. 1<<4: thread follows; 2<<4: loop of the thread follows
	opBackwards        // no event: time steps back
	opRare             // any event, see rowEncoder.rare
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
