package rule

import "testing"

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
