package html

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strings"
	"testing"
)

// The policy of the page lets exactly its own program run, and the page names nothing that could be loaded.
func TestPolicy(t *testing.T) {
	page := rendered(t, judged(t, traceText(t, "shutdown")))
	meta := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if meta == nil {
		t.Fatal("no policy")
	}
	script := page[strings.LastIndex(page, "<script>")+len("<script>") : strings.LastIndex(page, "</script>")]
	sum := sha256.Sum256([]byte(script))
	said := html.UnescapeString(meta[1])
	if want := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"; !strings.Contains(said, want) || !strings.HasPrefix(said, "default-src 'none';") {
		t.Errorf("the policy is %s, want %s in it", said, want)
	}
	head := page[:strings.Index(page, "</style>")]
	if m := regexp.MustCompile(`(?i)(@import|url\([^)]*\)|https?://[^ ]*)`).FindString(head); m != "" {
		t.Errorf("the head loads %s", m)
	}
	for _, m := range regexp.MustCompile(`(?i) (src|srcset|href|action|data|poster)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[2], "#") {
			t.Errorf("the page refers to %s", m[0])
		}
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("the template refused a value")
	}
}

// Every link of a page leads somewhere in it, and no id is there twice.
func TestAnchors(t *testing.T) {
	for _, name := range traceNames(t) {
		page := rendered(t, judged(t, traceText(t, name)))
		page = page[:strings.LastIndex(page, "<script>")]
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			ids[m[1]]++
			if ids[m[1]] > 1 {
				t.Errorf("%s: the id %s is there twice", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`(?:href="|url\()#([^")]*)`).FindAllStringSubmatch(page, -1) {
			if ids[m[1]] == 0 {
				t.Errorf("%s: nothing has the id %s", name, m[1])
			}
		}
	}
}
