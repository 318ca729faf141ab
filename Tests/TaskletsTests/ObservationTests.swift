import Foundation
import TestSupport
import Testing

/// What others see of a program with tasklets: a debugger, Swift's crash report, somebody who sends a signal.
struct ObservationTests {
    @Test func theDebuggerShowsATaskletDownToItsEntry() throws {
        let debugger = try ObservedProgram(
            program: Tool.named("gdb").path,
            "-batch",
            "-nx",
            "-ex",
            "set debuginfod enabled off",
            "-ex",
            "break stop_here",
            "-ex",
            "run",
            "-ex",
            "backtrace",
            "--args",
            ObservedProgram.path,
            "stop"
        )
        let text = debugger.outputToEnd()
        let frames = text.split(separator: "\n").filter { $0.hasPrefix("#") }
        #expect(frames.first?.contains("stop_here") == true, "\(text)")
        for name in ["innerFunction", "outerFunction"] {
            #expect(frames.contains { $0.contains(name) }, "\(text)")
        }
        #expect(frames.last?.contains("in stack_start ()") == true, "\(text)")
        for complaint in ["corrupt stack", "previous frame inner", "Backtrace stopped", "Cannot access memory"] {
            #expect(!text.contains(complaint), "\(text)")
        }
    }

    @Test(.disabled(if: Sanitizer.current != nil, "the reporter does not finish in a program built with a sanitizer"))
    func theCrashReportShowsATaskletAndEnds() throws {
        let program = try ObservedProgram(
            "crash",
            environment: ["SWIFT_BACKTRACE": "enable=yes,color=no,interactive=no,images=none,registers=none"]
        )
        let text = program.outputToEnd()
        #expect(text.contains("Fatal error: planted"))
        let report = text.split(separator: "crashed:").last ?? ""
        // "  1 [ra] 0x… innerFunction(_:) + 29 in ObservedProgram at …"
        let frames = report.split(separator: "\n").filter { $0.contains(" 0x") }
        for name in ["innerFunction(_:)", "outerFunction(_:)", "SchedulerCore.runTasklet()"] {
            #expect(frames.contains { $0.contains(name) }, "\(text)")
        }
        #expect(frames.allSatisfy { $0.contains(" in ObservedProgram") || $0.contains(" in libswiftCore") }, "\(text)")
        // The reporter leaves out the very last frame of every thread.
        #expect(frames.last?.contains("SchedulerCore.") == true, "\(text)")
        #expect(frames.count < 20)
        #expect(text.contains("Backtrace took"))
    }

    @Test func aSignalShowsWhatASleepingProgramWaitsFor() throws {
        let program = try ObservedProgram("sleep")
        #expect(program.output(until: "\n").hasPrefix("ready"))
        var text = ""
        repeat {
            program.send(SIGUSR1)
            // Behind each dump there is an empty line.
            text = program.output(until: "\n\n")
            // main may not have gone to sleep yet.
        } while !text.contains(", asleep, ") && !text.isEmpty
        let waits = "waits in receive on channel 'lines' for 0."
        #expect(text.contains("tasklet 'main' \(waits)"), "\(text)")
        let parts = text.split(separator: "  tasklet '").map(String.init)
        let reader = try #require(parts.first { $0.hasPrefix("reader' (made at ObservedProgram/main.swift:") })
        #expect(reader.contains(") \(waits)"), "\(text)")
        #expect(reader.contains("innerFunction") && reader.contains("outerFunction"), "\(text)")
        let paused = try #require(parts.first { $0.hasPrefix("paused' (made at ObservedProgram/main.swift:") })
        #expect(paused.contains(") is paused; stack: "), "\(text)")
        #expect(paused.contains("innerFunction") && paused.contains("outerFunction"), "\(text)")
        // main sleeps in its receive, without having been parked.
        let main = try #require(parts.first { $0.hasPrefix("main' ") })
        #expect(main.contains("_main at main.swift:"), "\(text)")
    }

