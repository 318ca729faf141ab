package main

import (
	"sync"
	"time"
)

// A lock is taken and given back, and nobody else wants it.
func lock(count, size int) (time.Duration, int) {
	var lock sync.Mutex
	start := time.Now()
	for n := 0; n < count; n++ {
		lock.Lock()
		lock.Unlock()
	}
	return time.Since(start), 0
}

// Numbers through a channel with a buffer of 128.
func queue(count, size int) (time.Duration, int) {
	numbers := make(chan int, 128)
	start := time.Now()
	go func() {
		for n := 0; n < count; n++ {
			numbers <- n
		}
	}()
	sum := 0
	for n := 0; n < count; n++ {
		sum += <-numbers
	}
	elapsed := time.Since(start)
	check(sum, sumBelow(count))
	return elapsed, 0
}

// The same between two threads.
func threadQueue(count, size int) (time.Duration, int) {
	numbers := make(chan int, 128)
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

// Groups of goroutines that do nothing, for each goroutine.
func group(count, size int) (time.Duration, int) {
	ended := 0
	start := time.Now()
	for n := 0; n < count/size; n++ {
		var children sync.WaitGroup
		children.Add(size)
		for child := 0; child < size; child++ {
			go func() {
				ended++
				children.Done()
			}()
		}
		children.Wait()
	}
	elapsed := time.Since(start)
	check(ended, count/size*size)
	return elapsed, 0
}
