// Bundle turns TypeScript into one script that can be put into a page. It checks no types: .ci/validators/typescript does.
//
//	go run ./bundle ENTRY.ts OUT.js
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: bundle ENTRY.ts OUT.js")
	}
	script, err := bundle(args[0])
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], script, 0o644)
}

// bundle returns the script. The same sources give the same bytes.
func bundle(entry string) ([]byte, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{entry},
		Bundle:            true,
		Format:            api.FormatIIFE,
		Target:            api.ES2022,
		Charset:           api.CharsetASCII,
		MinifyWhitespace:  true,
		MinifySyntax:      true,
		MinifyIdentifiers: true,
		LegalComments:     api.LegalCommentsNone,
		LineLimit:         200,
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(string(bytes.TrimSpace([]byte(api.FormatMessages(result.Errors, api.FormatMessagesOptions{})[0]))))
	}
	script := result.OutputFiles[0].Contents
	if bytes.Contains(bytes.ToLower(script), []byte("</script")) || bytes.Contains(script, []byte("<!--")) {
		return nil, errors.New("the script would end its element in the page")
	}
	return script, nil
}
