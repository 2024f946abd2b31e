package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// TestGoFixesFitTheWait pins what is advised for waits that look alike and are ended in different ways.
func TestGoFixesFitTheWait(t *testing.T) {
	for _, c := range []struct {
		on, text, function string
		want               string // in the summary or code
	}{
		{"chan-receive", "for job := range jobs {", "", "close(jobs)"},
		{"chan-receive", "for range ticker.C {", "", "ticker.Stop()"},
		{"chan-receive", "<-ctx.Done()", "", "call the cancel function"},
		{"chan-receive", "v := <-results", "", "case v := <-ch:"},
		{"chan-send", "results <- v", "", "give the channel room"},
		{"chan-send", "slots <- struct{}{}", "", "defer func() { <-slots }()"},
		{"select", "w.Write(b)", "io.(*pipe).write", "close the other end of the pipe"},
		{"select", "select {", "", "let the select have a case"},
		{"mutex", "mu.Lock()", "", "in one order"},
		{"rwmutex", "mu.RLock()", "", "behind a writer"},
		{"once", "once.Do(f)", "", "must not come back"},
		{"waitgroup", "wg.Wait()", "", "every Add"},
		{"semaphore", "", "", "release"},
	} {
		at := &analyze.Frame{Function: "app.work", User: true, Text: c.text}
		l := &analyze.Live{Task: &analyze.Task{}, State: "suspended", At: at, Awaiting: []analyze.Frame{*at, {Qualname: c.function}}}
		l.On.Kind = c.on
		if f := goFix(l); !strings.Contains(f.Summary+"\n"+f.Code, c.want) {
			t.Errorf("%s at %q: %q\n%s", c.on, c.text, f.Summary, f.Code)
		}
	}
}
