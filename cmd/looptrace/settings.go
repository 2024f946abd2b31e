package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/cmd/looptrace/config"
	"github.com/looptrace/looptrace/report"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settings are the values of flags that are not given on the command line. They come from the environment or from a file,
// and go to the flags of whatever verb has them: a new flag can be set without a word about it here.
type settings struct {
	path string // --config
	none bool   // --no-config

	keys    []config.Key
	file    *config.File
	named   bool     // the file was named, not found
	foreign []string // files of others, passed over
	set     []setting
}

// setting is a flag that was set by a file or a variable.
type setting struct {
	flag   *pflag.Flag
	values []string
	from   origin
}

// origin says where a value comes from.
type origin struct {
	kind     string // default, flag, environment, file
	variable string
	file     string
	line     int
}

func (o origin) String() string {
	switch o.kind {
	case "environment":
		return o.variable
	case "file":
		return fmt.Sprintf("%s:%d", relative(o.file), o.line)
	}
	return o.kind
}

func (s *settings) bindFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&s.path, "config", "", "read settings from `file` (default: looptrace.toml,\n.looptrace.toml or pyproject.toml, here or above)")
	flags.BoolVar(&s.none, "no-config", false, "read settings from no file")
	must(root.MarkPersistentFlagFilename("config", "toml"))
}

// configure sets the flags of a command that the command line does not set.
func (e *environment) configure(cmd *cobra.Command) error {
	if withoutSettings(cmd) {
		return nil
	}
	s := &e.settings
	if err := s.read(e, cmd.Root()); err != nil {
		return err
	}
	if quiet := cmd.Flags().Lookup("quiet"); quiet == nil || quiet.Value.String() != "true" {
		for _, path := range s.foreign {
			fmt.Fprintf(e.stderr, "looptrace: %s is not used, it belongs to another user; --config uses it\n", printable(path))
		}
	}
	var failed error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || failed != nil {
			return
		}
		values, from, err := s.resolve(e, verbOf(cmd).Name(), f)
		if err == nil && values != nil {
			s.set = append(s.set, setting{f, values, from})
			err = assign(cmd.Flags(), f, values)
		}
		failed = err
	})
	return failed
}

func assign(flags *pflag.FlagSet, f *pflag.Flag, values []string) error {
	list, ok := f.Value.(pflag.SliceValue)
	if !ok {
		return flags.Set(f.Name, values[0])
	}
	f.Changed = true
	return list.Replace(values)
}

// read finds and reads the file with settings.
func (s *settings) read(e *environment, root *cobra.Command) error {
	s.keys = keys(root)
	path, none := s.path, s.none
	if path == "" && !none {
		path = e.getenv("LOOPTRACE_CONFIG")
		none = path == "" && slices.Contains([]string{"1", "true"}, e.getenv("LOOPTRACE_NO_CONFIG"))
	}
	switch {
	case none && path != "":
		return usageError(errors.New("--config and --no-config exclude each other"), "give one of them")
	case none:
		return nil
	}
	s.named = path != ""
	dir, err := os.Getwd()
	switch {
	case err != nil:
		return nil // nowhere to look
	case s.named && !filepath.IsAbs(path):
		path = filepath.Join(dir, path)
	case !s.named:
		var found config.Found
		found, err = config.Find(dir)
		path, s.foreign = found.Path, found.Foreign
	}
	if path != "" && err == nil {
		s.file, err = config.Read(path, s.keys)
	}
	return settingsError(err)
}

// settingsError tells what is wrong with a file: all of it, with the lines.
func settingsError(err error) error {
	var wrong *config.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return usageError(err, "--no-config goes on without it")
	}
	shown := *wrong
	shown.Path = relative(wrong.Path)
	failed := &exitError{code: exitUsage, err: errors.New(shown.Title(0))}
	for i, p := range shown.Problems {
		if i > 0 {
			failed.lines = append(failed.lines, shown.Title(i))
		}
		failed.lines = append(failed.lines, p.Excerpt...)
		if p.Hint != "" {
			failed.lines = append(failed.lines, "hint: "+p.Hint)
		}
	}
	return failed
}

// resolve returns the value that is set for a flag of a verb, and where; no values if none is.
func (s *settings) resolve(e *environment, verb string, f *pflag.Flag) ([]string, origin, error) {
	var tables []string // of keys that are for this flag, the one that wins first
	for _, table := range []string{verb, ""} {
		if slices.ContainsFunc(s.keys, func(k config.Key) bool {
			return k.Table == table && k.Name == f.Name && k.Kind == kindOf(f) && k.Refused == ""
		}) {
			tables = append(tables, table)
		}
	}
	for _, table := range tables {
		if text := e.getenv(variable(table, f.Name)); text != "" {
			values, err := fromVariable(variable(table, f.Name), text, kindOf(f))
			return values, origin{kind: "environment", variable: variable(table, f.Name)}, err
		}
	}
	for _, table := range tables {
		if v := s.file.Lookup(table, f.Name); v != nil {
			values, err := s.paths(f, v)
			return values, origin{kind: "file", file: s.file.Path, line: v.Pos.Line}, err
		}
	}
	return nil, origin{kind: "default"}, nil
}

// paths makes what a file says about paths relative to it hold in the current directory. A file that was found may have
// come from anybody: it can have files written in its own directory only.
func (s *settings) paths(f *pflag.Flag, v *config.Value) ([]string, error) {
	name, _ := pflag.UnquoteUsage(f)
	list := slices.Clone(v.Text)
	if list == nil {
		list = []string{}
	}
	for i, text := range list {
		before, path := "", text
		switch {
		case name == "FORMAT[=FILE]":
			format, file, given := strings.Cut(text, "=")
			if known := report.Lookup(format); !given && known != nil && known.File != "" {
				if err := s.mayWrite(f, v, known.File); err != nil {
					return nil, err
				}
			}
			before, path = format+"=", file
		case name != "file" && name != "directory":
			continue
		}
		if path == "" || path == "-" {
			continue
		}
		path = s.file.Resolve(path)
		if err := s.mayWrite(f, v, path); err != nil {
			return nil, err
		}
		list[i] = before + nearer(path)
	}
	return list, nil
}

func (s *settings) mayWrite(f *pflag.Flag, v *config.Value, path string) error {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if s.named || !writesFile(f) || s.file.Inside(path) {
		return nil
	}
	return usageError(fmt.Errorf("%s:%d: %s: %s is not in the directory of this file", relative(s.file.Path), v.Pos.Line, f.Name, path),
		"a file given by --config may name files anywhere")
}

// nearer returns a path as it is told from the current directory, if that is below it.
func nearer(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	if rest, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rest) {
		return rest
	}
	return path
}

// blame says of an error about a value where it was set, if that was not on the command line.
func (s *settings) blame(err error) error {
	var exit *exitError
	if !errors.As(err, &exit) || exit.err == nil {
		return err
	}
	message := exit.err.Error()
	for _, set := range s.set {
		name, _ := pflag.UnquoteUsage(set.flag)
		about := strings.Contains(message+" ", "--"+set.flag.Name+" ") || strings.Contains(message, "--"+set.flag.Name+":")
		for _, value := range set.values {
			_, file, ok := strings.Cut(value, "=")
			if !ok {
				file = value
			}
			about = about || strings.EqualFold(name, "file") && strings.HasPrefix(message, value+":") || name == "FORMAT[=FILE]" && ok && strings.HasPrefix(message, file+":")
		}
		if about {
			exit.err = fmt.Errorf("%w (set by %s)", exit.err, set.from)
			return err
		}
	}
	return err
}
