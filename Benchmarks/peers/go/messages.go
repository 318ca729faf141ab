package main

import (
	"sync"
	"sync/atomic"
	"time"
)

func stream(count, size int) (time.Duration, int) {
	numbers := make(chan int)
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

func stringStream(count, size int) (time.Duration, int) {
	lines := make(chan string)
	line := string([]byte("forty characters that lie on the heap..."))
	start := time.Now()
	go func() {
		for n := 0; n < count; n++ {
			lines <- line
		}
	}()
	sum := 0
	for n := 0; n < count; n++ {
		sum += len(<-lines)
	}
	elapsed := time.Since(start)
	check(sum, 40*count)
	return elapsed, 0
}

func pingPong(count, size int) (time.Duration, int) {
	there, back := make(chan int), make(chan int)
	start := time.Now()
	go func() {
		for n := 0; n < count/2; n++ {
			back <- <-there + 1
		}
	}()
	sum := 0
	for n := 0; n < count/2; n++ {
		there <- n
		sum += <-back
	}
	elapsed := time.Since(start)
	check(sum, sumBelow(count/2)+count/2)
	return elapsed, 0
}

func ring(count, size int) (time.Duration, int) {
	channels := make([]chan int, size)
	for i := range channels {
		channels[i] = make(chan int)
	}
	end := make(chan int)
	var passed int64
	for i := range channels {
		inbox, outbox := channels[i], channels[(i+1)%size]
		go func() {
			for {
				left := <-inbox
				if left == 0 {
					end <- 0
					return
				}
				atomic.AddInt64(&passed, 1)
				outbox <- left - 1
			}
		}()
	}
	start := time.Now()
	channels[0] <- count
	<-end
	elapsed := time.Since(start)
	check(int(passed), count)
	return elapsed, 0
}

func fanIn(count, size int) (time.Duration, int) {
	numbers := make(chan int)
	start := time.Now()
	for i := 0; i < size; i++ {
		go func() {
			for n := 0; n < count/size; n++ {
				numbers <- n
			}
		}()
	}
	sum := 0
	for n := 0; n < count; n++ {
		sum += <-numbers
	}
	elapsed := time.Since(start)
	check(sum, size*sumBelow(count/size))
	return elapsed, 0
}

func broadcast(count, size int) (time.Duration, int) {
	rounds := count / size
	channels := make([]chan int, size)
	var ready, done sync.WaitGroup
	ready.Add(size)
	done.Add(size)
	var total int64
	for i := range channels {
		channel := make(chan int)
		channels[i] = channel
		go func() {
			ready.Done()
			sum := 0
			for round := 0; round < rounds; round++ {
				sum += <-channel
			}
			atomic.AddInt64(&total, int64(sum))
			done.Done()
			// Ending is not measured.
			<-channel
		}()
	}
	ready.Wait()
	start := time.Now()
	for round := 1; round <= rounds; round++ {
		for _, channel := range channels {
			channel <- round
		}
	}
	done.Wait()
	elapsed := time.Since(start)
	check(int(total), size*(sumBelow(rounds)+rounds))
	return elapsed, 0
}
