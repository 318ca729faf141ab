package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func create(count, size int) (time.Duration, int) {
	var ended int64
	start := time.Now()
	for n := 0; n < count; n++ {
		go func() { atomic.AddInt64(&ended, 1) }()
		runtime.Gosched()
	}
	// A goroutine that was interrupted may come last.
	for atomic.LoadInt64(&ended) < int64(count) {
		runtime.Gosched()
	}
	elapsed := time.Since(start)
	check(int(ended), count)
	return elapsed, 0
}

// Parking is waiting for a condition, waking is signalling it.
func park(count, size int) (time.Duration, int) {
	var lock sync.Mutex
	condition := sync.NewCond(&lock)
	awake := false
	woken := 0
	done := make(chan struct{})
	start := time.Now()
	go func() {
		lock.Lock()
		for woken < count {
			for !awake {
				condition.Wait()
			}
			awake = false
			woken++
		}
		lock.Unlock()
		close(done)
	}()
	runtime.Gosched()
	for n := 0; n < count; n++ {
		lock.Lock()
		awake = true
		lock.Unlock()
		condition.Signal()
		for isSet(&lock, &awake) {
			runtime.Gosched()
		}
	}
	<-done
	elapsed := time.Since(start)
	check(woken, count)
	return elapsed, 0
}

func isSet(lock *sync.Mutex, flag *bool) bool {
	lock.Lock()
	defer lock.Unlock()
	return *flag
}

func parked(count, size int) (time.Duration, int) {
	never := make(chan int)
	var ready, done sync.WaitGroup
	ready.Add(count)
	done.Add(count)
	var ended int64
	before := residentBytes()
	start := time.Now()
	for n := 0; n < count; n++ {
		go func() {
			ready.Done()
			<-never
			atomic.AddInt64(&ended, 1)
			done.Done()
		}()
	}
	ready.Wait()
	bytes := residentBytes() - before
	close(never)
	done.Wait()
	elapsed := time.Since(start)
	check(int(ended), count)
	return elapsed, bytes / count
}

func residentBytes() int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		fail(err.Error())
	}
	var all, resident int
	fmt.Sscan(string(text), &all, &resident)
	return resident * os.Getpagesize()
}
