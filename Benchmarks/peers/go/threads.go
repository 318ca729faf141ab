package main

import (
	"runtime"
	"time"
)

// Runs the other end on a thread of its own, as this one has.
func onTwoThreads(other func()) {
	runtime.GOMAXPROCS(2)
	runtime.LockOSThread()
	go func() {
		runtime.LockOSThread()
		other()
	}()
}

func threadPingPong(count, size int) (time.Duration, int) {
	there, back := make(chan int), make(chan int)
	onTwoThreads(func() {
		for n := 0; n < count/2; n++ {
			back <- <-there + 1
		}
	})
	start := time.Now()
	sum := 0
	for n := 0; n < count/2; n++ {
		there <- n
		sum += <-back
	}
	elapsed := time.Since(start)
	check(sum, sumBelow(count/2)+count/2)
	return elapsed, 0
}

func threadStream(count, size int) (time.Duration, int) {
	numbers := make(chan int)
	onTwoThreads(func() {
		for n := 0; n < count; n++ {
			numbers <- n
		}
	})
	start := time.Now()
	sum := 0
	for n := 0; n < count; n++ {
		sum += <-numbers
	}
	elapsed := time.Since(start)
	check(sum, sumBelow(count))
	return elapsed, 0
}

// A question to a thread that has fallen asleep.
func threadAsleep(count, size int) (time.Duration, int) {
	there, back := make(chan int), make(chan int)
	onTwoThreads(func() {
		for n := 0; n < count; n++ {
			back <- <-there + 1
		}
	})
	var elapsed time.Duration
	sum := 0
	for n := 0; n < count; n++ {
		for rest := time.Now(); time.Since(rest) < 200*time.Microsecond; {
		}
		start := time.Now()
		there <- n
		sum += <-back
		elapsed += time.Since(start)
	}
	check(sum, sumBelow(count)+count)
	return elapsed, 0
}
