package gitlab

import (
	"bytes"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

func TestGoldens(t *testing.T) {
	goldentest.Goldens(t, "json", func(b *bytes.Buffer, res *analyze.Result) error {
		return Render(b, res, goldentest.Root)
	})
}
