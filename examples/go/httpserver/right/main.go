// A server is shut down while it makes a report: the client still gets it.
package main

import (
	"context"
	"errors"
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
	mux := http.NewServeMux()
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		select {
		case <-time.After(20 * time.Millisecond):
			_, _ = io.WriteString(w, "report")
		case <-r.Context().Done():
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := httpserver.New(mux, rec.Loop("http"))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	got := make(chan error, 1)
	go func() { got <- get("http://" + listener.Addr().String() + "/report") }()
	<-asked
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(ctx), <-got, unlessClosed(<-served))
}

func get(url string) error {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	res, err := client.Get(url)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	fmt.Printf("%s\n", body)
	return err
}

func unlessClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