    /// What the places mean tells `addr2line`, of the file that was not stripped.
    @Test func aStrippedProgramShowsPlacesInItsFile() throws {
        let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let stripped = folder.appending(path: "ObservedProgram").path
        let strip = try ObservedProgram(program: Tool.named("strip").path, "-o", stripped, ObservedProgram.path)
        #expect(strip.outputToEnd() == "")
        let program = try ObservedProgram(program: stripped, "sleep")
        #expect(program.output(until: "\n").hasPrefix("ready"))
        program.send(SIGUSR1)
        let text = program.output(until: "\n\n")
        let reader = text.split(separator: "  tasklet '").first { $0.hasPrefix("reader' ") } ?? ""
        let start = "      unknown function at ObservedProgram+"
        let places = reader.split(separator: "\n").filter { $0.hasPrefix(start) }.map { $0.dropFirst(start.count) }
        #expect(!places.isEmpty, "\(text)")
        let names = try places.map { place in
            try ObservedProgram(
                program: Tool.named("addr2line").path,
                "-f",
                "-e",
                ObservedProgram.path,
                String(place)
            ).outputToEnd()
        }
        for name in ["innerFunction", "outerFunction"] {
            #expect(names.contains { $0.contains(name) }, "\(text) \(names)")
        }
    }

    /// The announcement of another thread is believed as long as the process has one.
    @Test(
        .disabled(if: Sanitizer.current == "thread", "ThreadSanitizer has a thread of its own"),
        arguments: [
            ("announced-ended", []), ("announced-idle", []), ("announced-fails", ["first"]),
            ("announced-late", ["first", "second"]), ("announced-watched", []),
        ] as [(String, [String])]
    )
    func whoWaitsForAnAnnouncedThreadHearsWhenThereIsNone(way: String, lines: [String]) throws {
        let output = try ObservedProgram(way).outputToEnd().split(separator: "\n").map(String.init)
        #expect(
            output == lines + [
                "Deadlock: the last runnable tasklet blocked.",
                "  tasklet 'main' waits in receive on channel 'lines'",
                "  share() has announced another thread, but the program has none any more.",
            ]
        )
    }

    @Test(.disabled(if: Sanitizer.current == "thread", "ThreadSanitizer has a thread of its own"))
    func whoRunsTaskletsThatWaitForAnAnnouncedThreadHearsWhenThereIsNone() throws {
        let returned = try ObservedProgram("announced-run").outputToEnd()
        #expect(returned.contains("run() has returned\n"), "\(returned)")
        let thrown = try ObservedProgram("announced-done").outputToEnd()
        #expect(
            thrown.contains("Deadlock: the last runnable tasklet blocked.\n  tasklet 'reader' (made at "),
            "\(thrown)"
        )
        #expect(thrown.contains("\n  share() has announced another thread, but the program has none any more.\n"))
    }

    @Test func aSignalShowsWhoNeverGivesWay() throws {
        let program = try ObservedProgram("busy")
        #expect(program.output(until: "\n").hasPrefix("ready"))
        for _ in 0..<3 {
            var text = ""
            var busy = ""
            // Its thread is interrupted to see where it is. Without a processor for a tenth of a second it does not answer.
            repeat {
                program.send(SIGUSR1)
                text = program.output(until: "\n\n")
                busy = text.split(separator: "  tasklet '").first { $0.hasPrefix("busy' ") }.map(String.init) ?? ""
            } while !busy.contains("innerFunction") && !text.isEmpty
            #expect(text.contains("tasklet 'main' is inside run(); stack: "), "\(text)")
            #expect(text.contains("tasklet 'busy' (made at ObservedProgram/main.swift:"), "\(text)")
            #expect(text.contains(") waits in receive on channel 'lines' for "), "\(text)")
            #expect(busy.contains(") is running\n") && busy.contains("innerFunction"), "\(text)")
        }
    }
}
