// Tells how Go's net/http and a server at an address see each request of a folder, as a table: how many requests there are in
// the bytes and a second request behind them, or that the first one is refused.
//
//	go run . FOLDER ADDRESS
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

var status = regexp.MustCompile(`HTTP/1\.1 (\d)\d\d `)

func verdict(address string, request []byte) string {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	go func() {
		connection.Write(append(append([]byte{}, request...), "GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"...))
		connection.(*net.TCPConn).CloseWrite()
	}()
	answer, _ := io.ReadAll(connection)
	seen := 0
	for _, match := range status.FindAllSubmatch(answer, -1) {
		if string(match[1]) == "2" {
			seen++
		}
	}
	if seen == 0 {
		return "refused"
	}
	return fmt.Sprint(seen)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := http.Server{
		ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			if _, err := io.Copy(io.Discard, request.Body); err != nil {
				response.WriteHeader(400)
			}
		}),
	}
	go server.Serve(listener)
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.request"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("request\tGo\tnginx")
	for _, file := range files {
		request, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\t%s\t%s\n", filepath.Base(file), verdict(listener.Addr().String(), request), verdict(os.Args[2], request))
	}
}
