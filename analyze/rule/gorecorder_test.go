package rule

import (
	"strings"
	"testing"
)

// Tasks that wait for different things are not all said to wait where the first one does, and nothing is dated of which nobody
// knows when it began.
func TestPendingOfGoRecorder(t *testing.T) {
	result := checked(t, "gorecorder", strings.NewReplacer())
	if len(result.Findings) != 2 || result.Findings[1].Rule != "use-after-close" {
		t.Fatalf("findings are %+v", result.Findings)
	}
	f := result.Findings[0]
	if f.Rule != "pending-at-close" || len(f.Tasks) != 4 {
		t.Fatalf("the finding is %+v", f)
	}
	if !strings.Contains(f.Message, "were still waiting") || strings.Contains(f.Message, "chan receive") {
		t.Errorf("the message is %q", f.Message)
	}
	for _, e := range f.Evidence {
		if dated := e.TimeNS > 0; !dated && e.TimeNS != -1 || strings.Contains(e.Text, "chan receive") && dated {
			t.Errorf("%q is dated %d", e.Text, e.TimeNS)
		}
	}
}
