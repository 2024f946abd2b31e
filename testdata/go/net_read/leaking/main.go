// A server closes its listener only: whatever reads from a connection reads on.
package main

import (
	"fmt"
	"net"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	go read(conn) // creator
	time.Sleep(30 * time.Millisecond)
	_ = listener.Close()
	fmt.Println("closed, but for", client.RemoteAddr().Network())
}

func read(conn net.Conn) {
	var line [64]byte
	_, _ = conn.Read(line[:]) // waits
}
