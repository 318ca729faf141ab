import Foundation
import Hub
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct RunTests {
    @Test func outputAndErrorsComeBack() throws {
        try Scheduler.scope {
            #expect(try run("echo", "hello").output == "hello\n")
            #expect(try run("sort", input: "b\na\n").output == "a\nb\n")
            let result = try run("sh", "-c", "echo out; echo err >&2")
            #expect(result.output == "out\n" && result.errors == "err\n" && result.status == .exited(0))
            #expect(try run(["printf", "\\377"]).outputBytes == [255])
        }
    }

    @Test func aFailureSaysWhatTheProgramSaid() throws {
        try Scheduler.scope {
            let error = #expect(throws: CommandError.self) { try run("sh", "-c", "echo no luck >&2; exit 3") }
            #expect(error?.description == "sh -c echo no luck >&2; exit 3: status 3: no luck")
            #expect(error?.result.status == .exited(3))
            let result = try run("false", checked: false)
            #expect(result.status == .exited(1))
        }
    }

    @Test func muchOnBothOutputsAtOnce() throws {
        try Scheduler.scope {
            let script = "head -c 10000000 /dev/zero; head -c 10000000 /dev/zero >&2"
            let both = "(head -c 10000000 /dev/zero >&2) & \(script); wait"
            let result = try run("sh", "-c", both)
            #expect(result.outputBytes.count == 10_000_000)
            #expect(result.errorBytes.count == 20_000_000)
        }
    }

    @Test func muchInputComesBack() throws {
        try Scheduler.scope {
            let text = String(repeating: "0123456789", count: 1_000_000)
            let output = try run("cat", input: text).output
            #expect(output == text)
        }
    }

    @Test func aProgramNeedNotReadItsInput() throws {
        try Scheduler.scope {
            let text = String(repeating: "line\n", count: 1_000_000)
            let outputs = [try run("head", "-n", "1", input: text).output, try run("true", input: text).output]
            #expect(outputs == ["line\n", ""])
        }
    }

    @Test func theLimitEndsIt() throws {
        try Scheduler.scope {
            let hub = try HubCore.current()
            #expect(throws: HubError.tooLong(limit: 1000)) { try run("yes", limit: 1000) }
            #expect(throws: HubError.tooLong(limit: 1000)) { try run("sh", "-c", "yes >&2", limit: 1000) }
            #expect(hub.children.isEmpty)
        }
    }

    @Test func theTimeLimitEndsTheGroup() throws {
        try Scheduler.scope {
            let path = NSTemporaryDirectory() + "run-test-\(UUID().uuidString)"
            defer { unlink(path) }
            let script = "sleep 1000 & echo $! $$ >\(path); sleep 1000; true"
            var numbers: [Int32] = []
            // On a busy machine it takes some time until both are there.
            for time in [50, 500, 5000, 50_000] where numbers.isEmpty {
                #expect(throws: TimeoutError.self) { try run("sh", "-c", script, within: .milliseconds(time)) }
                let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
            }
            #expect(numbers.count == 2)
            for number in numbers { while isRunning(number) { try Tasklet.sleep(for: .milliseconds(1)) } }
            #expect(try HubCore.current().children.isEmpty)
        }
    }

    /// Whether the process is there, and no zombie that waits for the first process of the system.
    private func isRunning(_ number: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8) else { return false }
        return text[text.lastIndex(of: ")")!...].dropFirst(2).first != "Z"
    }

    @Test func whoIsEndedEndsTheProgram() throws {
        try Scheduler.scope {
            let hub = try HubCore.current()
            for isKilled in [true, false] {
                let tasklet = Tasklet { try run("sleep", "1000", input: "x") }
                while hub.children.isEmpty { try Tasklet.schedule() }
                try Tasklet.schedule()
                if isKilled { try tasklet.kill() } else { tasklet.cancel() }
                while tasklet.isAlive { try Tasklet.sleep(for: .milliseconds(1)) }
                #expect(hub.children.isEmpty)
            }
        }
    }

    /// Ends it at many points of its life; whichever these are, nothing is left.
    @Test(arguments: [true, false])
    func endedAnywhereItLeavesNothing(isKilled: Bool) throws {
        try Scheduler.scope {
            let hub = try HubCore.current()
            let text = String(repeating: "0123456789", count: 100_000)
            for turns in 0..<60 {
                let tasklet = Tasklet { try run("sh", "-c", "cat; echo x >&2", input: text) }
                for turn in 0..<turns where tasklet.isAlive {
                    if turn % 4 == 3 { try Tasklet.sleep(for: .microseconds(100)) } else { try Tasklet.schedule() }
                }
                if isKilled { try tasklet.kill() } else { tasklet.cancel() }
                while tasklet.isAlive { try Tasklet.sleep(for: .microseconds(200)) }
                #expect(hub.children.isEmpty)
                #expect((hub.ports as! SystemPorts).openCount == 0)
            }
        }
    }

    @Test func othersRunMeanwhile() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            var turns = 0
            Tasklet {
                while turns < 100 {
                    turns += 1
                    try Tasklet.schedule()
                }
                writer.close()
            }
            let child = try ChildProcess("cat", input: .pipe, output: .pipe)
            Tasklet {
                _ = try reader.read(upTo: 1)
                child.input!.close()
            }
            #expect(try child.output!.readAll() == [])
            #expect(turns == 100)
        }
    }
}
