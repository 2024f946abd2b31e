package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/looptrace/looptrace/cmd/looptrace/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const configLong = `Config shows and writes settings: the values of flags that need not be given
each time.

Settings stand in looptrace.toml, in .looptrace.toml, or in a pyproject.toml
that has [tool.looptrace]: in the current directory or above, up to the root of
the repository. Keys are flags without their dashes. At the top of the file are
those for all commands and those that run and report share; a table has those
of one command, and wins:

  fail-on = "warning"
  suppressions = ["ci/looptrace.supp"]

  [run]
  report = ["html=build/looptrace.html", "sarif=build/looptrace.sarif"]

LOOPTRACE_FAIL_ON=none (or LOOPTRACE_RUN_FAIL_ON, for run) does the same for
one shell or job; a list is separated by commas. A flag on the command line
comes first, then a variable, then the file. LOOPTRACE_CONFIG names the file,
LOOPTRACE_NO_CONFIG=1 has none read.

Paths in a file are relative to it. A file that is found, rather than given by
--config, can have reports written in its own directory only.

EXIT STATUS
  0  done
  2  wrong usage, or what is set is wrong`

const configShowLong = `Show writes every setting with its value and says where the value comes from.
What is set nowhere has the default of its flag, and stands behind a mark.

The TOML is itself a file with these settings.

EXIT STATUS
  0  the settings were written
  2  wrong usage, or what is set is wrong`

const configInitLong = `Init writes a file that explains every setting and sets none.

EXIT STATUS
  0  the file was written
  2  it is there already, or cannot be written`

func newConfigCommand(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show settings, or write a file for them",
		Long:  configLong,
		Example: `  looptrace config show
  looptrace config init`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError(fmt.Errorf("config: no such command: %q", args[0]), "looptrace config takes show or init")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigShowCommand(env), newConfigInitCommand(env))
	return cmd
}

func newConfigShowCommand(env *environment) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "show [flags]",
		Short:   "Show all settings and where they come from",
		Long:    configShowLong,
		Example: "  looptrace config show --format json",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "toml", "json"); err != nil {
				return err
			}
			return showSettings(env, cmd.Root(), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "toml", "`format` of the settings: toml, json")
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"toml", "json"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func newConfigInitCommand(env *environment) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:     "init [flags] [FILE]",
		Short:   "Write a file that explains all settings",
		Long:    configInitLong + "\n\nFILE is looptrace.toml if it is not given; - is standard output.",
		Example: "  looptrace config init",
		Args:    atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			file := "looptrace.toml"
			if len(args) == 1 {
				file = args[0]
			}
			return initSettings(env, cmd.Root(), file, force)
		},
	}
	cmd.Flags().BoolVarP(&force, "force", "f", false, "overwrite the file")
	return cmd
}

func initSettings(env *environment, root *cobra.Command, file string, force bool) error {
	text := config.Init(keys(root))
	if file == "-" {
		return env.output("", func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
	}
	mode := os.O_CREATE | os.O_WRONLY | os.O_EXCL
	if force {
		mode = os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	}
	f, err := os.OpenFile(file, mode, 0o666)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usageError(fmt.Errorf("%s is there already", file), "-f overwrites it")
	case err != nil:
		return usageError(err, "")
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return usageError(err, "")
	}
	fmt.Fprintf(env.stderr, "looptrace: wrote %s\n", printable(file))
	return nil
}

// shownSetting is a setting as config show tells it.
type shownSetting struct {
	Command  string `json:"command,omitempty"` // "": all of them
	Key      string `json:"key"`
	Value    any    `json:"value"`
	Origin   string `json:"origin"`
	Variable string `json:"variable,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`

	literal, from string
}

func showSettings(env *environment, root *cobra.Command, format string) error {
	s := &env.settings
	if err := s.read(env, root); err != nil {
		return err
	}
	list, err := s.all(env, root)
	if err != nil {
		return err
	}
	return env.output("", func(w io.Writer) error {
		if format == "toml" {
			return s.writeTOML(w, list)
		}
		shown := struct {
			File     *string        `json:"file"` // null: there is none
			Settings []shownSetting `json:"settings"`
		}{Settings: list}
		if s.file != nil {
			shown.File = &s.file.Path
		}
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(shown)
	})
}

// all returns every setting, in the order of the keys of a file.
func (s *settings) all(env *environment, root *cobra.Command) ([]shownSetting, error) {
	var list []shownSetting
	for _, c := range append([]*cobra.Command{root}, verbs(root)...) {
		name := c.Name()
		if c == root {
			name = ""
		}
		for _, f := range ownFlags(c) {
			if refused(name, f) != "" {
				continue
			}
			values, from, err := s.resolve(env, name, f)
			if err != nil {
				return nil, err
			}
			if f.Changed {
				values, from = valuesOf(f), origin{kind: "flag"}
			}
			if values == nil {
				values = valuesOf(f)
				if !isList(kindOf(f)) {
					values = []string{f.DefValue}
				}
			}
			list = append(list, shown(name, f, values, from))
		}
	}
	return list, nil
}

func shown(command string, f *pflag.Flag, values []string, from origin) shownSetting {
	return shownSetting{
		Command: command, Key: f.Name, Value: typed(kindOf(f), values), Origin: from.kind, Variable: from.variable, File: from.file, Line: from.line,
		literal: config.Literal(kindOf(f), values), from: from.String(),
	}
}

// typed returns a value as JSON has it.
func typed(kind config.Kind, values []string) any {
	switch kind {
	case config.List:
		return append([]string{}, values...)
	case config.Ints:
		list := []json.Number{}
		for _, v := range values {
			list = append(list, json.Number(v))
		}
		return list
	case config.Bool:
		return values[0] == "true"
	case config.Int, config.Float:
		return json.Number(values[0])
	}
	return values[0]
}

// valuesOf returns the value that a flag has.
func valuesOf(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}

// writeTOML writes settings as a file that has them.
func (s *settings) writeTOML(w io.Writer, list []shownSetting) error {
	var b strings.Builder
	b.WriteString("# There is no file with settings here.\n")
	if s.file != nil {
		b.Reset()
		fmt.Fprintf(&b, "# %s\n", printable(s.file.Path))
	}
	for _, path := range s.foreign {
		fmt.Fprintf(&b, "# not used, it belongs to another user: %s\n", printable(path))
	}
	b.WriteString("\n")
	width := 0
	for _, v := range list {
		width = min(max(width, len(v.Key)+len(v.literal)+5), 48)
	}
	command := ""
	for _, v := range list {
		if v.Command != command {
			command = v.Command
			fmt.Fprintf(&b, "\n[%s]\n", command)
		}
		mark := ""
		if v.Origin == "default" {
			mark = "# "
		}
		fmt.Fprintf(&b, "%-*s # %s\n", width, mark+v.Key+" = "+v.literal, printable(v.from))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
