// The body of a response is neither read nor closed: the two goroutines of the connection stay.
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
	time.Sleep(30 * time.Millisecond)
}

func status(client *http.Client, url string) {
	res, err := client.Get(url) // get
	if err != nil {
		panic(err)
	}
	fmt.Println(res.Status)
}
