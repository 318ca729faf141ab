import ExplorationSupport
import Foundation
import Tasklets
import TestSupport
import Testing

@testable import Exploration

/// A schedule as a line of text, and its run in a new process.
struct ReplayTests {
    private struct Ended {
        let output: String
        let errors: String
        let status: Int32
    }

    private func run(_ argument: String, schedule: String? = nil) throws -> Ended {
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "ExploredProgram")
        process.arguments = [argument]
        var environment = ProcessInfo.processInfo.environment
        environment["TASKLETS_SCHEDULE"] = schedule
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let complaints = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Ended(
            output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: complaints, as: UTF8.self),
            status: process.terminationStatus
        )
    }

    /// REPLAYS= says how many.
    @Test func aFailureIsRepeatedInANewProcess() throws {
        var wanted = ProcessInfo.processInfo.environment["REPLAYS"].flatMap { Int($0) } ?? 5
        var seed = 0
        while wanted > 0 {
            seed += 1
            try #require(seed < 100_000)
            let found = try run("\(seed)")
            try #require(found.status == 0, "\(found.errors)")
            guard let line = found.output.split(separator: "\n").first else { continue }
            let again = try run("\(seed)", schedule: String(line))
            #expect(again.output == found.output, "seed \(seed)")
            #expect(again.errors.contains(line))
            wanted -= 1
        }
    }

    @Test func aCrashSaysItsSchedule() throws {
        let found = try run("crash")
        #expect(found.status != 0)
        let line = try #require(found.errors.firstMatch(of: /crashes under the schedule '(.*?)'/)?.1)
        let schedule = try #require(Schedule(String(line)))
        #expect(schedule.departures.count == 1)
        #expect(found.errors.contains("in the wrong order"))
        let again = try run("crash", schedule: String(line))
        #expect(again.status == found.status)
        #expect(again.errors.contains("crashes under the schedule '\(line)'"))
    }

    @Test func whatIsNoScheduleIsSaid() throws {
        let found = try run("1", schedule: "i17 4")
        #expect(found.status != 0)
        #expect(found.errors.contains("'i17 4' is no schedule."))
    }

    @Test(arguments: ["i17 4:1", "i0", "s3 0:2 2:1", "it9 8:1", "st1", "i", "i 2:1"]) func aLineIsReadAsItIsWritten(
        line: String
    )
        throws
    {
        let schedule = try #require(Schedule(line))
        #expect(schedule.description == line)
        let coded = try JSONEncoder().encode([schedule])
        #expect(try JSONDecoder().decode([Schedule].self, from: coded) == [schedule])
    }

    @Test(arguments: [
        "", "17", "x17", "i+1", "i-1", "i3 1", "i3 1:0", "i3 1:1:1", "i3 2:1 1:1", "i3 1:1 1:2", "i3 a:1", "i3 -1:1",
    ])
    func whatIsNoLineIsRefused(text: String) {
        #expect(Schedule(text) == nil)
    }

    /// Schedules that fail at random are made as short as those that the search by departures finds. SHRINKS= says how many.
    @Test func schedulesAreMadeShort() throws {
        let wanted = ProcessInfo.processInfo.environment["SHRINKS"].flatMap { Int($0) } ?? 20
        var (failures, shortest) = (0, 0)
        var seed: UInt64 = 0
        while failures < wanted {
            seed += 1
            let program = try OrderSensitiveProgram(seed: seed)
            func failure(_ search: Search, _ budget: Budget) throws -> ScheduleFailure? {
                try Scheduler.scope(clock: .virtual) {
                    Engine(points: .operations, time: .whenIdle, budget: budget) { try program.run() }
                        .explore(search.state).failures.first
                }
            }
            guard let found = try failure(.random(seed: seed, runs: 100), .schedules(100)),
                let best = try failure(.departures(), .schedules(1000))
            else { continue }
            failures += 1
            #expect(found.shrinkingRuns <= 200)
            if found.schedule.departures.count == best.schedule.departures.count { shortest += 1 }
        }
        #expect(shortest * 100 >= 95 * wanted, "\(shortest) of \(wanted)")
    }
}
