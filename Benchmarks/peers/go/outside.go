package main

import (
	"os"
	"runtime"
	"time"
)

// The goroutines of yield, while another one waits at a pipe in which nothing comes before they have ended.
func yieldWhileOneWaits(count, size int) (time.Duration, int) {
	reader, writer, err := os.Pipe()
	if err != nil {
		fail(err.Error())
	}
	read := make(chan int)
	go func() {
		length, _ := reader.Read(make([]byte, 1))
		read <- length
	}()
	runtime.Gosched()
	elapsed, _ := yield(count, size)
	writer.Write([]byte{1})
	check(<-read, 1)
	return elapsed, 0
}

// A function on another thread: a goroutine that has one for itself, as for a library that needs it.
func offload(count, size int) (time.Duration, int) {
	questions, answers := make(chan int), make(chan int)
	onTwoThreads(func() {
		for n := 0; n < count; n++ {
			<-questions
			answers <- 1
		}
	})
	// The asking goroutine may be on any thread.
	runtime.UnlockOSThread()
	sum := 0
	start := time.Now()
	for n := 0; n < count; n++ {
		questions <- n
		sum += <-answers
	}
	elapsed := time.Since(start)
	check(sum, count)
	return elapsed, 0
}
