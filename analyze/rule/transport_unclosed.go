package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func transportUnclosed() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "transport-unclosed", Severity: analyze.Warning, Since: "0.1",
			Title: "connection or pipe that nobody closed",
			Doc: `A connection, datagram endpoint or pipe was still open when its loop was closed, or its StreamWriter was garbage
collected without a close(). The other side is not told in order, and data that was still to be written is dropped.

**Reported** as a warning at the line that opened it. Also for a transport that was closed, but still held data when the
loop was closed; and, at the line where it was dropped, what a library itself reports to the loop's exception handler as
unclosed when it is collected (aiohttp: "Unclosed client session").

**Not reported**: a transport that was closed, with or without wait_closed(), once its data is written; the server's side of
connections (see server-connections-live and pending-at-close); the pipes of child processes; the standard streams; what a
library opened by itself.

**Fix**: writer.close() and await writer.wait_closed() in a finally:, or the async with of the client library.

**Known**: CPython has a ResourceWarning "unclosed transport" for this, which is hidden by default. From 3.11.7 on a
StreamWriter closes its transport when it is collected, with a ResourceWarning as well.`,
		},
		Check: checkTransports,
	}
}

func checkTransports(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		left := leftAt(p, "transport")
		for _, c := range inOrder(left) {
			for _, group := range bySite(ofProgram(left[c])) {
				report(transportLeft(p, c, group))
			}
		}
		var dropped []*analyze.Resource
		for _, r := range p.Resources {
			if r.Kind == "transport" && r.Moment == "collected" {
				dropped = append(dropped, r)
			}
		}
		for _, group := range bySite(ofProgram(dropped)) {
			report(transportLeft(p, nil, group))
		}
		for _, f := range saidUnclosed(p) {
			report(f)
		}
	}
}

// ofProgram leaves out what no line of the program opened: nobody could close it there.
func ofProgram(left []*analyze.Resource) []*analyze.Resource {
	return slices.DeleteFunc(left, func(r *analyze.Resource) bool { return r.At == nil })
}

// transportLeft is the finding about transports of one line; c is nil where they were collected before any close.
func transportLeft(p *analyze.Process, c *analyze.Close, left []*analyze.Resource) analyze.Finding {
	at := left[0].At
	f := analyze.Finding{At: at, Process: p, Loop: left[0].Loop, Close: c, Tasks: owners(left), Tests: testsOpening(left)}
	who := count(len(left), transportNoun(left)) + " opened at " + place(p, at)
	unsent := slices.ContainsFunc(left, func(r *analyze.Resource) bool { return r.Unsent })
	open := slices.ContainsFunc(left, func(r *analyze.Resource) bool { return r.State != "closing" })
	var e evidence
	switch {
	case c == nil:
		f.Message = fmt.Sprintf("nobody closed %s: %s writer was garbage collected", who, verb(len(left), "its", "the"))
		e.add(left[0].TimeNS, nil, "the StreamWriter was garbage collected; nobody had closed it")
	case open:
		f.Message = fmt.Sprintf("%s closed the loop while %s %s still open", closerOf(c), who, verb(len(left), "was", "were"))
	default:
		f.Message = fmt.Sprintf("%s closed the loop while %s still had data to write", closerOf(c), who)
	}
	if c != nil {
		e.add(c.TimeNS, c.At, "the loop was closed here")
	}
	e.add(-1, left[0].At, "%s opened here%s", verb(len(left), "it was", "they were"), byTask(left[0]))
	if unsent {
		e.add(left[0].TimeNS, nil, "data that was still to be written is dropped")
	}
	f.Evidence = e
	f.Fix = transportFix(at)
	return f
}

func byTask(r *analyze.Resource) string {
	if r.Owner == nil {
		return ""
	}
	return " by " + theTask(r.Owner)
}

func transportNoun(left []*analyze.Resource) string {
	switch name := left[0].Name; {
	case strings.Contains(name, "Datagram"):
		return "datagram endpoint"
	case strings.Contains(name, "Pipe"):
		return "pipe"
	}
	return "connection"
}

func transportFix(at *analyze.Frame) analyze.Fix {
	if at != nil && !strings.Contains(at.Text, "open_connection") && !strings.Contains(at.Text, "open_unix_connection") {
		name := variableOf(at, "transport")
		return analyze.Fix{Summary: "close what was opened in a finally:, or use it with async with", Code: lines("try:", "    ...", "finally:", "    "+name+".close()")}
	}
	name := variableOf(at, "writer")
	return analyze.Fix{Summary: "close the writer in a finally:", Code: lines("try:", "    ...", "finally:", "    "+name+".close()", "    await "+name+".wait_closed()")}
}
