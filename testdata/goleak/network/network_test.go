// Package network leaves readers, listeners and connections behind.
package network

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"time"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestAccept(t *testing.T) {
	l := listen(t)
	go func() { // accept: made
		l.Accept() // accept: waits
	}()
}

var kept []any // or the collector would close what nobody holds

func TestRead(t *testing.T) {
	l := listen(t)
	kept = append(kept, l)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	go func() { // read: made
		io.ReadAll(c) // read: waits
	}()
}

func TestPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	kept = append(kept, w)
	go func() { // pipe: made
		r.Read(make([]byte, 1)) // pipe: waits
	}()
}

// A goroutine in a system call holds a thread.
func TestSystemCall(t *testing.T) {
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		t.Fatal(err)
	}
	go func() { // syscall: made
		syscall.Read(fds[0], make([]byte, 1)) // syscall: waits
	}()
}

func TestServerLeft(t *testing.T) {
	left = httptest.NewServer(http.NotFoundHandler()) // server: made
}

var left *httptest.Server

func TestServerClosed(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
}

// The connection is kept for the next request, as it should be, at both its ends. goleak takes that for a leak.
func TestKeepAlive(t *testing.T) {
	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Get(left.URL)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

// Nobody closes the body of the answer.
func TestBodyLeft(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // body server: made
		w.Write(make([]byte, 1<<20))
		w.(http.Flusher).Flush()
		<-r.Context().Done() // handler: waits
	}))
	kept = append(kept, s)
	client := &http.Client{Transport: &http.Transport{}}
	if _, err := client.Get(s.URL); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
}
