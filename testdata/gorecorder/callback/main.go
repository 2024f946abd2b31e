// Command callback makes tasks from functions that C calls, with all that C may leave in the register of the frame pointer, on
// goroutines and on threads that C made. It ends with 1 and says what is wrong if a task was not made or does not wait where
// it is said to.
package main

/*
#cgo CFLAGS: -O2 -fomit-frame-pointer
#cgo LDFLAGS: -lpthread
#include <stdint.h>
void with_register(uintptr_t value, uintptr_t what);
void on_thread(uintptr_t what);
uintptr_t top(void);
*/
import "C"

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/looptrace/looptrace/recorder"
)

var loop = recorder.New(recorder.Depth(16)).Loop("loop")

//export called
func called(what C.uintptr_t) {
	_, t := loop.Task(context.Background(), "task")
	t.Wait("reply")
	if depth := int(what); depth > 0 {
		again(depth - 1) // C calls Go, which calls C
	}
}

//go:noinline
func again(depth int) { C.with_register(C.top(), C.uintptr_t(depth)) }

// The callers of C: that their stacks differ is all that tells the tasks apart.

//go:noinline
func first(register uintptr) { C.with_register(C.uintptr_t(register), 0) }

//go:noinline
func second(register uintptr) { C.with_register(C.uintptr_t(register), 0) }

// grow moves the stack of the goroutine.
//
//go:noinline
func grow(depth int, f func()) {
	var room [128]byte
	if depth == 0 {
		f()
	} else {
		grow(depth-1, f)
	}
	runtime.KeepAlive(&room)
}

// registers are what C may have there: small numbers, addresses of its own, and those of the stack of the goroutine, which it
// knows from the arguments that it was given and from where it puts the results.
func registers(local *[4]uintptr) []uintptr {
	here := uintptr(unsafe.Pointer(local))
	return []uintptr{0, 1, 8, ^uintptr(0), ^uintptr(0) - 7, here, here + 8, here - 4096, uintptr(C.top()), uintptr(C.top()) - 8, uintptr(C.top()) + 4096}
}

func check() {
	makers := map[string]int{}
	for _, t := range loop.Live() {
		of := map[string]bool{}
		for _, f := range t.Spawned {
			of[f.Function[strings.LastIndexByte(f.Function, '.')+1:]] = true
		}
		for _, name := range []string{"first", "second", "again"} {
			if of[name] {
				makers[name]++
			}
		}
		if len(t.Spawned) == 0 || t.Spawned[0].Function != "main.called" || len(t.Waiting) == 0 || t.Waiting[0].Function != "main.called" {
			fail("a task was made at %v and waits at %v", t.Spawned, t.Waiting)
		}
	}
	if makers["first"] != makers["second"] || makers["first"] < rounds || makers["again"] == 0 {
		fail("tasks were made by %v", makers)
	}
}

func fail(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}

const rounds = 200

func main() {
	for i := range rounds {
		var local [4]uintptr
		for j := range registers(&local) {
			var wg sync.WaitGroup
			wg.Go(func() {
				grow(i%40, func() {
					var here [4]uintptr
					first(registers(&here)[j])
				})
			})
			wg.Go(func() {
				grow(i%40, func() {
					var here [4]uintptr
					second(registers(&here)[j])
				})
			})
			wg.Wait()
		}
		again(6)
		C.on_thread(3)
	}
	check()
}
