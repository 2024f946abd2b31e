package sample

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// sched is what the system says of a thread.
type sched struct {
	state        string // one letter
	ran, waited  int64  // ns on a CPU and waiting for one; -1 where the system does not count
	startedTicks uint64 // when the thread began: it tells a thread from one that has its number later
}

func schedOf(pid, tid int) (sched, bool) {
	s := sched{ran: -1, waited: -1}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/stat", pid, tid))
	if err != nil {
		return s, false
	}
	// The second field is the name, in parentheses, with anything in it.
	i := bytes.LastIndexByte(stat, ')')
	fields := bytes.Fields(stat[i+1:])
	if i < 0 || len(fields) < 20 {
		return s, false
	}
	s.state = string(fields[0])
	s.startedTicks, _ = strconv.ParseUint(string(fields[19]), 10, 64)
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/schedstat", pid, tid)); err == nil {
		if f := bytes.Fields(text); len(f) >= 2 {
			ran, err1 := strconv.ParseInt(string(f[0]), 10, 64)
			waited, err2 := strconv.ParseInt(string(f[1]), 10, 64)
			if err1 == nil && err2 == nil && ran+waited > 0 { // else it does not count
				s.ran, s.waited = ran, waited
			}
		}
	}
	return s, true
}

// waitsBriefly reports whether a thread is in a futex call with a time limit, as those are that wait for the interpreter
// lock.
func waitsBriefly(pid, tid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/syscall", pid, tid))
	f := bytes.Fields(text) // number, then six arguments, of which the fourth is the limit
	return err == nil && len(f) > 4 && string(f[0]) == strconv.Itoa(unix.SYS_FUTEX) && string(f[4]) != "0x0"
}
