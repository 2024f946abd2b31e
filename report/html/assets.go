package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"strings"
)

//go:embed dist/app.js
var appJS string

//go:embed page.css
var pageCSS string

//go:embed app/timeline.css
var timelineCSS string

//go:embed page.gohtml
var pageText string

var errScript = errors.New("app.js holds a tag that would end or disturb its script element")

// appScript returns the program of the page.
func appScript() (string, error) { return fit(appJS) }

// fit returns a script that can stand in a script element; errScript otherwise.
func fit(script string) (string, error) {
	lower := strings.ToLower(script)
	if strings.Contains(lower, "</script") || strings.Contains(lower, "<!--") {
		return "", errScript
	}
	return script, nil
}

// policy allows the page its own program and styles, and to load nothing.
func policy(app string) string {
	sum := sha256.Sum256([]byte(app))
	return "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
}

// styles are ours alone: nothing of a trace gets there.
func styles() template.CSS { return template.CSS(pageCSS + "\n" + timelineCSS) }
