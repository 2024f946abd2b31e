package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

const explainLong = `Explain says what a rule reports, when it does not, and how to fix what it
reports. Without a rule it lists them all.

EXIT STATUS
  0  the explanation was written
  2  there is no such rule`

func newExplainCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:               "explain [flags] [RULE]",
		Short:             "Explain a rule, or list them",
		Long:              explainLong,
		Example:           "  looptrace explain pending-at-close",
		Args:              atMostOne,
		ValidArgsFunction: completeRules,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listRules(env)
			}
			return explain(env, args[0])
		},
	}
}

func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError(fmt.Errorf("%s: unexpected argument %q", cmd.Name(), args[1]), cmd.UseLine())
	}
	return nil
}

func listRules(env *environment) error {
	return env.output("", func(w io.Writer) error {
		return term.Rules(w, ruleInfos(), env.options(env.stdout))
	})
}

func explain(env *environment, id string) error {
	id, _, _ = strings.Cut(id, "/") // "rule/cause": the rule explains all its causes
	r := rule.Lookup(id)
	if r == nil {
		return usageError(fmt.Errorf("no such rule: %q", id), ruleHint(id))
	}
	return env.output("", func(w io.Writer) error {
		return term.Explain(w, r.RuleInfo, env.options(env.stdout))
	})
}

// ruleHint names the rules that have a word of the wrong id in common with it.
func ruleHint(id string) string {
	var near []string
	for _, r := range rule.All() {
		if slices.ContainsFunc(strings.Split(strings.ToLower(id), "-"), func(word string) bool {
			return len(word) > 3 && strings.Contains(r.ID, word)
		}) {
			near = append(near, r.ID)
		}
	}
	if len(near) == 0 {
		return "looptrace explain lists the rules"
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

func ruleInfos() []analyze.RuleInfo {
	var infos []analyze.RuleInfo
	for _, r := range rule.All() {
		infos = append(infos, r.RuleInfo)
	}
	return infos
}

func completeRules(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	if len(args) == 0 {
		for _, r := range rule.All() {
			ids = append(ids, r.ID+"\t"+r.Title)
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
