package launch

import "strings"

// The variables by which the recorder learns what to do. It takes them out of the program's sight.
const (
	varSpool      = "LOOPTRACE_SPOOL"
	varRecorder   = "LOOPTRACE_RECORDER_DIR"
	varPythonPath = "LOOPTRACE_PYTHONPATH" // the user's PYTHONPATH; absent if there was none
	varRecord     = "LOOPTRACE_RECORD"     // what to record beside the usual, a comma list; absent if that is nothing
	pythonPath    = "PYTHONPATH"
)

// recordWakeups is what varRecord says for Options.Wakeups.
const recordWakeups = "wakeups"

// record returns what is to be recorded beside the usual.
func (o *Options) record() []string {
	if o.Wakeups {
		return []string{recordWakeups}
	}
	return nil
}

// withRecorder returns env with what makes every Python started in it load the recorder. record is what it is to record
// beside the usual.
func withRecorder(env []string, recorder, spool string, record ...string) []string {
	old, had := userPythonPath(env)
	env = without(env, varSpool, varRecorder, varPythonPath, varRecord, pythonPath)
	path := recorder
	if old != "" { // an empty element would be the current directory
		path += ":" + old
	}
	env = append(env, pythonPath+"="+path, varSpool+"="+spool, varRecorder+"="+recorder)
	if had {
		env = append(env, varPythonPath+"="+old)
	}
	if len(record) > 0 {
		env = append(env, varRecord+"="+strings.Join(record, ","))
	}
	return env
}

// userPythonPath returns PYTHONPATH as the user set it: without the entry of a looptrace that this one runs under.
func userPythonPath(env []string) (string, bool) {
	path, had := lookupEnv(env, pythonPath)
	outer, nested := lookupEnv(env, varRecorder)
	if !nested || (path != outer && !strings.HasPrefix(path, outer+":")) {
		return path, had
	}
	return lookupEnv(env, varPythonPath)
}

// lookupEnv returns the value that getenv(3) would: of the first entry.
func lookupEnv(env []string, key string) (string, bool) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, key+"="); ok {
			return v, true
		}
	}
	return "", false
}

func without(env []string, keys ...string) []string {
	kept := make([]string, 0, len(env)+4)
next:
	for _, e := range env {
		for _, k := range keys {
			if strings.HasPrefix(e, k+"=") {
				continue next
			}
		}
		kept = append(kept, e)
	}
	return kept
}
