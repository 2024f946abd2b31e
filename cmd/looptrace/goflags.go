package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/gotrace"
	"github.com/looptrace/looptrace/analyze/leakprofile"
	"github.com/spf13/cobra"
)

// goFlags are the flags of what reads Go programs.
type goFlags struct {
	closeFuncs []string
	noFold     bool
	fold       []string
	leaks      []string // files with goroutineleak profiles
	liveOnly   bool     // no flag: only what is live at the end is asked for
}

func bindGo(cmd *cobra.Command, o *goFlags) {
	flags := cmd.Flags()
	bindCloseFunc(cmd, &o.closeFuncs)
	flags.StringArrayVar(&o.fold, "fold", nil, "Go: take goroutines for known that start or wait in this `function`;\na * at its end stands for anything (may be repeated)")
	flags.BoolVar(&o.noFold, "no-fold", false, "Go: take no goroutines for known")
}

func bindCloseFunc(cmd *cobra.Command, to *[]string) {
	cmd.Flags().StringArrayVar(to, "close-func", nil,
		"Go: tell what was live when this `function` was on a stack (may be repeated)")
}

func bindLeakProfile(cmd *cobra.Command, to *[]string) {
	cmd.Flags().StringArrayVar(to, "goroutineleak", nil,
		"Go: take a goroutineleak profile in this `file` as evidence (may be\nrepeated)")
}

// applyLeaks takes in what goroutineleak profiles say of a run.
func (o *goFlags) applyLeaks(run *analyze.Run) error {
	for _, name := range o.leaks {
		f, err := os.Open(name)
		if err != nil {
			return &exitError{code: exitUsage, err: err}
		}
		p, err := leakprofile.Read(f)
		f.Close()
		if err != nil {
			return &exitError{
				code: exitUsage, err: fmt.Errorf("%s: %w", name, err),
				hint: `pprof.Lookup("goroutineleak").WriteTo(file, 0) writes one, in a program built with GOEXPERIMENT=goroutineleakprofile`,
			}
		}
		p.Apply(run)
	}
	return nil
}

// reading says how a trace is read.
type reading struct {
	analyze.Options
	goFlags
}

// check refuses patterns that can match nothing.
func (o *goFlags) check() error {
	for _, p := range append(o.closeFuncs[:len(o.closeFuncs):len(o.closeFuncs)], o.fold...) {
		if p == "" {
			return usageError(errors.New("the name of a function is empty"), "--close-func and --fold take names as stacks have them: 'net/http.(*Server).Shutdown'")
		}
	}
	return nil
}

func (o *goFlags) gotrace() gotrace.Options {
	return gotrace.Options{CloseFuncs: o.closeFuncs, LiveOnly: o.liveOnly}
}

func (o *reading) options() analyze.Options {
	opts := o.Options
	opts.Folding = analyze.Folding{Off: o.noFold, Own: o.fold}
	return opts
}

// idle says on standard error that the flags have nothing to work on.
func (o *goFlags) idle(env *environment, path string, run *analyze.Run) {
	if len(o.closeFuncs)+len(o.fold)+len(o.leaks) == 0 && !o.noFold {
		return
	}
	for _, p := range run.Processes {
		if p.Go() {
			return
		}
	}
	fmt.Fprintf(env.stderr, "looptrace: %s: no process of this trace is a Go program: --close-func, --fold, --no-fold and --goroutineleak change nothing\n", printable(path))
}
