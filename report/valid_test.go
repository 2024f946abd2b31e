package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/pprof/profile"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/report"
	"github.com/looptrace/looptrace/report/gantt"
	"github.com/looptrace/looptrace/report/tasklist"
	"github.com/looptrace/looptrace/report/term"
)

// judge returns what the rules find in a trace in text form.
func judge(trace string, steps int) (*analyze.Result, error) {
	src, err := tracefile.ReadText(strings.NewReader(trace))
	if err != nil {
		return nil, err
	}
	run, err := analyze.Build(src, analyze.Options{KeepTasks: -1, Timeline: &analyze.TimelineOptions{MaxSteps: steps}, Waited: true})
	if err != nil {
		return nil, err
	}
	return rule.Check(run, "v1"), nil
}

// view is one way to look at a run: a format of reports, or what another verb writes.
type view struct {
	name   string
	render func(w io.Writer, res *analyze.Result) error
	valid  func([]byte) error
}

// views returns all of them.
func views() []view {
	checks := map[string]func([]byte) error{
		"json": validJSON, "sarif": validJSON, "gitlab": validJSON, "chrome": validJSON, "speedscope": validJSON, "jsonl": validLines,
		"junit": validXML, "html": validHTML, "perfetto": validProto,
		"pprof-live": validProfile, "pprof-waits": validProfile,
	}
	var list []view
	for _, f := range report.Formats() {
		check := checks[f.Name]
		if check == nil {
			check = validText
		}
		list = append(list, view{f.Name, func(w io.Writer, res *analyze.Result) error { return f.Render(w, res, report.Options{}) }, check})
	}
	return append(list,
		view{"tree", func(w io.Writer, res *analyze.Result) error {
			return term.Tree(w, res.Run, term.TreeOptions{Awaits: true}, term.Options{})
		}, validText},
		view{"waits", func(w io.Writer, res *analyze.Result) error {
			return term.Tree(w, res.Run, term.TreeOptions{Waits: true}, term.Options{Width: 60})
		}, validText},
		view{"tasks", func(w io.Writer, res *analyze.Result) error {
			found, err := tasklist.Select(res, tasklist.Query{})
			if err != nil {
				return err
			}
			return term.Tasks(w, res.Run, found, 1000, term.Options{Width: 100})
		}, validText},
		view{"timeline", renderChart, validText},
		view{"stories", renderStories, validText})
}

// renderChart writes the timeline as text and as data. A trace in which nothing can be shown has none.
func renderChart(w io.Writer, res *analyze.Result) error {
	for _, q := range []gantt.Query{{MaxRows: 40}, {All: true, MaxRows: 40}} {
		chart, err := gantt.Build(res, q)
		if err != nil {
			return err
		}
		if err := term.Timeline(w, res, chart, term.Options{Width: 80}); err != nil {
			return err
		}
		var b bytes.Buffer
		if err := chart.JSON(&b); err != nil {
			return err
		}
		if err := validJSON(b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func renderStories(w io.Writer, res *analyze.Result) error {
	for _, t := range res.Run.Tasks[:min(len(res.Run.Tasks), 3)] {
		if err := term.Story(w, res, t, term.Options{Width: 80}); err != nil {
			return err
		}
		if err := term.Why(w, res, t, term.Options{Width: 80}); err != nil {
			return err
		}
	}
	return nil
}

// check renders a run in every way, twice, and returns what is wrong with that.
func check(res *analyze.Result) error {
	for _, v := range views() {
		var first, second bytes.Buffer
		if err := v.render(&first, res); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		if err := v.valid(first.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		if err := v.render(&second, res); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			return fmt.Errorf("%s: not the same the second time, %v", v.name, err)
		}
	}
	return nil
}

func validJSON(b []byte) error {
	if !json.Valid(b) {
		return errors.New("no JSON")
	}
	return validText(b)
}

func validLines(b []byte) error {
	for line := range bytes.Lines(b) {
		if err := validJSON(line); err != nil {
			return fmt.Errorf("%w: %q", err, line)
		}
	}
	return nil
}

// validText finds what acts on a terminal.
func validText(b []byte) error {
	if !utf8.Valid(b) {
		return errors.New("no UTF-8")
	}
	for i, r := range string(b) {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d') {
			return fmt.Errorf("it holds %q: %q", r, b[max(0, i-40):i])
		}
	}
	return nil
}

func validXML(b []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		_, err := d.Token()
		if err == io.EOF {
			return validText(b)
		}
		if err != nil {
			return err
		}
	}
}

// validHTML finds elements that do not end where they should; the data and the program of the page are left out.
func validHTML(b []byte) error {
	page, data, ok := strings.Cut(string(b), `<script type="application/json" id="lt-meta">`)
	if !ok {
		return errors.New("no data")
	}
	if words, _, _ := strings.Cut(data, "</script>"); !json.Valid([]byte(words)) {
		return errors.New("the data is no JSON")
	}
	head, rest, _ := strings.Cut(page, "<style>")
	_, rest, _ = strings.Cut(rest, "</style>")
	page = head + rest
	void := []string{"meta", "br", "!doctype"}
	var open []string
	for _, m := range regexp.MustCompile(`<(/?)([!a-zA-Z][a-zA-Z0-9]*)([^<>]*)>`).FindAllStringSubmatch(page, -1) {
		switch name := strings.ToLower(m[2]); {
		case slices.Contains(void, name), strings.HasSuffix(m[3], "/"):
		case m[1] == "":
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			return fmt.Errorf("</%s> ends %q", name, open)
		default:
			open = open[:len(open)-1]
		}
	}
	if !slices.Equal(open, []string{"html", "body"}) {
		return fmt.Errorf("%q have no end", open)
	}
	return validText([]byte(page))
}

// validProfile reads a profile as pprof does. Its names are shown as they are.
func validProfile(b []byte) error {
	p, err := profile.ParseData(b)
	if err != nil {
		return err
	}
	if len(p.SampleType) == 0 || len(p.Mapping) == 0 && len(p.Location) > 0 {
		return errors.New("a profile of nothing")
	}
	for _, s := range p.Sample {
		if len(s.Location) == 0 || slices.ContainsFunc(s.Value, func(v int64) bool { return v < 0 }) {
			return fmt.Errorf("sample %v", s)
		}
	}
	return validText([]byte(p.String()))
}

// validProto decodes the packets of a trace, and the fields of each.
func validProto(b []byte) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 || number != 1 || kind != protowire.BytesType {
			return errors.New("no packet")
		}
		packet, m := protowire.ConsumeBytes(b[n:])
		if m < 0 {
			return protowire.ParseError(m)
		}
		b = b[n+m:]
		for len(packet) > 0 {
			_, _, n := protowire.ConsumeField(packet)
			if n < 0 {
				return protowire.ParseError(n)
			}
			packet = packet[n:]
		}
	}
	return nil
}
