package launch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processesIn returns the ids of the processes that wrote to the spool, in the order of the file names, each once.
func processesIn(spool string) []int {
	names, _ := filepath.Glob(filepath.Join(spool, "*.facts"))
	var pids []int
	seen := map[int]bool{}
	for _, name := range names {
		pid, err := strconv.Atoi(strings.SplitN(filepath.Base(name), "-", 2)[0])
		if err == nil && !seen[pid] {
			seen[pid] = true
			pids = append(pids, pid)
		}
	}
	return pids
}

// grace is how long recorded processes may take to follow the command: helpers of multiprocessing end when it is gone.
const grace = 250 * time.Millisecond

// outliving returns those of pids that still run after a moment of grace, the one that was waited for excepted.
func outliving(pids []int, waited int) []int {
	for end := time.Now().Add(grace); ; time.Sleep(5 * time.Millisecond) {
		var left []int
		for _, pid := range pids {
			if pid != waited && runs(pid) {
				left = append(left, pid)
			}
		}
		if len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}

// runs reports whether there is such a process and it is not one that ended and nobody waited for.
func runs(pid int) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true // no /proc here
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return !bytes.HasPrefix(after, []byte("Z")) && !bytes.HasPrefix(after, []byte("X"))
}

func joinInts(list []int) string {
	var b strings.Builder
	for i, n := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}
