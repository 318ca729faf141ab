package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func yield(count, size int) (time.Duration, int) {
	return measureYield(count, size, func() int {
		runtime.Gosched()
		return 1
	})
}

func deepYield(count, size int) (time.Duration, int) {
	return measureYield(count, 2, func() int { return yieldDeep(6) - 5 })
}

func measureYield(count, size int, yield func() int) (time.Duration, int) {
	var ready, done sync.WaitGroup
	var total int64
	ready.Add(size)
	done.Add(size)
	begin := make(chan struct{})
	for i := 0; i < size; i++ {
		go func() {
			ready.Done()
			<-begin
			sum := 0
			for n := 0; n < count/size; n++ {
				sum += yield()
			}
			atomic.AddInt64(&total, int64(sum))
			done.Done()
		}()
	}
	ready.Wait()
	start := time.Now()
	close(begin)
	done.Wait()
	elapsed := time.Since(start)
	check(int(total), count)
	return elapsed, 0
}

//go:noinline
func yieldDeep(depth int) int {
	if depth == 0 {
		runtime.Gosched()
		return 0
	}
	return yieldDeep(depth-1) + 1
}
