import Foundation
import Testing

/// One output fails: it has no file, and the others are complete up to the step at which the run ends.
@Suite struct OutputFailureTests {
    let program: RobotsProgram

    init() throws {
        // A window that nobody sees has a last frame, too.
        program = try RobotsProgram(environment: ["SDL_VIDEODRIVER": "dummy"])
    }

    private static let outputs = [
        ("--states", "states"), ("--messages", "messages"), ("--save", "saved"), ("--trails", "trails.svg"),
        ("--timeline", "timeline.json"), ("--record", "film.mp4"), ("--screenshot", "picture.png"),
    ]

    /// Runs with every output, in a folder where some of them lead to a disk that is full.
    private func run(failing names: Set<String>) throws -> RobotsProgram.Result {
        for name in names {
            try FileManager.default.createSymbolicLink(atPath: program.path(name), withDestinationPath: "/dev/full")
        }
        let arguments = Self.outputs.flatMap { [$0, $1] }
        let result = try program.run(arguments + ["--fps", "1000", "--steps", "150", "--summary-json"])
        for name in names { try FileManager.default.removeItem(atPath: program.path(name)) }
        return result
    }

    @Test(arguments: outputs.map(\.1))
    func oneFails(name: String) throws {
        let result = try run(failing: [name])
        #expect(result.exitCode == 73)
        #expect(result.errors.hasPrefix("robots: \(name): cannot be "), "\(result.errors)")
        #expect(result.errors.contains("No space left on device; make room"), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        let steps = try RobotsProgram.Summary(result).steps
        let isEndedEarly = result.errors.hasSuffix(
            "; the run was ended at step \(steps), and its other files are complete up to there\n"
        )
        // These two are written on the way, the others at the end.
        #expect(
            (steps < 150) == ["states", "messages"].contains(name) && isEndedEarly == (steps < 150 || name == "saved")
        )
        #expect(try program.files == Set(Self.outputs.map(\.1)).subtracting([name]))
        try WholeOutputs(program: program).expectWhole(
            result,
            film: name == "film.mp4" ? nil : "film.mp4",
            failed: [name]
        )
        if name != "picture.png" { #expect(try PixelGrid(file: program.path("picture.png")).width == 660) }
    }

    /// Each has its line.
    @Test func allFail() throws {
        let names = Set(Self.outputs.map(\.1))
        let result = try run(failing: names)
        #expect(result.exitCode == 73)
        let lines = result.errors.split(separator: "\n")
        #expect(Set(lines.map { $0.dropFirst("robots: ".count).prefix { $0 != ":" } }) == Set(names.map { $0[...] }))
        #expect(lines.count == names.count, "\(result.errors)")
        let steps = try RobotsProgram.Summary(result).steps
        #expect(result.errors.hasSuffix("; the run was ended at step \(steps)\n"), "\(result.errors)")
        #expect(try program.files.isEmpty)
    }

    /// Before anybody has made a step.
    @Test func messagesFailWhileRobotsJoin() throws {
        let arguments = ["--messages", "/dev/full", "--states", "states", "--save", "saved"]
        let result = try program.run(
            ["--headless", "--robots", "5000", "--seed", "1", "--steps", "9", "--summary-json"] + arguments
        )
        #expect(result.exitCode == 73)
        #expect(
            result.errors.hasPrefix(
                "robots: --save: saved is not written: the run has ended before its first step\nrobots: /dev/full: cannot"
            )
        )
        #expect(
            result.errors.hasSuffix(
                "; the run was ended before its first step, and its other files are complete up to there\n"
            )
        )
        #expect(try RobotsProgram.Summary(result).steps == 0)
        #expect(try program.files == ["states"])
        #expect(try program.text("states") == "")
    }

    /// What was saved on the way before stays.
    @Test func aFormerSaveStays() throws {
        let result = try program.runScript(
            """
            strace -qqq -o /dev/null -P "$(pwd -P)" -e trace=openat -e inject=openat:error=ENOSPC:when=4 \\
                "$robots" --headless --steps 100 --save saved --save-every 10 --states states --summary-json
            """
        )
        #expect(result.exitCode == 73)
        #expect(result.errors.hasPrefix("robots: saved: cannot be written: No space"), "\(result.errors)")
        #expect(try program.text("saved").contains("\"step\": 20, "))
        #expect(try RobotsProgram.Summary(result).steps == 30)
    }
}
