package github

import (
	"bytes"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

func TestGoldens(t *testing.T) {
	goldentest.Goldens(t, "txt", func(b *bytes.Buffer, res *analyze.Result) error {
		return Render(b, res, goldentest.Root)
	})
}
