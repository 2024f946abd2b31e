// A script says that it is done while two timers, an interval and a promise that nobody keeps are waiting.
package main

import (
	_ "embed"
	"fmt"

	"github.com/dop251/goja"
	"github.com/looptrace/looptrace/examples/go/jsloop"
	"github.com/looptrace/looptrace/recorder"
)

//go:embed shop.js
var script string

func main() {
	rec := recorder.FromEnv(recorder.Depth(16)) // between a script and whoever runs it are frames of goja
	defer func() { _ = rec.Close() }()

	loop := jsloop.New(rec.Loop("shop"))
	done := make(chan struct{})
	loop.Start()
	loop.RunOnLoop(func(vm *goja.Runtime) {
		_ = vm.Set("done", func() { close(done) })
		if _, err := vm.RunScript("shop.js", script); err != nil { // script
			fmt.Println(err)
		}
	})
	<-done
	fmt.Println(loop.Stop(), "jobs remain") // close
}
