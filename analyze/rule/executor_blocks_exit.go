package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func executorBlocksExit() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "executor-blocks-exit", Severity: analyze.Warning, Since: "0.1",
			Title: "program that cannot end before a job in a thread does",
			Doc: `The program was done, but a job that it had given to an executor was not, and whoever ends the executor waits for its
threads: asyncio.run() (3.9 and later), the interpreter at exit, or the shutdown() of the executor. A thread cannot be
cancelled: a timeout of wait_for() ends the await, not the call.

**Reported** when the wait took more than half a second or the process did not survive it: at the line that submitted the
job. Where the program itself shuts the executor down (with, shutdown()), only for jobs that it had given up before.

**Not reported**: jobs that end soon; jobs that the program awaits.

**Fix**: give the blocking call a time limit of its own, or tell the thread to stop before the main coroutine returns; for
work that may be cut off, use a daemon thread or a process.

**Known**: 3.8 waits at exit, 3.9 and later inside asyncio.run(), from 3.12 on for 300 seconds at most (3.12.1 for ever).`,
		},
		Check: checkBlocksExit,
	}
}

func checkBlocksExit(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, j := range p.Joins {
			var slow []*analyze.Resource
			for _, job := range j.Jobs {
				if blocks(run, j, job) {
					slow = append(slow, job)
				}
			}
			for _, group := range bySite(slow) {
				report(blocksExit(run, j, group))
			}
		}
	}
}

// blocks reports whether a job kept its join waiting, against what the program wanted.
func blocks(run *analyze.Run, j *analyze.Join, job *analyze.Resource) bool {
	return (j.Where != "shutdown" || !job.Wanted) && jobEnd(run, j, job)-j.BeginNS > slowNS
}

// jobEnd returns when a job ended, or when it was no longer waited for.
func jobEnd(run *analyze.Run, j *analyze.Join, job *analyze.Resource) int64 {
	switch {
	case job.EndedNS > j.BeginNS:
		return job.EndedNS
	case j.EndNS != 0:
		return j.EndNS
	}
	return goneAt(run, j.Process)
}

func blocksExit(run *analyze.Run, j *analyze.Join, jobs []*analyze.Resource) analyze.Finding {
	p := j.Process
	at := jobs[0].At
	f := analyze.Finding{At: at, Process: p, Loop: jobs[0].Loop, Tasks: owners(jobs), Tests: testsOpening(jobs)}
	var end int64
	for _, job := range jobs {
		end = max(end, jobEnd(run, j, job))
	}
	who := map[string]string{"run": "asyncio.run()", "exit": "the interpreter"}[j.Where]
	if who == "" {
		who = "the shutdown of the executor at " + place(p, j.At)
	}
	did := "waited " + seconds(end-j.BeginNS)
	if j.EndNS == 0 && jobs[0].EndedNS == 0 {
		did = "was still waiting after " + seconds(end-j.BeginNS)
	}
	f.Message = fmt.Sprintf("%s %s for %s, given to an executor at %s%s", who, did, jobNames(jobs), place(p, at), givenUp(jobs))
	var e evidence
	e.add(j.BeginNS, j.At, "%s begins to wait for the threads of the executor", who)
	e.addThreads(jobs)
	if j.EndNS != 0 {
		e.add(j.EndNS, nil, "the wait is over after %s", seconds(j.EndNS-j.BeginNS))
	}
	f.Evidence = e
	f.Fix = analyze.Fix{
		Summary: fmt.Sprintf("a thread cannot be cancelled: give the blocking call%s a time limit of its own, or run it in a daemon thread or a process", blockingCall(p, jobs)),
		Code:    lines("threading.Thread(target="+orDots(lastName(jobs[0].Name))+", daemon=True).start()  # does not hold up the exit", "# or pass a timeout to the call that blocks"),
	}
	return f
}

// givenUp says that the program no longer waited for the jobs.
func givenUp(jobs []*analyze.Resource) string {
	for _, j := range jobs {
		if j.Wanted {
			return ""
		}
	}
	return "; the await was cancelled or timed out, the thread was not"
}

func blockingCall(p *analyze.Process, jobs []*analyze.Resource) string {
	for _, j := range jobs {
		if j.ThreadAt != nil {
			return " at " + place(p, j.ThreadAt)
		}
	}
	return ""
}
