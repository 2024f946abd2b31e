package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func serverConnectionsLive() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "server-connections-live", Severity: analyze.Warning, Since: "0.1",
			Title: "wait_closed() of a server that waits for connections nobody closes",
			Doc: `From 3.12.1 on Server.wait_closed() waits until every connection of the server is gone. Server.close() only stops
listening: it closes no connection and ends no handler. So the wait takes as long as the clients like to stay.

**Reported** as a warning when wait_closed() was cancelled (a timeout, Ctrl-C, the end of the run) while connections were
open, or never came to its end: at the line that waits, with the tasks that serve the connections.

**Not reported**: a wait that came to its end, however long it took; 3.11 and earlier, where wait_closed() returns at once;
handlers that are live when the loop is closed, which pending-at-close tells.

**Fix**: close the connections before waiting: keep the writers or the tasks of the handlers, or from 3.13 on call
server.close_clients().`,
		},
		Check: checkServers,
	}
}

func checkServers(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, r := range p.Resources {
			if r.Kind != "server" || r.Moment != "wait-closed" {
				continue
			}
			switch {
			case r.EndedNS == 0 && goneAt(run, p)-r.TimeNS > slowNS, r.Ended == "raised" && r.LeftNow > 0:
				report(serverWaits(run, p, r))
			}
		}
	}
}

func serverWaits(run *analyze.Run, p *analyze.Process, r *analyze.Resource) analyze.Finding {
	at := r.At
	f := analyze.Finding{At: at, Process: p, Loop: r.Loop, Tasks: r.Tasks}
	n := r.Count
	if r.LeftNow > 0 {
		n = r.LeftNow
	}
	open := count(n, "connection") + " of the server " + verb(n, "was", "were") + " open"
	if len(r.Tasks) > 0 {
		open += ", served by " + theTasks(r.Tasks)
	}
	var e evidence
	if r.EndedNS != 0 {
		f.Message = fmt.Sprintf("wait_closed() at %s was cancelled after %s: %s", place(p, at), seconds(r.EndedNS-r.TimeNS), open)
		e.add(r.TimeNS, at, "the wait begins, with %s open", count(r.Count, "connection"))
		e.add(r.EndedNS, nil, "it is cancelled, with %s open", count(max(r.LeftNow, 0), "connection"))
	} else {
		f.Message = fmt.Sprintf("wait_closed() at %s never returned: %s", place(p, at), open)
		e.add(r.TimeNS, at, "the wait begins, with %s open", count(r.Count, "connection"))
		e.add(goneAt(run, p), nil, "the process ended %s later, the wait had not", seconds(goneAt(run, p)-r.TimeNS))
	}
	for i, t := range r.Tasks {
		if i == namesShown {
			break
		}
		var def *analyze.Frame
		if t.Site != nil && t.Site.Def.Line > 0 {
			def = &t.Site.Def
		}
		e.add(-1, def, "%s serves a connection", theTask(t))
	}
	f.Evidence = e
	f.Fix = serverWaitFix(p, at)
	return f
}

func serverWaitFix(p *analyze.Process, at *analyze.Frame) analyze.Fix {
	name := "server"
	if m := waitedServer.FindStringSubmatch(textOf(at)); m != nil {
		name = m[1]
	}
	if since(p, 13) {
		return analyze.Fix{Summary: "close the connections before waiting for the server", Code: lines(name+".close()", name+".close_clients()", "await "+name+".wait_closed()")}
	}
	return analyze.Fix{
		Summary: "keep the writers of the connections, and close them before waiting for the server",
		Code:    lines("writers.add(writer)  # first line of the handler", "...", name+".close()", "for writer in writers:", "    writer.close()", "await "+name+".wait_closed()"),
	}
}
