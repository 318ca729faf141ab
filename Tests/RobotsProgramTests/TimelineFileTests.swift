import Foundation
import Testing

/// The trace for Perfetto that the program writes, read back by a parser.
@Suite struct TimelineFileTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    @Test func tracksSlicesAndArrows() throws {
        let arguments = ["--headless", "--steps", "50"]
        let summary = try program.summary(arguments + ["--timeline", "timeline.json"])
        #expect(try program.files == ["timeline.json"])
        #expect(try summary.digest == program.summary(arguments).digest)
        let trace = try TimelineReader(program.text("timeline.json"))
        #expect(
            Set(trace.names.values) == Set(["main", "World.in", "World.out", "Display"] + (1...12).map { "R\($0)" })
        )
        // Two have the name main: one has created everyone, the other one lets the world run from step to step.
        #expect(trace.names.count == 17)

        for (track, slices) in trace.slices {
            try #require(trace.names[track] != nil)
            for (slice, next) in zip(slices, slices.dropFirst()) {
                // Half of a nanosecond, the last place in the text.
                #expect(slice.lowerBound <= slice.upperBound && slice.upperBound <= next.lowerBound + 0.0005)
            }
        }
        #expect(Set(trace.slices.keys) == Set(trace.names.keys))
        // Only one runs at a time.
        let all = trace.slices.values.joined().sorted { $0.lowerBound < $1.lowerBound }
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound + 0.0005 })

        for arrow in trace.arrows {
            #expect(arrow.begin.time <= arrow.end.time)
            #expect(trace.hasSlice(at: arrow.begin) && trace.hasSlice(at: arrow.end), "\(arrow)")
        }
        #expect(trace.arrows.count <= summary.messages)
        #expect(trace.arrows.count * 10 >= summary.messages * 9)
        for (track, name) in trace.names where name.hasPrefix("R") {
            #expect(trace.arrows.contains { $0.begin.track == track }, "\(name) sends nothing")
            #expect(trace.arrows.contains { $0.end.track == track }, "\(name) is sent nothing")
        }
    }

    @Test func oneFileForTwoThingsIsRefused() throws {
        let result = try program.run([
            "--headless", "--steps", "5", "--timeline", "file", "--messages", "file",
        ])
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("--timeline: file is the --messages file already"))
        #expect(result.errors.count { $0 == "\n" } == 1)
        #expect(try program.files == [])
    }

    @Test func aFileThatCannotBeWritten() throws {
        let result = try program.run(["--headless", "--steps", "5", "--timeline", "no/folder.json"])
        #expect(result.exitCode == 73)
        #expect(result.errors.contains("no/folder.json"))
        #expect(try program.files == [])
    }
}
