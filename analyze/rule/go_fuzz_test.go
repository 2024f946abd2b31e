package rule

import (
	"bytes"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzGo judges traces of Go programs that are damaged in every way: no check may fail, and all that is told is whole.
func FuzzGo(f *testing.F) {
	for _, name := range []string{"goroutines", "gorecorder"} {
		ar, err := txtar.ParseFile("../../testdata/traces/" + name + ".txtar")
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range ar.Files {
			if file.Name == "trace" {
				f.Add(file.Data)
			}
		}
	}
	w := newGoWorld()
	w.pool(50)
	w.seen("app.(*Pool).Close")
	test := w.test("TestA/sub")
	w.block(w.spawn(test, "net/http.(*persistConn).readLoop", "app.TestA:8"), "select", "net/http.(*persistConn).readLoop")
	w.end(test)
	w.recorded()
	w.closed(0, 1)
	w.job("poll")
	w.exit()
	f.Add([]byte(w.String()))
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := tracefile.ReadText(bytes.NewReader(data))
		if err != nil {
			return
		}
		run, err := analyze.Build(src, analyze.Options{})
		if err != nil {
			return
		}
		for _, finding := range Check(run, "").Findings {
			if finding.Process.Go() && (finding.Message == "" || finding.Fix.Summary == "" || len(finding.Evidence) == 0) {
				t.Errorf("incomplete finding: %+v", finding)
			}
		}
	})
}
