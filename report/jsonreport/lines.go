package jsonreport

import "github.com/looptrace/looptrace/analyze"

// The lines of the streamed form: the objects of the contract, each with its type in front.
type (
	runLine struct {
		Type   string `json:"type"`
		Schema string `json:"schema"`
		Tool   string `json:"tool"`
		run
	}
	processLine struct {
		Type string `json:"type"`
		process
	}
	testLine struct {
		Type string `json:"type"`
		test
	}
	loopLine struct {
		Type string `json:"type"`
		loop
	}
	closeLine struct {
		Type string `json:"type"`
		closing
	}
	taskLine struct {
		Type string `json:"type"`
		task
	}
	findingLine struct {
		Type string `json:"type"`
		finding
	}
	silencedLine struct {
		Type string `json:"type"`
		silenced
	}
	suppressionLine struct {
		Type string `json:"type"`
		suppression
	}
	siteLine struct {
		Type string `json:"type"`
		spawnSite
	}
	healthLine struct {
		Type string `json:"type"`
		health
	}
)

// Lines gives the objects of the report to write one by one, each ready to be encoded as JSON, so that a large run is never in
// memory twice. The first has the type "run" and the name of the schema; what others refer to by id comes before
// them, findings and health last. It stops at the first error of write and returns it.
func Lines(res *analyze.Result, schema string, write func(line any) error) error {
	r := res.Run
	if err := write(runLine{"run", schema, res.Tool, convertRun(r)}); err != nil {
		return err
	}
	err := eachOf(r.Processes, write, func(p *analyze.Process) any { return processLine{"process", convertProcess(p)} })
	if err == nil {
		err = eachOf(r.Tests, write, func(t *analyze.Test) any { return testLine{"test", convertTest(t)} })
	}
	if err == nil {
		err = eachOf(r.Loops, write, func(l *analyze.Loop) any { return loopLine{"loop", convertLoop(l)} })
	}
	if err == nil {
		err = eachOf(r.Closes, write, func(c *analyze.Close) any { return closeLine{"close", convertClose(c)} })
	}
	if err == nil {
		err = eachOf(r.Tasks, write, func(t *analyze.Task) any { return taskLine{"task", convertTask(t)} })
	}
	if err == nil {
		err = eachOf(r.Folded, write, func(c analyze.SiteCount) any { return siteLine{"site", convertSite(c)} })
	}
	if err == nil {
		err = eachOf(res.Findings, write, func(f analyze.Finding) any { return findingLine{"finding", convertFinding(f)} })
	}
	if err == nil {
		err = eachOf(res.Silenced, write, func(s analyze.Silenced) any { return silencedLine{"silenced", convertSilenced(s)} })
	}
	if err == nil {
		err = eachOf(res.Unused, write, func(s analyze.Suppression) any {
			return suppressionLine{"unused_suppression", convertSuppression(s)}
		})
	}
	if err == nil {
		err = write(healthLine{"health", convertHealth(&r.Health)})
	}
	return err
}

func eachOf[F any](in []F, write func(any) error, convert func(F) any) error {
	for _, v := range in {
		if err := write(convert(v)); err != nil {
			return err
		}
	}
	return nil
}
