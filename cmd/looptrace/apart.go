package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// use is a file that a command reads or writes, and what as: "the baseline".
type use struct{ file, as string }

// uses returns the files of the reports and of what is accepted.
func (o *reportFlags) uses(list []artefact) []use {
	out := []use{{o.baseline, "the baseline"}}
	for _, name := range o.suppressions {
		if u := (use{name, "a suppression file"}); len(out) == 0 || out[len(out)-1] != u {
			out = append(out, u)
		}
	}
	for _, a := range list {
		out = append(out, use{a.file, "the report " + a.format.Name})
	}
	return out
}

// apart refuses to use one file for two things: the second would be written over the first. What is no regular file, as
// /dev/null, takes everything.
func apart(uses []use) error {
	seen := map[string]string{}
	for _, u := range uses {
		if u.file == "" || u.file == "-" || strings.Contains(u.file, "{pid}") {
			continue
		}
		if info, err := os.Stat(u.file); err == nil && !info.Mode().IsRegular() {
			continue
		}
		name := realName(u.file)
		if first := seen[name]; first != "" {
			return usageError(fmt.Errorf("%s is for two things: %s and %s", u.file, first, u.as), "give each a file of its own")
		}
		seen[name] = u.as
	}
	return nil
}

// realName returns the one name of a file, be it there or not, whatever path and links lead to it.
func realName(file string) string {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	} else if dir, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	if abs, err := filepath.Abs(file); err == nil {
		return abs
	}
	return file
}
