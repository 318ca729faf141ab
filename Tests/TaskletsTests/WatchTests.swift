import CTasklets
import Foundation
import Tasklets
import TestSupport
import Testing

/// A tasklet that keeps its thread is named. It goes on until the line has been written, so that nothing depends on times; on a
/// busy machine others may be named besides, whose thread did not get a processor.
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
                Tasklet(name: "greedy") { computeUntil { output.text.contains("'greedy'") } }
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
                Tasklet(name: "blocked") { blockUntil { output.text.contains("'blocked'") } }
                try Tasklet.run()
            }
            output.pass()
        }
        let text = Self.printed(result)
        #expect(text.contains("tasklet 'blocked' (made at "), "\(text)")
        #expect(text.contains("blockUntil"), "\(text)")
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
private func computeUntil(_ isEnough: () -> Bool) {
    while !isEnough() {
        var sum = 0
        for number in 0..<1_000_000 { sum = sum &* 31 &+ number }
        withExtendedLifetime(sum) {}
    }
}

@inline(never)
private func blockUntil(_ isEnough: () -> Bool) {
    while !isEnough() { usleep(200_000) }
}

/// Standard error as a file, so that a test can wait for what is written there.
private final class CapturedErrors {
    private let path: String
    private let former: Int32

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/errors-" + UUID().uuidString
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        former = dup(2)
        dup2(file, 2)
        close(file)
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
