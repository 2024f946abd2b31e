package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const completionLong = `Completion writes the script that makes a shell complete looptrace's commands,
flags, formats and rules.

EXIT STATUS
  0  the script was written
  2  there is no such shell`

func newCompletionCommand(env *environment) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Write a completion script for a shell",
		Long:  completionLong,
		Example: `  looptrace completion bash > /etc/bash_completion.d/looptrace
  looptrace completion zsh > "${fpath[1]}/_looptrace"`,
		Args:      usageArgs(cobra.ExactArgs(1)),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOfArgs("shell", args[0], shells); err != nil {
				return err
			}
			return env.output("", func(w io.Writer) error { return completion(cmd.Root(), args[0], w) })
		},
	}
}

// plainUsages takes the quotes out of what flags say of themselves: in a help they mark the value's name, in a completion
// they would be shown.
func plainUsages(cmd *cobra.Command) {
	for _, flags := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") })
	}
	for _, c := range cmd.Commands() {
		plainUsages(c)
	}
}

func completion(root *cobra.Command, shell string, w io.Writer) error {
	switch shell {
	case "zsh":
		return root.GenZshCompletion(w)
	case "fish":
		return root.GenFishCompletion(w, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(w)
	}
	return root.GenBashCompletionV2(w, true)
}
