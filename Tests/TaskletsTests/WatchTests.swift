import CTasklets
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Tasklets

/// A tasklet that keeps its thread is named. It goes on until the line has been written, so that nothing depends on times; on a
/// busy machine others may be named besides, whose thread did not get a processor. Another thread looks for the line: the tasklet
/// itself does nothing but what its test says, so that it is found there whenever the watch comes.
@Suite(.hangAlarm) struct WatchTests {
    private static func printed(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }

    @Test func oneThatComputesIsNamedWithItsFunctions() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            setHangAlarm()
            let output = try CapturedErrors()
            Scheduler.watch(limit: .milliseconds(10))
            try Scheduler.scope {
                Tasklet(name: "waiter") { try Tasklet.scheduleRemove() }
                let isNamed = output.flag(whenWritten: "'greedy'")
                Tasklet(name: "greedy") { computeUntil(isNamed) }
                try Tasklet.run()
            }
            output.pass()
        }
        let text = Self.printed(result)
        #expect(text.contains("tasklet 'greedy' (made at "), "\(text)")
        #expect(text.contains("/WatchTests.swift:"), "\(text)")
        #expect(text.contains(" has kept thread ") && text.contains(" s, and others wait for it: "), "\(text)")
        #expect(text.contains("computeUntil"), "\(text)")
        // Once.
        #expect(text.split(separator: "\n").count { $0.contains("'greedy'") } == 1, "\(text)")
    }

    @Test func oneThatIsBlockedInTheSystemIsNamedWithItsFunctions() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            setHangAlarm()
            let output = try CapturedErrors()
            Scheduler.watch(limit: .milliseconds(10))
            try Scheduler.scope {
                Tasklet(name: "waiter") { try Tasklet.scheduleRemove() }
                let isNamed = output.flag(whenWritten: "'blocked'")
                Tasklet(name: "blocked") { blockUntil(isNamed) }
                try Tasklet.run()
            }
            output.pass()
        }
        let text = Self.printed(result)
        #expect(text.contains("tasklet 'blocked' (made at "), "\(text)")
        #expect(text.contains("blockUntil"), "\(text)")
    }

    /// The system's library is compiled without frame pointers, and some of its functions use the register for something else.
    @Test(.disabled(if: Sanitizer.current == "thread", "ThreadSanitizer keeps the signal until the call is over"))
    func whoCallsAFunctionThatHidesItIsFound() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            setHangAlarm()
            let output = try CapturedErrors()
            let pipe = output.path + ".pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            let isNamed = output.flag(whenWritten: "'opening'")
            Scheduler.watch(limit: .milliseconds(10))
            try Scheduler.scope {
                Tasklet(name: "waiter") { try Tasklet.scheduleRemove() }
                Tasklet(name: "opening") { openForReading(pipe) }
                isNamed.whenSet { close(open(pipe, O_WRONLY)) }
                try Tasklet.run()
            }
            unlink(pipe)
            output.pass()
        }
        let text = Self.printed(result)
        #expect(text.contains("openForReading") && text.contains("whoCallsAFunctionThatHidesItIsFound"), "\(text)")
    }

    @Test func aLineThatIsBeingMadeAtTheEndOfTheProgramIsWritten() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            setHangAlarm()
            Scheduler.watch(limit: .milliseconds(10))
            try Scheduler.scope {
                Tasklet(name: "waiter") { try Tasklet.scheduleRemove() }
                Tasklet(name: "last") {
                    while Watch.lineCount.load(ordering: .relaxed) == 0 {}
                }
                try Tasklet.run()
            }
            // As a program does at its end. Not in the tasklet, or LeakSanitizer finds what main's stack holds.
            exit(0)
        }
        let text = Self.printed(result)
        #expect(text.contains("tasklet 'last' (made at "), "\(text)")
    }

    @Test func oneWithoutOthersIsNot() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            setHangAlarm()
            Scheduler.watch(limit: .milliseconds(1))
            try Scheduler.scope {
                _ = Tasklet.current
                usleep(100_000)
            }
        }
        #expect(Self.printed(result) == "")
    }

    @Test func givingWayWaitingAndSleepingEndTheTurn() throws {
        try Scheduler.scope {
            let core = Scheduler.current.core
            func expectTurn(ends: Bool, line: Int = #line, _ body: () throws -> Void) throws {
                core.setAttention(.watched, true)
                try body()
                #expect(core.attention.contains(.watched) != ends, "line \(line)")
            }
            try expectTurn(ends: false) { _ = Tasklet.current.name }
            // Nobody else is there, but somebody might be.
            try expectTurn(ends: true) { try Tasklet.schedule() }
            try expectTurn(ends: true) { try Tasklet.sleep(for: .milliseconds(1)) }
            try expectTurn(ends: false) { Tasklet {} }
            try expectTurn(ends: true) { try Tasklet.run() }
            let answer = Tasklet.spawn { 1 }
            try expectTurn(ends: true) { _ = try answer.value() }
        }
    }
}

@inline(never)
private func computeUntil(_ flag: Flag) {
    while !flag.isSet.load(ordering: .relaxed) {}
}

@inline(never)
private func blockUntil(_ flag: Flag) {
    while !flag.isSet.load(ordering: .relaxed) { usleep(200_000) }
}

/// Waits in `open` until the pipe's other end is opened.
@inline(never)
private func openForReading(_ pipe: String) {
    close(open(pipe, O_RDONLY))
}

private final class Flag: Sendable {
    let isSet = Atomic(false)

    func whenSet(_ body: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            while !self.isSet.load(ordering: .relaxed) { usleep(1_000) }
            body()
        }
    }
}

/// Standard error as a file, so that a test can wait for what is written there.
private final class CapturedErrors: Sendable {
    let path: String
    private let former: Int32

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/errors-" + UUID().uuidString
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        former = dup(2)
        dup2(file, 2)
        close(file)
    }

    /// Set by a thread of its own as soon as standard error has this text.
    func flag(whenWritten text: String) -> Flag {
        let flag = Flag()
        Thread.detachNewThread {
            while !self.text.contains(text) { usleep(1_000) }
            flag.isSet.store(true, ordering: .relaxed)
        }
        return flag
    }

    /// Not by Foundation: it loses a buffer for each empty file that it reads, and LeakSanitizer tells.
    var text: String {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(file, &piece, piece.count)
            guard count > 0 else { break }
            content += piece.prefix(count)
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// Standard error is what it was, and gets what came.
    func pass() {
        dup2(former, 2)
        FileHandle.standardError.write(Data(text.utf8))
        try? FileManager.default.removeItem(atPath: path)
    }
}
