// A server is shut down while a handler waits for a database that does not answer, and does not look at the context of its
// request: Shutdown gives up, Close cuts the connection, and the handler waits on.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/looptrace/looptrace/examples/go/httpserver"
	"github.com/looptrace/looptrace/recorder"
)

func main() {
	rec := recorder.FromEnv()
	defer func() { _ = rec.Close() }()
	if err := run(rec); err != nil {
		fmt.Println(err)
	}
}

func run(rec *recorder.Recorder) error {
	asked := make(chan struct{})
	database := make(chan string)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		_, _ = io.WriteString(w, <-database) // blocked
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := httpserver.New(mux, rec.Loop("http"))
	served := make(chan error, 1)
	go func() {
		served <- server.Serve(listener) // serve
	}()

	got := make(chan error, 1)
	go func() { got <- get("http://" + listener.Addr().String() + "/report") }()
	<-asked
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err = server.Shutdown(ctx) // close
	_ = server.Close()
	fmt.Println("client:", <-got != nil)
	<-served
	return err
}

func get(url string) error {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	res, err := client.Get(url)
	if err != nil {
		return err
	}
	return res.Body.Close()
}
