// This is appended to a file of package syscall in a program that looptrace run builds. Where LOOPTRACE_SPOOL is not set, it does
// nothing. Else it writes the execution trace of the process there, see tracefile.

package syscall

import _ "unsafe"

// What follows is appended.

func looptraceBegin(write func([]byte) bool, end func(why, code int)) bool // in package runtime
func looptraceProcess() (args []string, root, version string, now int64)   // in package runtime

// looptraceFiles are the descriptors of TOKEN.facts and TOKEN.gotrace.
var looptraceFiles = [2]int{-1, -1}

// looptraceFacts counts the lines of TOKEN.facts.
var looptraceFacts = int64(1)

// looptraceHigh is the lowest number that a descriptor of ours has, so that those of the program are the ones it would have.
// Linux has room for 64 at first; to make room for more takes milliseconds.
const looptraceHigh = 60

func init() {
	dir, ok := Getenv("LOOPTRACE_SPOOL")
	if !ok || dir == "" || Getuid() != Geteuid() || Getgid() != Getegid() {
		return
	}
	args, root, version, now := looptraceProcess()
	prefix := dir + "/" + looptraceInt(int64(Getpid())) + "-" + looptraceHex(uint64(now))
	for i, suffix := range [2]string{".facts", ".gotrace"} {
		if looptraceFiles[i] = looptraceCreate(prefix + suffix); looptraceFiles[i] < 0 {
			return
		}
	}
	b := looptraceFact(nil, 1, now, "process_started")
	b = append(b, " pid="+looptraceInt(int64(Getpid()))+" ppid="+looptraceInt(int64(Getppid()))+" recorder=runtime/trace lanes=task"...)
	b = looptraceEscape(append(b, " runtime="...), version)
	b = looptraceEscape(append(b, " argv="...), looptraceJSON(args))
	if cwd, err := Getwd(); err == nil {
		b = looptraceEscape(append(b, " cwd="...), cwd)
	}
	if root != "" {
		b = looptraceEscape(append(b, " stdlib="...), looptraceJSON([]string{root + "/src"}))
	}
	if looptraceWrite(looptraceFiles[0], append(b, '\n')) {
		looptraceBegin(looptraceTrace, looptraceEnd)
	}
}

// looptraceTrace writes a part of the trace.
func looptraceTrace(data []byte) bool { return looptraceWrite(looptraceFiles[1], data) }

// looptraceEnd is called when the trace is complete, and when the process is about to end.
func looptraceEnd(why, code int) {
	_, _, _, now := looptraceProcess()
	looptraceFacts++
	b := looptraceFact(nil, looptraceFacts, now, "note_added")
	switch why {
	case 0:
		b = looptraceFact(nil, looptraceFacts, now, "process_ending")
		b = append(b, " reason=exit code="+looptraceInt(int64(code))...)
	case 1:
		b = looptraceEscape(append(b, " asleep=1 text="...), "the trace ends where no goroutine could run any more: each waited for others")
	default:
		b = looptraceEscape(append(b, " stopped=1 text="...), "the trace ends early: it could not be written")
	}
	looptraceWrite(looptraceFiles[0], append(b, '\n'))
}

// looptraceCreate makes a file that is not there yet.
func looptraceCreate(path string) int {
	fd, err := Open(path, O_WRONLY|O_CREAT|O_EXCL|O_APPEND|O_CLOEXEC, 0o600)
	if err != nil {
		return -1
	}
	if high, err := fcntl(fd, F_DUPFD_CLOEXEC, looptraceHigh); err == nil {
		Close(fd)
		return high
	}
	return fd
}

// looptraceWrite writes all of b.
func looptraceWrite(fd int, b []byte) bool {
	for len(b) > 0 {
		n, err := Write(fd, b)
		switch {
		case n > 0:
			b = b[n:]
		case err == EINTR || err == EAGAIN:
		default:
			return false
		}
	}
	return true
}

// looptraceFact begins a line of facts.
func looptraceFact(b []byte, ordinal, now int64, kind string) []byte {
	return append(b, looptraceInt(ordinal)+" "+looptraceInt(now)+" "+kind...)
}

// looptraceMost is how much of the command line is told.
const looptraceMost = 32 << 10

// looptraceJSON returns a list of strings as JSON.
func looptraceJSON(list []string) string {
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		for _, r := range s {
			switch {
			case len(b) > looptraceMost:
			case r == '"' || r == '\\':
				b = append(b, '\\', byte(r))
			case r < ' ':
				b = append(b, `\u00`...)
				b = append(b, looptraceDigits[r>>4], looptraceDigits[r&15])
			default:
				b = append(b, string(r)...)
			}
		}
		b = append(b, '"')
		if len(b) > looptraceMost {
			break
		}
	}
	return string(append(b, ']'))
}

const looptraceDigits = "0123456789abcdef"

// looptraceEscape writes a value as facts have it.
func looptraceEscape(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			b = append(b, `\\`...)
		case c == ' ':
			b = append(b, `\s`...)
		case c < ' ' || c == 0x7f || c == '@' && i == 0:
			b = append(b, '\\', 'x', looptraceDigits[c>>4], looptraceDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return b
}

func looptraceInt(n int64) string {
	var b [20]byte
	i, u := len(b), uint64(n)
	if n < 0 {
		u = -u
	}
	for {
		i--
		b[i] = byte('0' + u%10)
		if u /= 10; u == 0 {
			break
		}
	}
	if n < 0 {
		i--
		b[i] = '-'
	}
	return string(b[i:])
}

func looptraceHex(u uint64) string {
	var b [16]byte
	i := len(b)
	for {
		i--
		b[i] = looptraceDigits[u&15]
		if u >>= 4; u == 0 {
			break
		}
	}
	return string(b[i:])
}
