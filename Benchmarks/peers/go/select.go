package main

import (
	"fmt"
	"runtime"
	"time"
)

// A select finds a sender at one of the channels. Giving way lets the sender come again.
func selectReady(count, size int) (time.Duration, int) {
	channels := makeChannels(size)
	start := time.Now()
	go func() {
		for n := 0; n < count; n++ {
			channels[n%size] <- n
		}
	}()
	runtime.Gosched()
	sum := sumBySelect(channels, count, runtime.Gosched)
	elapsed := time.Since(start)
	check(sum, sumBelow(count))
	return elapsed, 0
}

// A select waits at all of the channels, and is woken at one. The sender gives way after each message, so that the
// select is there first.
func selectWoken(count, size int) (time.Duration, int) {
	channels := makeChannels(size)
	start := time.Now()
	go func() {
		for n := 0; n < count; n++ {
			channels[n%size] <- n
			runtime.Gosched()
		}
	}()
	sum := sumBySelect(channels, count, func() {})
	elapsed := time.Since(start)
	check(sum, sumBelow(count))
	return elapsed, 0
}

func makeChannels(size int) []chan int {
	channels := make([]chan int, size)
	for i := range channels {
		channels[i] = make(chan int)
	}
	return channels
}

func sumBySelect(channels []chan int, count int, between func()) int {
	switch len(channels) {
	case 2:
		return sumOfTwo(channels, count, between)
	case 8:
		return sumOfEight(channels, count, between)
	}
	fail(fmt.Sprint("there is a select of 2 channels and one of 8, none of ", len(channels)))
	return 0
}

func sumOfTwo(channels []chan int, count int, between func()) int {
	a, b := channels[0], channels[1]
	sum := 0
	for i := 0; i < count; i++ {
		select {
		case n := <-a:
			sum += n
		case n := <-b:
			sum += n
		}
		between()
	}
	return sum
}

func sumOfEight(channels []chan int, count int, between func()) int {
	a, b, c, d := channels[0], channels[1], channels[2], channels[3]
	e, f, g, h := channels[4], channels[5], channels[6], channels[7]
	sum := 0
	for i := 0; i < count; i++ {
		select {
		case n := <-a:
			sum += n
		case n := <-b:
			sum += n
		case n := <-c:
			sum += n
		case n := <-d:
			sum += n
		case n := <-e:
			sum += n
		case n := <-f:
			sum += n
		case n := <-g:
			sum += n
		case n := <-h:
			sum += n
		}
		between()
	}
	return sum
}
