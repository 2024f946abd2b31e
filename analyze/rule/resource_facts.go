package rule

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// slowNS is how long an end may take before it is worth a word.
const slowNS = 500_000_000

// goneAt returns when a process was gone, as far as that is known.
func goneAt(run *analyze.Run, p *analyze.Process) int64 {
	if p.Main && run.Info.Ended {
		return max(p.Exit.TimeNS, run.Info.DurationNS)
	}
	return p.Exit.TimeNS
}

// bySite groups resources by the line that opened them, and the test, in the order of their opening.
func bySite(left []*analyze.Resource) [][]*analyze.Resource {
	var groups [][]*analyze.Resource
	for _, r := range left {
		i := slices.IndexFunc(groups, func(g []*analyze.Resource) bool {
			a, b := g[0].At, r.At
			if openedIn(g[0]) != openedIn(r) {
				return false
			}
			return a == nil && b == nil || a != nil && b != nil && compareFrames(a, b) == 0
		})
		if i < 0 {
			groups = append(groups, []*analyze.Resource{r})
		} else {
			groups[i] = append(groups[i], r)
		}
	}
	return groups
}

// leftAt returns, per explicit close that closed a loop, what of one kind was left then.
func leftAt(p *analyze.Process, kind string) map[*analyze.Close][]*analyze.Resource {
	found := map[*analyze.Close][]*analyze.Resource{}
	for _, r := range p.Resources {
		if c := r.Close; r.Kind == kind && c != nil && c.Outcome == "closed" && !c.Implicit && !c.OtherProcess {
			found[c] = append(found[c], r)
		}
	}
	return found
}

// inOrder returns the closes of a map in the order of time.
func inOrder(found map[*analyze.Close][]*analyze.Resource) []*analyze.Close {
	var closes []*analyze.Close
	for c := range found {
		closes = append(closes, c)
	}
	slices.SortFunc(closes, func(a, b *analyze.Close) int { return cmp.Compare(a.Index, b.Index) })
	return closes
}

// owners returns the tasks that opened things, each once.
func owners(left []*analyze.Resource) []*analyze.Task {
	var tasks []*analyze.Task
	for _, r := range left {
		if r.Owner != nil && !slices.Contains(tasks, r.Owner) {
			tasks = append(tasks, r.Owner)
		}
	}
	return tasks
}

// jobNames returns "hash_file() and 2 more" for what jobs call.
func jobNames(jobs []*analyze.Resource) string {
	var names []string
	for _, j := range jobs {
		if name := callName(j.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > namesShown {
		return strings.Join(names[:namesShown], ", ") + fmt.Sprintf(" and %d more", len(names)-namesShown)
	}
	return listed(names)
}

func callName(qualname string) string {
	if qualname == "" {
		return "a function"
	}
	return strings.ReplaceAll(qualname, "<locals>.", "") + "()"
}

// closerOf says what closed a loop: "asyncio.run() at app.py:9", "app.py:9".
func closerOf(c *analyze.Close) string {
	for i := range c.Stack {
		if f := c.Stack[i]; inModule(f, "asyncio/runners.py") && f.Function == "run" && c.At != nil && strings.Contains(c.At.Text, "run(") {
			return "asyncio.run() at " + place(c.Process, c.At)
		}
		if c.Stack[i].User {
			break
		}
	}
	if c.At == nil && len(c.Stack) > 0 {
		return "a library"
	}
	return place(c.Process, c.At)
}

// addThreads tells where the threads of jobs are.
func (e *evidence) addThreads(jobs []*analyze.Resource) {
	for i, j := range jobs {
		if i == namesShown {
			e.add(-1, nil, "%s more", count(len(jobs)-i, "job"))
			return
		}
		switch {
		case j.ThreadAt != nil:
			e.add(j.TimeNS, j.ThreadAt, "thread %s is here, in %s, %s after the job was submitted", j.Thread, callName(j.Name), seconds(j.AgeNS))
		case j.State == "running" && j.Thread != "":
			e.add(j.TimeNS, nil, "thread %s is in %s, %s after the job was submitted", j.Thread, callName(j.Name), seconds(j.AgeNS))
		case j.State == "queued":
			e.add(j.TimeNS, nil, "%s is still in the queue of its executor, %s after it was submitted", callName(j.Name), seconds(j.AgeNS))
		case j.State == "finished":
			e.add(j.TimeNS, nil, "%s has returned, but the loop has not run since to hand over its result", callName(j.Name))
		default:
			e.add(j.TimeNS, nil, "%s runs since %s", callName(j.Name), seconds(j.AgeNS))
		}
	}
}

var givenPool = regexp.MustCompile(`\brun_in_executor\(\s*(` + receiver + `)\s*,`)

// ownPool returns the executor that a line gives a job to, as the program calls it. "" for the loop's default executor.
func ownPool(at *analyze.Frame) string {
	if m := givenPool.FindStringSubmatch(textOf(at)); m != nil && m[1] != "None" {
		return m[1]
	}
	return ""
}

// awaitJob returns the code that ends the jobs of an executor before the loop is closed, and what it does in words.
func awaitJob(p *analyze.Process, at *analyze.Frame, what, loop string) (code, waits string) {
	if pool := ownPool(at); pool != "" {
		return lines("await "+what+"  # before the main coroutine returns", pool+".shutdown()", loop+".close()"), ""
	}
	if !since(p, 9) {
		return "await " + what + "  # before the main coroutine returns", ""
	}
	return lines("await "+what+"  # before the main coroutine returns", loop+".run_until_complete("+loop+".shutdown_default_executor())", loop+".close()"), "; shutdown_default_executor() waits for the thread"
}

func sameClose(root, symptom *analyze.Finding) bool {
	return root.Close != nil && root.Close == symptom.Close
}

// lateResult holds for the use of a closed loop by a thread of an executor that hands over a result.
func lateResult(root, symptom *analyze.Finding) bool {
	return sameLoop(root, symptom) && symptom.At == nil && root.Close != nil && timeOf(symptom) >= root.Close.TimeNS
}

// openedByTask holds for a connection that a task left open because it was dropped.
func openedByTask(root, symptom *analyze.Finding) bool {
	return sameLoop(root, symptom) && len(symptom.Tasks) > 0 && within(symptom.Tasks, root.Tasks)
}

func byExecutor(root, symptom *analyze.Finding) bool {
	return sameProcess(root, symptom) && symptom.Cause == causeThreads
}
