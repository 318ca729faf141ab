// jobs JOB COUNT [SIZE] prints the nanoseconds that one operation of the job takes.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

// A job gives the time for all operations, and how many bytes a goroutine takes where that is asked for.
type job func(count, size int) (time.Duration, int)

var jobs = map[string]job{
	"yield":             yield,
	"yield-outside":     yieldWhileOneWaits,
	"deep-yield":        deepYield,
	"stream":            stream,
	"string":            stringStream,
	"ping-pong":         pingPong,
	"ring":              ring,
	"fan-in":            fanIn,
	"broadcast":         broadcast,
	"select-ready":      selectReady,
	"select-woken":      selectWoken,
	"create":            create,
	"park":              park,
	"timeout":           timeout,
	"sleeping":          sleeping,
	"parked":            parked,
	"robots":            robots,
	"threads-ping-pong": threadPingPong,
	"threads-stream":    threadStream,
	"threads-asleep":    threadAsleep,
	"lock":              lock,
	"queue":             queue,
	"group":             group,
	"threads-queue":     threadQueue,
	"offload":           offload,
	// Go's generators are goroutines that send.
	"generator": stream,
}

func main() {
	runtime.GOMAXPROCS(1)
	if len(os.Args) < 3 || jobs[os.Args[1]] == nil {
		fail("usage: jobs JOB COUNT [SIZE]")
	}
	count, size := number(os.Args[2]), 1
	if len(os.Args) > 3 {
		size = number(os.Args[3])
	}
	elapsed, bytes := jobs[os.Args[1]](count, size)
	fmt.Print(float64(elapsed.Nanoseconds()) / float64(count))
	if bytes > 0 {
		fmt.Print(" ", bytes)
	}
	fmt.Println()
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		fail(err.Error())
	}
	return value
}

func check(found, expected int) {
	if found != expected {
		fail(fmt.Sprint("wrong result: ", found, ", not ", expected))
	}
}

func fail(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(1)
}

func sumBelow(count int) int { return count * (count - 1) / 2 }
