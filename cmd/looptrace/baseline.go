package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/baseline"
	"github.com/looptrace/looptrace/analyze/silence"
	"github.com/spf13/cobra"
)

// bindBaseline adds the flags about a baseline.
func bindBaseline(cmd *cobra.Command, o *reportFlags) {
	flags := cmd.Flags()
	flags.StringVar(&o.baseline, "baseline", "", "do not count the findings that the baseline `file` has; new ones do\n(a usual name: "+baseline.FileName+")")
	flags.BoolVar(&o.updateBaseline, "update-baseline", false, "write the findings of this run to the --baseline file")
}

// acceptance is what the user accepts: suppressions and a baseline, read before anything else is done.
type acceptance struct {
	entries []*silence.Entry
	base    *baseline.File // nil: none
	update  bool
}

func (o *reportFlags) acceptance() (*acceptance, error) {
	a := &acceptance{update: o.updateBaseline}
	var err error
	if a.entries, err = readSuppressions(o.suppressions); err != nil {
		return nil, err
	}
	if o.baseline == "" {
		if o.updateBaseline {
			return nil, usageError(errors.New("--update-baseline: no baseline given"), "--baseline "+baseline.FileName+" names it")
		}
		return a, nil
	}
	if o.updateBaseline {
		if err := writable(o.baseline); err != nil {
			return nil, err
		}
	}
	a.base, err = readBaseline(o.baseline, o.updateBaseline)
	return a, err
}

// readBaseline reads a baseline; one that is about to be made need not be there.
func readBaseline(name string, update bool) (*baseline.File, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && update:
		return &baseline.File{Name: name}, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageError(fmt.Errorf("%s: no such file", name), "--update-baseline makes it")
	case err != nil:
		return nil, usageError(err, "")
	}
	defer f.Close()
	base, err := baseline.Read(f, name, ruleIDs())
	var syntax *baseline.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, usageError(err, "--update-baseline writes it anew, once the broken file is away")
	case err != nil:
		return nil, usageError(err, "")
	}
	return base, nil
}

// apply takes out of a result what is accepted, and writes the baseline if that was asked for. It returns a sentence about
// what it wrote, "" if it wrote nothing.
func (a *acceptance) apply(res *analyze.Result) (said string, err error) {
	silence.Apply(res, a.entries)
	if a.base == nil {
		return "", nil
	}
	if a.update {
		said, err = a.renew(res)
	}
	a.base.Apply(res)
	return said, err
}

// renew makes the baseline that of a result. Of a run that was not recorded there is nothing to learn.
func (a *acceptance) renew(res *analyze.Result) (string, error) {
	name := a.base.Name
	if len(res.Run.Processes) == 0 {
		return "", &exitError{code: exitUsage, err: fmt.Errorf("%s: not updated: nothing was recorded", name)}
	}
	next, change := baseline.Update(a.base, res)
	var b bytes.Buffer
	if err := next.Write(&b); err != nil {
		return "", &exitError{code: exitUsage, err: err}
	}
	if err := replaceFile(name, b.Bytes()); err != nil {
		return "", &exitError{code: exitUsage, err: fmt.Errorf("write baseline: %w", err), hint: "--baseline takes the path of a file that can be written"}
	}
	a.base = next
	noun := "findings"
	if change.Total == 1 {
		noun = "finding"
	}
	said := fmt.Sprintf("baseline: %s: %d %s, %d added, %d gone", name, change.Total, noun, change.Added, change.Gone)
	if change.Kept > 0 {
		said += fmt.Sprintf("; %d kept that this run could not have met", change.Kept)
	}
	return said, nil
}

// replaceFile writes a file as a whole or not at all: what reads it at the same time gets the old one or the new one.
func replaceFile(name string, data []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // not there any more if all goes well
	_, err = io.Copy(f, bytes.NewReader(data))
	err = errors.Join(err, f.Chmod(modeOf(name)), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// modeOf returns the permissions that a file has, or a new one gets: a baseline is for the repository, not a secret.
func modeOf(name string) fs.FileMode {
	if info, err := os.Stat(name); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}
