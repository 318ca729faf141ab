// Echo in Go, a goroutine for each connection; over TLS with the arguments CERTIFICATE KEY. Prints the port; ends when its standard
// input does.
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
)

func handle(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 1024)
	for {
		length, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err := connection.Write(buffer[:length]); err != nil {
			return
		}
	}
}

func listen() (net.Listener, error) {
	if len(os.Args) < 3 {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	identity, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	if err != nil {
		return nil, err
	}
	return tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{identity}})
}

func main() {
	listener, err := listen()
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go handle(connection)
	}
}
