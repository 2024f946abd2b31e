package jsonreport

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// TestRecordedRunsFollowTheSchema renders the golden traces.
func TestRecordedRunsFollowTheSchema(t *testing.T) {
	s := validator(t)
	files, _ := filepath.Glob("../../testdata/traces/*.txtar")
	rendered := 0
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name != "trace" {
				continue
			}
			rendered++
			src, err := tracefile.ReadText(bytes.NewReader(f.Data))
			if err != nil {
				t.Fatal(file, err)
			}
			run, err := analyze.Build(src, analyze.Options{})
			if err != nil {
				t.Fatal(file, err)
			}
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(render(t, &analyze.Result{Run: run})))
			if err != nil {
				t.Fatal(file, err)
			}
			if err := s.Validate(doc); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if rendered == 0 {
		t.Error("no golden traces")
	}
}

// TestSchemaRefuses pins that the schema can fail.
func TestSchemaRefuses(t *testing.T) {
	s := validator(t)
	good := string(render(t, sample()))
	for old, damaged := range map[string]string{
		`"outcome": "refused"`:         `"outcome": "maybe"`,
		`"severity": "error"`:          `"severity": "fatal"`,
		`"schema": "looptrace.report/`: `"schema": "other/`,
		`"cancels": []`:                `"cancels": null`,
		`"user": true`:                 `"usr": true`,
	} {
		bad := bytes.Replace([]byte(good), []byte(old), []byte(damaged), 1)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(bad))
		if err != nil || string(bad) == good {
			t.Fatal(damaged, err)
		}
		if s.Validate(doc) == nil {
			t.Errorf("%s is accepted", damaged)
		}
	}
}
