package rule

import (
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func (b *blockage) fix() analyze.Fix {
	switch {
	case b.how == imports:
		return analyze.Fix{Summary: "import at the top of the module, before the loop runs"}
	case b.how == starts:
		return analyze.Fix{Summary: "start threads, pools and processes before the loop has other work"}
	case b.how == interpreterLock:
		return analyze.Fix{Summary: "let the other thread's work give the interpreter lock away, or do it in a process: await loop.run_in_executor(process_pool, ...)"}
	case b.how == works:
		return analyze.Fix{
			Summary: "compute in a process pool, or in parts with an await between them, so that the loop can go on meanwhile",
			Code: lines(
				"with concurrent.futures.ProcessPoolExecutor() as pool:",
				"    result = await asyncio.get_running_loop().run_in_executor(pool, "+b.computation()+", ...)",
			),
		}
	case b.helperCall() != "":
		return b.outsideFix()
	case b.call == "time.sleep" && b.at != nil:
		return analyze.Fix{
			Summary: "await asyncio.sleep() instead of calling time.sleep() at " + place(b.process, b.at),
			Code:    strings.Replace(strings.TrimSpace(b.at.Text), "time.sleep(", "await asyncio.sleep(", 1),
		}
	}
	call := b.call
	if call == "" || strings.ContainsAny(call, "<") {
		call = b.function()
	}
	if b.coroutine(call) {
		call = "function"
	}
	f := analyze.Fix{Summary: "await an asynchronous form of the call, or hand it to a thread", Code: "await asyncio.to_thread(" + call + ", ...)"}
	if !since(b.process, 9) {
		f.Code = "await asyncio.get_running_loop().run_in_executor(None, " + call + ", ...)"
	}
	return f
}

// helperCall returns what a coroutine calls that is none itself and leads to the line that blocks: "client.fetch". "" if the
// line is the coroutine's own, as far as the text of its line tells.
func (b *blockage) helperCall() string {
	if b.at == nil || b.outer == nil || compareFrames(b.outer, b.at) == 0 || b.longest.Task == nil {
		return ""
	}
	text := textOf(b.outer)
	if m := called.FindAllStringSubmatch(text, -1); len(m) == 1 && !strings.Contains(text, "await ") {
		return m[0][1]
	}
	return ""
}

// outsideFix hands the function that blocks to a thread where the coroutine calls it: an await is possible only there.
func (b *blockage) outsideFix() analyze.Fix {
	call := b.helperCall()
	at := place(b.process, b.outer)
	code := "await asyncio.to_thread(" + call + ", ...)"
	if !since(b.process, 9) {
		code = "await asyncio.get_running_loop().run_in_executor(None, " + call + ", ...)"
	}
	return analyze.Fix{Summary: "hand " + call + "() to a thread at " + at + ", or await an asynchronous form of it there", Code: lines("# "+at, code)}
}

// coroutine reports whether a name is that of the coroutine function that was held: what blocks has to be taken out of it.
func (b *blockage) coroutine(name string) bool {
	for _, s := range b.steps {
		if s.Task != nil && s.Task.Site != nil && lastName(s.Task.Site.Coro) == name {
			return true
		}
	}
	return false
}

// computation names what to hand to a process pool.
func (b *blockage) computation() string {
	if name := b.function(); !b.coroutine(name) {
		return name
	}
	return "function"
}

// function names what to hand to somebody else.
func (b *blockage) function() string {
	if b.at != nil {
		if i := strings.LastIndexByte(b.at.Function, '.'); b.inner != nil && b.inner.User && i < 0 && !strings.HasPrefix(b.at.Function, "<") {
			return b.at.Function
		}
		if m := called.FindStringSubmatch(b.at.Text); m != nil {
			return m[1]
		}
	}
	return "function"
}
