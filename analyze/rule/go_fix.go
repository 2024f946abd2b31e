package rule

import (
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// libraryFixes says what ends the goroutines that a library starts for the program, by their start functions.
func libraryFix(start string) (analyze.Fix, bool) {
	for _, f := range []struct{ start, summary, code string }{
		{"net/http.(*persistConn).readLoop", "close the body of every response, also of one that is not read", "resp, err := client.Do(req)\nif err != nil {\n\treturn err\n}\ndefer resp.Body.Close()"},
		{"net/http/httptest.(*Server).goServe", "close the test server", "srv := httptest.NewServer(handler)\ndefer srv.Close()"},
		{"net/http.(*Server).", "shut the server down and wait until its goroutine has returned", "srv.Shutdown(ctx)\n<-served // closed by the goroutine that ran Serve()"},
		{"database/sql.(*Rows).", "close the rows", "rows, err := db.QueryContext(ctx, query)\nif err != nil {\n\treturn err\n}\ndefer rows.Close()"},
		{"database/sql.(*Tx).", "end the transaction", "tx, err := db.BeginTx(ctx, nil)\nif err != nil {\n\treturn err\n}\ndefer tx.Rollback() // does nothing after Commit"},
		{"context.", "call the cancel function of the context", "ctx, cancel := context.WithCancel(parent)\ndefer cancel()"},
		{"os/signal.NotifyContext", "call the stop function of the context", "ctx, stop := signal.NotifyContext(ctx, os.Interrupt)\ndefer stop()"},
		{"os/exec.", "wait for the command", "if err := cmd.Start(); err != nil {\n\treturn err\n}\ndefer cmd.Wait()"},
		{"runtime.corostart", "stop the iterator", "next, stop := iter.Pull(seq)\ndefer stop()"},
	} {
		if strings.HasPrefix(start, f.start) {
			return analyze.Fix{Summary: f.summary, Code: f.code}, true
		}
	}
	return analyze.Fix{}, false
}

// waitFix says what ends waits in well-known functions of the standard library.
func waitFix(l *analyze.Live) (analyze.Fix, bool) {
	for i := range l.Awaiting {
		if strings.HasPrefix(l.Awaiting[i].Qualname, "io.(*pipe).") {
			return analyze.Fix{
				Summary: "close the other end of the pipe, also when it fails: a write waits until all is read, a read until the writer closes",
				Code:    lines("defer r.Close() // ends writes with io.ErrClosedPipe", "defer w.Close() // ends reads with io.EOF; or w.CloseWithError(err)"),
			}, true
		}
	}
	return analyze.Fix{}, false
}

// goFix says how a goroutine that waits like that is ended.
func goFix(l *analyze.Live) analyze.Fix {
	if f, ok := libraryFix(startOf(l.Task)); ok {
		return f
	}
	if f, ok := waitFix(l); ok {
		return f
	}
	text := textOf(l.At)
	switch l.On.Kind {
	case "chan-receive":
		switch {
		case strings.Contains(text, ".Done()"):
			return analyze.Fix{Summary: "call the cancel function of the context that the goroutine waits for, on every way out", Code: cancelCode}
		case timerText.MatchString(text):
			return analyze.Fix{Summary: "let the goroutine stop at a context too: a timer or ticker that is stopped does not close its channel", Code: tickerCode}
		case strings.Contains(text, "range "):
			return analyze.Fix{Summary: "close the channel when nothing more is sent, and wait for the goroutine", Code: lines("close(jobs) // ends: for job := range jobs", "wg.Wait()")}
		}
		return analyze.Fix{Summary: "close the channel when nothing more is sent, or let the goroutine stop at a context too", Code: selectCode("case v := <-ch:", "\t...")}
	case "chan-send":
		if strings.Contains(strings.ReplaceAll(text, " ", ""), "<-struct{}{}") {
			return analyze.Fix{
				Summary: "nobody receives what the goroutine sends: if the channel is a semaphore, give back what was taken on every way out; else let the goroutine stop at a context too",
				Code:    lines("slots <- struct{}{}", "defer func() { <-slots }()") + "\n// or:\n" + selectCode("case done <- struct{}{}:"),
			}
		}
		return analyze.Fix{
			Summary: "nobody receives what the goroutine sends: give the channel room for it, or let the goroutine stop at a context too",
			Code:    "ch := make(chan T, 1) // the send goes through even if nobody receives\n\n// or:\n" + selectCode("case ch <- v:"),
		}
	case "select":
		return analyze.Fix{Summary: "let the select have a case that ends the goroutine, and make that happen: cancel its context and wait for it", Code: cancelCode}
	case "sleep":
		return analyze.Fix{Summary: "sleep in a select that a context can end", Code: tickerCode}
	case "mutex":
		return analyze.Fix{
			Summary: "unlock on every way out of the function that locks, lock nothing twice, and lock several in one order everywhere",
			Code:    lines("mu.Lock()", "defer mu.Unlock()"),
		}
	case "rwmutex":
		return analyze.Fix{
			Summary: "unlock on every way out of the function that locks, and lock nothing twice: a reader waits behind a writer that waits",
			Code:    lines("mu.RLock()", "defer mu.RUnlock() // what is called here neither locks mu again nor waits for who does"),
		}
	case "once":
		return analyze.Fix{
			Summary: "let what the sync.Once calls return, and neither use the same sync.Once nor wait for who does",
			Code:    lines("once.Do(func() { conn = dial() }) // dial() must not come back here"),
		}
	case "semaphore":
		return analyze.Fix{Summary: "let everybody who acquires release, on every way out", Code: lines("sem.Acquire(ctx, 1)", "defer sem.Release(1)")}
	case "waitgroup":
		return analyze.Fix{Summary: "let every Add have its Done, also where the goroutine fails, and let nobody wait whom the group waits for", Code: lines("wg.Go(func() { // Go 1.25; before: wg.Add(1); go func() { defer wg.Done(); ... }()", "\t...", "})")}
	case "cond":
		return analyze.Fix{Summary: "wake all waiters when there is nothing more to wait for, and let them look for that", Code: lines("mu.Lock()", "closed = true", "mu.Unlock()", "cond.Broadcast() // for !ready && !closed { cond.Wait() }")}
	case "io":
		return analyze.Fix{Summary: "close the connection or listener, which ends the wait with an error, and wait for the goroutine", Code: lines("conn.Close() // or: conn.SetDeadline(time.Now())", "wg.Wait()")}
	case "forever":
		return foreverFix(l)
	}
	return analyze.Fix{Summary: "tell the goroutine to end, and wait until it has", Code: cancelCode}
}

const (
	cancelCode = "ctx, cancel := context.WithCancel(ctx)\nwg.Go(func() { work(ctx) })\n...\ncancel() // in work: case <-ctx.Done(): return\nwg.Wait()"
	tickerCode = "ticker := time.NewTicker(interval)\ndefer ticker.Stop()\nfor {\n\tselect {\n\tcase <-ticker.C:\n\t\t...\n\tcase <-ctx.Done():\n\t\treturn\n\t}\n}"
)

func selectCode(first ...string) string {
	return lines(append(append([]string{"select {"}, first...), "case <-ctx.Done():", "\treturn", "}")...)
}

func foreverFix(l *analyze.Live) analyze.Fix {
	if emptySelect(l) {
		return analyze.Fix{Summary: "wait for something that happens", Code: "<-ctx.Done()"}
	}
	return analyze.Fix{Summary: "make the channel before it is used: a nil channel blocks for ever, outside a select", Code: "ch := make(chan T)"}
}

// emptySelect reports whether a goroutine that is blocked for ever is so in a select without cases: that is a way to do so on
// purpose.
func emptySelect(l *analyze.Live) bool {
	for _, f := range l.Awaiting {
		if f.Qualname == "runtime.block" {
			return true
		}
	}
	text := strings.ReplaceAll(textOf(l.At), " ", "")
	return strings.Contains(text, "select{}")
}
