// The body of a response is closed, although nobody reads it.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("page ", 1_000_000))
	})}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := &http.Client{Transport: &http.Transport{}}
	status(client, "http://"+listener.Addr().String())
	_ = server.Close()
	<-served
	client.CloseIdleConnections()
	time.Sleep(30 * time.Millisecond) // the client's goroutines end
}

func status(client *http.Client, url string) {
	res, err := client.Get(url)
	if err != nil {
		panic(err)
	}
	defer func() { _ = res.Body.Close() }()
	fmt.Println(res.Status)
}
