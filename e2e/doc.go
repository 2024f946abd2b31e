// Package e2e tests the HTML report in a real browser. It is a module of its own, so that looptrace does not depend on what
// drives the browser. The tests build looptrace, or take the one that LOOPTRACE_BINARY names; the browser is a Chromium that
// is found in the usual places, or the one that LOOPTRACE_CHROME names. Without one the tests are skipped.
//
//	go test -C e2e ./...
//	go test -C e2e -run TestMillionSpans -v -spans 1000000 -table ./...
package e2e
