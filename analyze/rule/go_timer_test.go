package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// The channel of a ticker is C. One that is called c may be any.
func TestTimerText(t *testing.T) {
	for text, want := range map[string]bool{
		"<-ticker.C":                         true,
		"case <-time.After(time.Second):":    true,
		"<-t.C":                              true,
		"<-retryTimer":                       true,
		"func (t *T) loop() { <-t.c }":       false,
		"for job := range p.c {":             false,
		"v := <-r.Ch":                        false,
		"case <-l.Context.Done(): // .Close": false,
	} {
		if got := timerText.MatchString(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// A line where all wait is told of all of them, not of as many.
func TestAllOfThemWait(t *testing.T) {
	wait := func(line int) *analyze.Live {
		return &analyze.Live{Task: &analyze.Task{}, State: "suspended", On: analyze.On{Kind: "chan-send"}, At: &analyze.Frame{File: "/a.go", Line: line}}
	}
	for want, live := range map[string][]*analyze.Live{
		"all of them blocked": {wait(3), wait(3)},
		"2 of them blocked":   {wait(3), wait(3), wait(4)},
		"blocked":             {wait(3)},
	} {
		var e evidence
		e.addWaits(&goCrowd{live: live}, 100)
		if got := e[0].Text; !strings.HasPrefix(got, want) {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
