// Command program does one thing each by which a recording could be told, or lost.
package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/trace"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	modes := map[string]func(){
		"plain": plain, "exit": func() { os.Exit(3) }, "panic": func() { go panic("oops"); select {} }, "asleep": asleep,
		"goexit": runtime.Goexit, "own": own, "unseen": unseen, "serve": serve, "signal": caught, "spin": spin, "child": child,
		"collect": collect, "exec": replace, "many": many, "concurrent": concurrent,
	}
	modes[os.Args[1]]()
}

func plain() {
	done := make(chan int)
	go worker(done)
	fmt.Println(<-done)
	go stuck()
	time.Sleep(20 * time.Millisecond)
}

func worker(done chan int) { done <- 42 }

func stuck() { <-make(chan int) }

// asleep is a deadlock that needs some time.
func asleep() {
	time.Sleep(250 * time.Millisecond)
	var mu sync.Mutex
	mu.Lock()
	go stuck()
	mu.Lock()
}

// own traces itself, twice.
func own() {
	for range [2]int{} {
		var b bytes.Buffer
		fmt.Println(trace.IsEnabled())
		fmt.Println(trace.Start(&b), trace.IsEnabled(), trace.Start(&b) != nil)
		trace.Log(context.Background(), "mine", "message")
		done := make(chan int)
		go worker(done)
		<-done
		trace.Stop()
		fmt.Println(bytes.HasPrefix(b.Bytes(), []byte("go 1.")), bytes.Count(b.Bytes(), []byte("message")) > 0, trace.IsEnabled())
		before := b.Len()
		time.Sleep(150 * time.Millisecond)
		fmt.Println(b.Len() == before)
		if len(os.Args) > 2 {
			os.WriteFile(os.Args[2], b.Bytes(), 0o600)
		}
	}
}

// unseen tells what a program can know of itself.
func unseen() {
	time.Sleep(10 * time.Millisecond)
	buf := make([]byte, 64<<10)
	fmt.Println(runtime.NumGoroutine(), strings.Count(string(buf[:runtime.Stack(buf, true)]), "goroutine "), trace.IsEnabled())
	f, err := os.Open(os.DevNull)
	fmt.Println(f.Fd(), err, len(os.Args), os.Getenv("GODEBUG"))
}

// serve waits for a connection and nothing else.
func serve() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	fmt.Println(l.Addr(), err)
	c, err := l.Accept()
	fmt.Println(c != nil, err)
}

func caught() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	fmt.Println("ready")
	fmt.Println(<-c)
}

func spin() {
	fmt.Println("ready")
	for {
		done := make(chan int)
		go worker(done)
		<-done
		time.Sleep(time.Millisecond)
	}
}

func child() {
	out, err := exec.Command(os.Args[0], "plain").Output()
	fmt.Println(string(out), err)
}

// collect has nothing that runs but the garbage collector.
func collect() {
	var keep [][]*int
	for range [60]int{} {
		list := make([]*int, 100_000)
		for i := range list {
			list[i] = new(int)
		}
		keep = append(keep, list)
	}
	for range [4]int{} {
		runtime.GC()
	}
	fmt.Println(len(keep))
}

func replace() {
	fmt.Println(syscall.Exec(os.Args[0], []string{os.Args[0], "plain"}, os.Environ()))
}

func many() {
	var wg sync.WaitGroup
	for range [20_000]int{} {
		wg.Add(1)
		go func() { wg.Done(); stuck() }()
	}
	wg.Wait()
	time.Sleep(300 * time.Millisecond)
	fmt.Println(runtime.NumGoroutine())
}

// concurrent exits from many places at once.
func concurrent() {
	for range [8]int{} {
		go os.Exit(5)
	}
	select {}
}
