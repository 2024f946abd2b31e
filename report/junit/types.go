package junit

import (
	"encoding/xml"
	"strings"
)

// The types are what the schema of Jenkins' xUnit plugin (junit-10.xsd) allows, and file and line, which only GitLab reads.

type testsuites struct {
	XMLName  xml.Name    `xml:"testsuites"`
	Name     string      `xml:"name,attr"`
	Time     string      `xml:"time,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Suites   []testsuite `xml:"testsuite"`
}

type testsuite struct {
	Name      string     `xml:"name,attr"`
	Tests     int        `xml:"tests,attr"`
	Failures  int        `xml:"failures,attr"`
	Errors    int        `xml:"errors,attr"`
	Skipped   int        `xml:"skipped,attr"`
	Time      string     `xml:"time,attr"`
	Timestamp string     `xml:"timestamp,attr,omitempty"`
	Cases     []testcase `xml:"testcase"`
	SystemOut *text      `xml:"system-out"`
}

type testcase struct {
	Classname string   `xml:"classname,attr"`
	Name      string   `xml:"name,attr"`
	Time      string   `xml:"time,attr"`
	File      string   `xml:"file,attr,omitempty"`
	Line      int      `xml:"line,attr,omitempty"`
	Failure   *verdict `xml:"failure"`
	Skipped   *verdict `xml:"skipped"`
	SystemOut *text    `xml:"system-out"`
}

type verdict struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	text
}

// text is character data, already escaped: encoding/xml would write the ends of lines as references, which no person reads.
type text struct {
	Escaped string `xml:",innerxml"`
}

// escaped returns text as character data. What XML cannot hold becomes U+FFFD.
func escaped(s string) text {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes all
	return text{strings.NewReplacer("&#xA;", "\n", "&#34;", `"`, "&#39;", "'").Replace(b.String())}
}
