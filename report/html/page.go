package html

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// findingsShown bounds the findings that the page tells of; the JSON report has all.
const findingsShown = 200

// page is what the template shows.
type page struct {
	Policy    string
	Styles    template.CSS
	Title     string
	Verdict   verdict
	Facts     []fact
	Findings  []*findingView
	More      string
	Tests     *testsView
	Accepted  []string
	Unused    []string
	Timeline  timelineView
	Tree      *picture
	Waits     *picture
	Missing   string
	Notes     []string
	Processes []processRow
	Tool      string
}

// verdict is the one sentence that the run comes down to.
type verdict struct {
	Severity string // "ok" if nothing is wrong
	Rule     string
	Text     string
	Counts   []count
}

type count struct{ Severity, Text string }

// fact is a labelled value.
type fact struct{ Label, Value, Class string }

type timelineView struct {
	Summary string
	Noun    string   // what a row is: "task", "goroutine"
	Left    []string // what is left out
}

type processRow struct{ PID, Name, Runtime, Recorder, Start, End string }

// builder makes the parts of a page.
type builder struct {
	wording.Phraser
	res *analyze.Result
	run *analyze.Run
}

func writePage(w io.Writer, res *analyze.Result, m *meta, app string) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	b := &builder{res: res, run: res.Run}
	b.About(b.run, nil)
	return t.Execute(w, b.page(m, app))
}

func (b *builder) page(m *meta, app string) *page {
	p := &page{
		Policy: policy(app), Styles: styles(), Title: b.title(), Verdict: b.verdict(), Facts: b.facts(),
		Timeline: b.timeline(m), Missing: wording.Missing(&b.run.Health), Tool: b.Clean(b.res.Tool),
	}
	for i := range b.res.Findings[:min(len(b.res.Findings), findingsShown)] {
		p.Findings = append(p.Findings, b.finding(i))
	}
	if n := len(b.res.Findings) - findingsShown; n > 0 {
		p.More = "and " + wording.Count(n, "more finding") + ": looptrace report --format json has them all"
	}
	p.Tests = b.tests()
	p.Accepted, p.Unused = b.silenced()
	for _, n := range b.run.Health.Notes {
		p.Notes = append(p.Notes, b.Text(n))
	}
	p.Tree, p.Waits = b.treePicture(), b.waitsPicture()
	for _, process := range b.run.Processes {
		p.Processes = append(p.Processes, b.processRow(process))
	}
	return p
}

func (b *builder) title() string {
	command := "a run"
	if len(b.run.Info.Command) > 0 {
		command = b.Command(b.run.Info.Command)
	}
	return command + " · looptrace"
}

func (b *builder) verdict() verdict {
	if len(b.res.Findings) == 0 {
		return verdict{Severity: "ok", Text: wording.Capital(wording.Clear(b.run))}
	}
	f := &b.res.Findings[0]
	v := verdict{Severity: string(f.Severity), Rule: b.Clean(f.Rule), Text: b.Text(f.Message)}
	for _, part := range strings.Split(wording.FindingCounts(b.res), ", ") {
		_, word, _ := strings.Cut(part, " ")
		v.Counts = append(v.Counts, count{strings.TrimSuffix(word, "s"), part})
	}
	return v
}

