// The client of the echo servers over TLS: client PORT CONNECTIONS SECONDS.
//
// It connects, prints "begin" and waits for a line. Then it sends 64 bytes on each connection and waits for them, again and again,
// prints how many answers came in a second and how many in all, and waits for another line.
package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ask(connection *tls.Conn, end <-chan struct{}, answers *int64) {
	question := bytes.Repeat([]byte("0123456789abcdef"), 4)
	answer := make([]byte, len(question))
	for {
		select {
		case <-end:
			return
		default:
		}
		_, err := connection.Write(question)
		must(err)
		_, err = io.ReadFull(connection, answer)
		must(err)
		if !bytes.Equal(question, answer) {
			must(fmt.Errorf("a wrong answer: %q", answer))
		}
		atomic.AddInt64(answers, 1)
	}
}

func client(port string, count int, seconds float64) {
	var answers int64
	var done sync.WaitGroup
	end := make(chan struct{})
	connections := make([]*tls.Conn, count)
	for i := range connections {
		// The machine's processor is what is measured, not whom the client trusts.
		connection, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{InsecureSkipVerify: true})
		must(err)
		connections[i] = connection
	}
	fmt.Println("begin")
	waitForLine()
	start := time.Now()
	for _, connection := range connections {
		done.Add(1)
		go func(connection *tls.Conn) {
			ask(connection, end, &answers)
			done.Done()
		}(connection)
	}
	time.Sleep(time.Duration(seconds * 1e9))
	close(end)
	done.Wait()
	fmt.Printf("%f %d\n", float64(answers)/time.Since(start).Seconds(), answers)
	waitForLine()
}

// Waits for a line from whoever measures.
func waitForLine() {
	one := make([]byte, 1)
	for {
		length, err := os.Stdin.Read(one)
		if err != nil || length == 1 && one[0] == '\n' {
			return
		}
	}
}

func main() {
	if len(os.Args) != 4 {
		must(fmt.Errorf("usage: client PORT CONNECTIONS SECONDS"))
	}
	count, err := strconv.Atoi(os.Args[2])
	must(err)
	seconds, err := strconv.ParseFloat(os.Args[3], 64)
	must(err)
	client(os.Args[1], count, seconds)
}
