// A server closes its connections, which ends what reads from them.
package main

import (
	"fmt"
	"net"
	"sync"
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
	var readers sync.WaitGroup
	readers.Go(func() { read(conn) })
	for _, c := range []interface{ Close() error }{client, conn, listener} {
		_ = c.Close()
	}
	readers.Wait()
	fmt.Println("closed")
}

func read(conn net.Conn) {
	var line [64]byte
	_, _ = conn.Read(line[:])
}