// facts say what was run and how it went.
func (b *builder) facts() []fact {
	info := &b.run.Info
	var facts []fact
	add := func(label, value, class string) {
		if value != "" {
			facts = append(facts, fact{label, value, class})
		}
	}
	if len(info.Command) > 0 {
		add("Command", b.Command(info.Command), "command")
	}
	switch {
	case !info.Ended:
		add("Result", "not observed", "")
	case info.Signal != 0:
		add("Result", "ended by "+wording.SignalName(info.Signal), "bad")
	case info.ExitCode != 0:
		add("Result", fmt.Sprintf("exited with %d", info.ExitCode), "bad")
	default:
		add("Result", "exited with 0", "")
	}
	if info.DurationNS > 0 {
		add("Duration", wording.Duration(info.DurationNS), "")
	}
	tasks, goroutines, loops := wording.Counts(b.run)
	if tasks > 0 || goroutines == 0 {
		add("Tasks", fmt.Sprint(tasks), "")
	}
	if goroutines > 0 {
		add("Goroutines", fmt.Sprint(goroutines), "")
	}
	if loops > 0 || goroutines == 0 {
		add("Loops", fmt.Sprint(loops), "")
	}
	add("Processes", fmt.Sprint(wording.Processes(b.run)), "")
	if len(b.run.Tests) > 0 {
		add("Tests", fmt.Sprint(b.run.CountTests()), "")
	}
	if len(b.run.Processes) > 0 {
		add("Runtime", b.Name(b.run.Processes[0].Runtime), "")
	}
	if info.StartedAt != 0 {
		add("Recorded", time.Unix(0, info.StartedAt).UTC().Format("2006-01-02 15:04:05 UTC"), "")
	}
	return facts
}

// silenced says which findings somebody accepted; those of a baseline are only counted, for nobody chose them one by one.
func (b *builder) silenced() (accepted, unused []string) {
	baselined := 0
	for i := range b.res.Silenced {
		s := &b.res.Silenced[i]
		if s.By.Baseline {
			baselined++
			continue
		}
		if len(accepted) == findingsShown {
			continue
		}
		b.About(b.run, s.Finding.Process)
		text := b.Clean(s.Finding.Rule)
		if s.Finding.At != nil {
			text += " at " + b.At(s.Finding.At)
		}
		accepted = append(accepted, text+", by "+b.Suppression(&s.By))
	}
	if n := len(b.res.Silenced) - baselined - len(accepted); n > 0 {
		accepted = append(accepted, wording.Count(n, "more finding"))
	}
	if baselined > 0 {
		accepted = append(accepted, wording.Count(baselined, "finding")+" of the baseline")
	}
	b.About(b.run, nil)
	for i := range b.res.Unused[:min(len(b.res.Unused), findingsShown)] {
		s := &b.res.Unused[i]
		unused = append(unused, b.Suppression(s)+": "+b.Unused(b.res, s))
	}
	return accepted, unused
}

// timeline says what the timeline holds, and what not.
func (b *builder) timeline(m *meta) timelineView {
	v := timelineView{Summary: timelineSummary(b.run, m.tasks), Noun: wording.Noun(b.run)}
	if b.run.Timeline == nil {
		v.Left = append(v.Left, "No steps were read: the page was made without them.")
		return v
	}
	v.Summary += ", " + wording.Count(m.steps, "step")
	if m.DroppedSteps > 0 {
		text := "Left out: " + wording.Count(m.DroppedSteps, "step")
		if m.FromNS > 0 {
			text += " before " + wording.Instant(m.FromNS)
		}
		v.Left = append(v.Left, text+"; --max-spans says how many are kept.")
	}
	if m.DroppedTasks > 0 {
		v.Left = append(v.Left, "Left out: "+wording.Count(m.DroppedTasks, wording.Noun(b.run))+" that ended earlier and in which nothing was wrong.")
	}
	if m.known > 0 {
		v.Left = append(v.Left, "Left out: "+wording.Count(m.known, "known goroutine")+"; --no-fold shows all.")
	}
	if m.namesLeft {
		v.Left = append(v.Left, "Left out: the names of some tasks, for there are too many.")
	}
	return v
}

func (b *builder) processRow(p *analyze.Process) processRow {
	b.About(b.run, p)
	return processRow{
		PID: fmt.Sprint(p.PID), Name: b.Command(p.Argv), Runtime: b.Name(p.Runtime), Recorder: b.Name(p.Recorder),
		Start: wording.Instant(p.StartedNS), End: b.End(p),
	}
}

func timelineSummary(run *analyze.Run, tasks int) string {
	_, goroutines, loops := wording.Counts(run)
	switch {
	case goroutines == 0:
		return wording.Count(tasks, "task") + " on " + wording.Count(loops, "loop")
	case goroutines == wording.TaskCount(run):
		return wording.Count(tasks, "goroutine")
	}
	return fmt.Sprintf("%d tasks and goroutines", tasks)
}
