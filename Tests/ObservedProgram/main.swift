// A program that the tests look at from outside: with a debugger, in a crash report, by a signal. Its argument says what
// it does.

import Channels
import Foundation
import Synchronization
import Tasklets

// What hangs is ended by the system.
alarm(ProcessInfo.processInfo.environment["HANG_ALARM"].flatMap { UInt32($0) } ?? 600)

@inline(never)
func outerFunction(_ body: () throws -> Void) throws {
    try body()
    print("after the inner function")
}

@inline(never)
func innerFunction(_ body: () throws -> Void) throws {
    try body()
    print("after the body")
}

/// A tasklet that calls `body` two functions deep, after a switch.
@discardableResult
func deepTasklet(_ name: String, _ body: @escaping () throws -> Void) -> Tasklet {
    Tasklet(name: name) {
        try Tasklet.schedule()
        try outerFunction { try innerFunction(body) }
        print("end of the tasklet")
    }
}

/// A C name, which every debugger knows.
@c(stop_here) @inline(never)
func stopHere() {
    print("here")
}

func sayReady() {
    print("ready \(getpid())")
    fflush(nil)
}

let lines = Channel<String>(name: "lines")

switch CommandLine.arguments.dropFirst().first {
case "stop":
    deepTasklet("stopper") { stopHere() }
    try Tasklet.run()
case "crash":
    deepTasklet("crasher") { fatalError("planted") }
    try Tasklet.run()
case "sleep":
    // The thread sleeps in the kernel: another one may come, which never does.
    Thread { while true { pause() } }.start()
    Scheduler.dumpOnSignal(SIGUSR1, frames: 50)
    lines.share()
    deepTasklet("reader") { _ = try lines.receive() }
    let paused = deepTasklet("paused") { try Tasklet.scheduleRemove() }
    // Not run(): the other thread may come, so it would wait for it.
    for _ in 0..<4 { try Tasklet.schedule() }
    sayReady()
    try withExtendedLifetime(paused) { _ = try lines.receive() }
case "busy":
    // A tasklet that never gives way.
    Scheduler.dumpOnSignal(SIGUSR1, frames: 50)
    deepTasklet("reader") { _ = try lines.receive() }
    let isEnough = Atomic(false)
    deepTasklet("busy") {
        sayReady()
        while !isEnough.load(ordering: .relaxed) {}
    }
    try Tasklet.run()
case "crash-main":
    try outerFunction { try innerFunction { fatalError("planted") } }
case "announced-ended", "announced-idle", "announced-fails", "announced-late", "announced-run", "announced-done",
    "announced-watched":
    // main waits for a thread that has ended, ends without having used tasklets, fails when it has sent one line, comes late.
    // "run", "done": a tasklet waits, and main runs it. "watched": the library has threads, too.
    lines.share()
    let way = CommandLine.arguments[1]
    let hasEnded = DispatchSemaphore(value: 0)
    let thread = Thread {
        defer { hasEnded.signal() }
        switch way {
        case "announced-idle", "announced-run", "announced-done", "announced-watched": sleep(1)
        case "announced-fails":
            try! lines.send("first")
            sleep(1)
        case "announced-late":
            sleep(3)
            try! lines.send("first")
            try! lines.send("second")
        default: break
        }
    }
    thread.start()
    if way == "announced-ended" { hasEnded.wait() }
    if way == "announced-watched" {
        Scheduler.watch(limit: .seconds(1))
        Scheduler.dumpOnSignal(SIGUSR1)
    }
    do {
        if way == "announced-run" || way == "announced-done" {
            Tasklet(name: "reader") { _ = try lines.receive() }
            try way == "announced-run" ? Tasklet.run() : Tasklet.runUntilDone()
            print("run() has returned")
            exit(0)
        }
        while let line = try lines.next() { print(line) }
    } catch {
        print(error)
    }
default:
    print("ObservedProgram stop | crash | sleep | busy | announced-…")
    exit(64)
}
