package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/cmd/looptrace/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// refused says why no file and no variable may set a flag of a verb, "" if they may.
func refused(verb string, f *pflag.Flag) string {
	switch f.Name {
	case "config", "no-config":
		return "it decides which file is read"
	case "force":
		return "whether a file may be overwritten is decided each time"
	case "update-baseline":
		return "what is accepted is decided each time"
	case "output":
		if verb != "run" {
			return "each report would overwrite the one before it"
		}
	}
	return ""
}

// writesFile reports whether a flag names a file to be written.
func writesFile(f *pflag.Flag) bool {
	return slices.Contains([]string{"output", "report", "baseline"}, f.Name)
}

// keys are all settings: those for all verbs at the top, then a table for each verb. At the top stand the global flags and
// what run and report have in common, unless a verb has the name, and with it the table.
func keys(root *cobra.Command) []config.Key {
	var top, rest []config.Key
	for _, f := range ownFlags(root) {
		top = append(top, keyOf("", f))
	}
	list := verbs(root)
	for _, c := range list {
		for _, f := range ownFlags(c) {
			key := keyOf(c.Name(), f)
			rest = append(rest, key)
			if other := inRun(list, f); c.Name() == "report" && key.Refused == "" && other != nil {
				top = append(top, sharedKey(key, keyOf("run", other)))
			}
		}
	}
	return append(top, rest...)
}

// verbs are the commands that settings are for: run and report first, then the others that have flags.
func verbs(root *cobra.Command) []*cobra.Command {
	var list []*cobra.Command
	for _, c := range root.Commands() {
		if len(ownFlags(c)) > 0 && !withoutSettings(c) {
			list = append(list, c)
		}
	}
	order := []string{"report", "run"} // the others are at -1
	slices.SortStableFunc(list, func(a, b *cobra.Command) int {
		return slices.Index(order, b.Name()) - slices.Index(order, a.Name())
	})
	return list
}

// verbOf returns the command below the root that a command is or belongs to.
func verbOf(cmd *cobra.Command) *cobra.Command {
	for cmd.HasParent() && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	return cmd
}

// withoutSettings reports whether a command works the same whatever the settings are, broken ones too.
func withoutSettings(cmd *cobra.Command) bool {
	cmd = verbOf(cmd)
	names := []string{"completion", "config", "help", "version", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
	return !cmd.HasParent() || slices.Contains(names, cmd.Name())
}

// ownFlags are the flags of a command itself, by name.
func ownFlags(cmd *cobra.Command) []*pflag.Flag {
	var list []*pflag.Flag
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && !f.Hidden {
			list = append(list, f)
		}
	})
	return list
}

// inRun returns run's flag of the same name and kind, nil if it has none or if a verb has the name.
func inRun(verbs []*cobra.Command, f *pflag.Flag) (found *pflag.Flag) {
	for _, c := range verbs {
		if c.Name() == f.Name {
			return nil
		}
		if other := c.LocalFlags().Lookup(f.Name); c.Name() == "run" && other != nil && kindOf(other) == kindOf(f) {
			found = other
		}
	}
	return found
}

// sharedKey is the key at the top for what report and run both have.
func sharedKey(report, run config.Key) config.Key {
	key := report
	key.Table = ""
	if report.Usage != run.Usage || !slices.Equal(report.Default, run.Default) {
		key.Usage = fmt.Sprintf("report: %s (default %s); run: %s (default %s)",
			report.Usage, config.Literal(report.Kind, report.Default), run.Usage, config.Literal(run.Kind, run.Default))
	}
	return key
}

func keyOf(verb string, f *pflag.Flag) config.Key {
	_, usage := pflag.UnquoteUsage(f)
	key := config.Key{Table: verb, Name: f.Name, Kind: kindOf(f), Refused: refused(verb, f), Usage: usage, Default: []string{f.DefValue}}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		key.Default = list.GetSlice()
	}
	return key
}

func kindOf(f *pflag.Flag) config.Kind {
	if _, ok := f.Value.(pflag.SliceValue); ok {
		if strings.Contains(f.Value.Type(), "int") { // intSlice, uintSlice
			return config.Ints
		}
		return config.List
	}
	switch f.Value.Type() {
	case "bool":
		return config.Bool
	case "int", "int64", "uint", "uint64", "count":
		return config.Int
	case "float32", "float64":
		return config.Float
	}
	return config.String
}

func isList(k config.Kind) bool { return k == config.List || k == config.Ints }

// variable returns the name of the variable for a key.
func variable(table, name string) string {
	if table != "" {
		name = table + "-" + name
	}
	return "LOOPTRACE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// fromVariable returns the value that a variable gives. The elements of a list are separated by commas.
func fromVariable(name, text string, kind config.Kind) ([]string, error) {
	switch kind {
	case config.List:
		return strings.Split(text, ","), nil
	case config.Ints:
		list := strings.Split(text, ",")
		for _, n := range list {
			if _, err := fromVariable(name, n, config.Int); err != nil {
				return nil, err
			}
		}
		return list, nil
	case config.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, usageError(fmt.Errorf("%s=%s: not true or false", name, text), "it takes true or false, 1 or 0")
		}
		return []string{strconv.FormatBool(b)}, nil
	case config.Float:
		if f, err := strconv.ParseFloat(text, 64); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, usageError(fmt.Errorf("%s=%s: no number", name, text), "")
		}
	case config.Int:
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return nil, usageError(fmt.Errorf("%s=%s: no whole number", name, text), "")
		}
	}
	return []string{text}, nil
}
