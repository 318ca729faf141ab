package main

import (
	"context"
	"math/rand"
	"sync"
	"time"
)

// A stream whose receiver gives each message a time limit, which never expires.
func timeout(count, size int) (time.Duration, int) {
	numbers := make(chan int)
	start := time.Now()
	go func() {
		for n := 0; n < count; n++ {
			numbers <- n
		}
	}()
	sum := 0
	for n := 0; n < count; n++ {
		limited, cancel := context.WithTimeout(context.Background(), time.Minute)
		select {
		case number := <-numbers:
			sum += number
		case <-limited.Done():
			fail("a time limit has expired")
		}
		cancel()
	}
	elapsed := time.Since(start)
	check(sum, sumBelow(count))
	return elapsed, 0
}

// All sleep at once, until times in random order, and end. Sleeping is not measured, but making, waking and ending are.
func sleeping(count, size int) (time.Duration, int) {
	var ready, done sync.WaitGroup
	ready.Add(count)
	done.Add(count)
	random := rand.New(rand.NewSource(1))
	before := residentBytes()
	start := time.Now()
	// Later than the last one is made.
	wake := start.Add(time.Duration(count) * 15 * time.Microsecond)
	for n := 0; n < count; n++ {
		deadline := wake.Add(time.Duration(random.Intn(1000)) * time.Microsecond)
		go func() {
			ready.Done()
			time.Sleep(time.Until(deadline))
			done.Done()
		}()
	}
	ready.Wait()
	made := time.Since(start)
	bytes := residentBytes() - before
	if time.Now().After(wake) {
		fail("the sleepers woke before all of them slept")
	}
	time.Sleep(time.Until(wake))
	again := time.Now()
	done.Wait()
	return made + time.Since(again), bytes / count
}
