package rule

import (
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// receiver is an expression that code can be written with: names and attributes, no calls.
const receiver = `([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)`

var (
	methodCall = regexp.MustCompile(receiver + `\.(close|stop|run_until_complete|run_forever|create_task)\(`)
	assigned   = regexp.MustCompile(`^` + receiver + `\s*=[^=]`)
	withAs     = regexp.MustCompile(`^with\b.*\bas ` + receiver + `\s*:`)
	// createTaskArgument matches what is handed to create_task() or ensure_future().
	createTaskArgument = regexp.MustCompile(`\b(?:create_task|ensure_future)\((.*)\)\s*$`)
	createTaskCall     = regexp.MustCompile(`\b(?:create_task|ensure_future)\(\s*`)
	argument           = regexp.MustCompile(`\.(?:run_until_complete|run)\((.*)\)`)
	lastTarget         = regexp.MustCompile(`^(?:[\w.]+\s*,\s*)*` + receiver + `\s*=[^=]`)

	comprehension = regexp.MustCompile(`=\s*[\[{(].*\bfor\b`)

	waitedServer = regexp.MustCompile(receiver + `\.(?:wait_closed|serve_forever)\(`)
)

// objectOf returns the expression whose method the line of a frame calls: "self.loop" for `self.loop.close()`. "" if the
// line is not known or says it in another way.
func objectOf(f *analyze.Frame, methods ...string) string {
	if f == nil {
		return ""
	}
	for _, m := range methodCall.FindAllStringSubmatch(f.Text, -1) {
		for _, want := range methods {
			if m[2] == want && m[1] != "asyncio" && m[1] != "runner" {
				return m[1]
			}
		}
	}
	return ""
}

// loopName returns how the program calls a loop where it closes, runs or opens it.
func loopName(l *analyze.Loop, c *analyze.Close) string {
	if c != nil {
		if name := objectOf(c.At, "close"); name != "" {
			return name
		}
	}
	if l == nil {
		return "loop"
	}
	for _, r := range l.Runs {
		if name := objectOf(r.At, "run_until_complete", "run_forever"); name != "" {
			return name
		}
	}
	if l.At != nil {
		for _, re := range []*regexp.Regexp{withAs, assigned} {
			if m := re.FindStringSubmatch(l.At.Text); m != nil && strings.Contains(l.At.Text, "event_loop") {
				return m[1]
			}
		}
	}
	return "loop"
}

// mainCall returns what a run runs, as it can be written: "main()", from the line of the run or from its target.
func mainCall(r *analyze.LoopRun) string {
	if r == nil {
		return "main()"
	}
	if r.At != nil {
		if m := argument.FindStringSubmatch(r.At.Text); m != nil && balanced(m[1]) {
			return m[1]
		}
	}
	if r.Target != nil && r.Target.Site != nil && r.Target.Site.Coro != "" {
		return callOf(r.Target.Site.Coro)
	}
	return "main()"
}

// callOf returns a call of a coroutine function by its qualified name: "poll(...)".
func callOf(coro string) string {
	if i := strings.LastIndex(coro, "."); i >= 0 {
		coro = coro[i+1:]
	}
	return coro + "(...)"
}

// spawned returns a call of the coroutine function of a site, with the arguments that the spawning line shows.
func spawned(s *analyze.Site) string {
	if s == nil || s.Coro == "" {
		return "..."
	}
	if s.At != nil {
		name := s.Coro[strings.LastIndex(s.Coro, ".")+1:]
		if arg := firstArgument(s.At.Text); strings.HasSuffix(arg, ")") && strings.Contains(arg, "."+name+"(") {
			return arg
		}
		call := regexp.MustCompile(`(?:^|[^\w.])((?:\w+\.)*` + literally(name) + `\()`)
		if m := call.FindStringSubmatchIndex(s.At.Text); m != nil {
			for end := m[3]; end <= len(s.At.Text); end++ {
				if balanced(s.At.Text[m[2]:end]) {
					return s.At.Text[m[2]:end]
				}
			}
		}
	}
	return callOf(s.Coro)
}

// literally returns a name as the part of a pattern. A recorded name may be anything, also bytes that no pattern can hold.
func literally(name string) string {
	return regexp.QuoteMeta(strings.ToValidUTF8(name, "\uFFFD"))
}

// firstArgument returns what a line hands to create_task() or ensure_future(), "" if it does not show it whole.
func firstArgument(text string) string {
	m := createTaskCall.FindStringIndex(text)
	if m == nil {
		return ""
	}
	rest := text[m[1]:]
	for end := 1; end < len(rest); end++ {
		if c := rest[end]; (c == ',' || c == ')') && balanced(rest[:end]) {
			return rest[:end]
		}
	}
	return ""
}

// balanced reports whether s is one complete expression as far as its brackets and quotes tell.
func balanced(s string) bool {
	depth, quote := 0, rune(0)
	escaped := false
	for _, r := range s {
		switch {
		case quote != 0:
			if r == quote && !escaped {
				quote = 0
			}
			escaped = r == '\\' && !escaped
		case r == '"' || r == '\'':
			quote = r
		case strings.ContainsRune("([{", r):
			depth++
		case strings.ContainsRune(")]}", r):
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0 && quote == 0 && s != ""
}

// since reports whether the process ran Python 3.minor or later.
func since(p *analyze.Process, minor int) bool {
	return p != nil && (p.Version[0] > 3 || p.Version[0] == 3 && p.Version[1] >= minor)
}

// drain returns the code that ends every task of a loop that is not running, and closes it.
func drain(p *analyze.Process, loop string) string {
	return lines(
		"tasks = asyncio.all_tasks("+loop+")",
		"for task in tasks:",
		"    task.cancel()",
		"if tasks:",
		"    "+loop+".run_until_complete(asyncio.gather(*tasks, return_exceptions=True))",
		shutdowns(p, loop),
		loop+".close()",
	)
}

// shutdowns returns the code that ends what is no task.
func shutdowns(p *analyze.Process, loop string) string {
	s := loop + ".run_until_complete(" + loop + ".shutdown_asyncgens())"
	if since(p, 9) {
		s += "\n" + loop + ".run_until_complete(" + loop + ".shutdown_default_executor())"
	}
	return s
}

func lines(ls ...string) string { return strings.Join(ls, "\n") }

func indent(code string) string { return "    " + strings.ReplaceAll(code, "\n", "\n    ") }

// variableOf returns the last name that the line of a frame assigns to ("writer" of "reader, writer = …"), or what stands
// for it.
func variableOf(f *analyze.Frame, otherwise string) string {
	if m := lastTarget.FindStringSubmatch(textOf(f)); m != nil && !comprehension.MatchString(textOf(f)) {
		return m[1]
	}
	return otherwise
}

func textOf(f *analyze.Frame) string {
	if f == nil {
		return ""
	}
	return strings.TrimSpace(f.Text)
}
