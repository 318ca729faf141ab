import Foundation
import RobotWorld
import Testing

/// A run that is saved and resumed is the run that never stopped.
@Suite struct ResumeTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    private func expectSame(_ one: RobotsProgram.Summary, _ other: RobotsProgram.Summary) {
        #expect(one.robots == other.robots)
        #expect(one.steps == other.steps)
        #expect(one.messages == other.messages)
        #expect(one.collisions == other.collisions)
        #expect(one.digest == other.digest)
    }

    @Test func theClassicRun() throws {
        try program.runWell(["--headless", "--steps", "500", "--save", "saved"])
        let rest = try program.summary(["--headless", "--steps", "500", "--resume", "saved"])
        #expect(rest.steps == 1000)
        #expect(rest.digest == HeadlessTests.classicDigest)
        expectSame(rest, try program.summary(["--headless", "--steps", "1000"]))
        #expect(try program.files == ["saved"])
    }

    /// A world that waits for all its robots, as random worlds do.
    @Test(arguments: ["classic", "bounce", "wander", "avoid"], [1, 4, 8, 77])
    func randomRobots(behaviour: String, savedAt: Int) throws {
        let arguments = [
            "--headless", "--robots", "60", "--seed", "5", "--behaviour", behaviour, "--world", "300x200",
        ]
        try program.runWell(arguments + ["--steps", "150", "--states", "whole"])
        try program.runWell(arguments + ["--steps", "\(savedAt)", "--save", "saved", "--states", "beginning"])
        let rest = try program.summary([
            "--headless", "--steps", "\(150 - savedAt)", "--resume", "saved", "--states", "rest", "--save", "saved",
        ])
        expectSame(rest, try program.summary(arguments + ["--steps", "150"]))
        #expect(try program.lines("beginning") + program.lines("rest") == program.lines("whole"))
        // Saved over the file that was resumed from: a third part.
        let third = try program.summary(["--headless", "--steps", "10", "--resume", "saved"])
        expectSame(third, try program.summary(arguments + ["--steps", "160"]))
    }

    /// Up to the third step robots are still joining.
    @Test(arguments: [1, 2, 3, 4, 9])
    func robotsListedOneByOne(savedAt: Int) throws {
        let arguments = ["--headless", "--world", "300x200"]
        try program.runWell(arguments + ["--steps", "\(savedAt)", "--save", "saved"])
        let rest = try program.summary(["--headless", "--steps", "\(50 - savedAt)", "--resume", "saved"])
        expectSame(rest, try program.summary(arguments + ["--steps", "50"]))
    }

    @Test func savedEveryFewSteps() throws {
        let pipe = try program.makePipe("states")
        let running = try program.start([
            "--headless", "--states", "states", "--every", "40", "--save", "saved", "--save-every", "30",
        ])
        let reader = try FileHandle(forReadingFrom: pipe)
        // Step 40 has been written, so step 30 has been saved. Then the pipe is full, or the program is at work; either way
        // it is ended without a chance to save.
        _ = try #require(try reader.read(upToCount: 20_000))
        kill(running.process.processIdentifier, SIGKILL)
        #expect(try running.endBySignal() == SIGKILL)
        let header = try #require(try program.lines("saved").first)
        let step = try #require(Int(#/"step": (\d+)/#.firstMatch(in: header)?.output.1 ?? ""))
        #expect(step >= 30 && step.isMultiple(of: 30))
        let rest = try program.summary(["--headless", "--steps", "50", "--resume", "saved"])
        expectSame(rest, try program.summary(["--headless", "--steps", "\(step + 50)"]))
    }

    @Test func savedAtTheEndByControlC() throws {
        let pipe = try program.makePipe("states")
        let running = try program.start(["--headless", "--states", "states", "--save", "saved", "--summary-json"])
        let reader = try FileHandle(forReadingFrom: pipe)
        _ = try #require(try reader.read(upToCount: 100_000))
        running.process.interrupt()
        _ = try reader.readToEnd()
        let first = try RobotsProgram.Summary(running.end())
        let rest = try program.summary(["--headless", "--steps", "20", "--resume", "saved"])
        expectSame(rest, try program.summary(["--headless", "--steps", "\(first.steps + 20)"]))
        #expect(try program.files == ["states", "saved"])
    }

    @Test func whatNoNumberCanHold() throws {
        try program.write(
            #"{"robots": [{"id": "far \"\u00e4", "x": 1e300, "y": -1e300, "angle": 800, "velocity": 1e308}]}"#,
            to: "scenario.json"
        )
        try program.runWell(["--headless", "--scenario", "scenario.json", "--steps", "20", "--save", "saved"])
        #expect(try program.text("saved").contains("\"inf\""))
        let rest = try program.summary(["--headless", "--resume", "saved", "--steps", "20"])
        expectSame(rest, try program.summary(["--headless", "--scenario", "scenario.json", "--steps", "40"]))
    }

    /// A line in the program's own form, and the same in any other form of JSON, say the same.
    @Test(arguments: ["classic", "avoid", "wander"])
    func anyFormOfALine(behaviour: String) throws {
        try program.runWell([
            "--headless", "--robots", "300", "--seed", "9", "--behaviour", behaviour, "--world", "300x200", "--steps",
            "61",
            "--save", "saved",
        ])
        let lines = try program.lines("saved").dropLast()
        let forms: [(String) -> String] = [
            { $0.replacing(": ", with: ":") },
            { $0.replacing("{", with: "{ ") },
            // A whole number may have no point, and any number an exponent.
            { $0.replacing(".0,", with: ",") },
            { $0.replacing(#/(\.\d+)([,\]])/#) { "\($0.output.1)e0\($0.output.2)" } },
            {
                $0.replacing(#/(\d)(\d*)\.(\d+)/#) {
                    "0.\($0.output.1)\($0.output.2)\($0.output.3)e\($0.output.2.count + 1)"
                }
            },
        ]
        let rest = try program.summary(["--headless", "--steps", "1", "--resume", "saved", "--save", "next"])
        for (index, form) in forms.enumerated() {
            let changed = lines.prefix(1) + lines.dropFirst().map(form)
            #expect(changed != lines, "form \(index)")
            let text = changed.joined(separator: "\n") + "\n"
            var hash = Digest()
            for byte in text.utf8 { hash.add(byte) }
            try program.write(text + "{\"fnv\": \"\(hash)\"}\n", to: "other")
            expectSame(
                try program.summary(["--headless", "--steps", "1", "--resume", "other", "--save", "nextOfOther"]),
                rest
            )
            #expect(try program.text("nextOfOther") == program.text("next"), "form \(index)")
        }
    }

    /// Every cut and every changed byte is noticed.
    @Test func cutOffOrChanged() throws {
        try program.runWell(["--headless", "--robots", "2", "--seed", "1", "--steps", "9", "--save", "saved"])
        let whole = Array(try Data(contentsOf: program.folder.appending(path: "saved")))
        var broken = stride(from: 0, to: whole.count, by: 37).map { Array(whole[..<$0]) }
        broken += stride(from: 0, to: whole.count, by: 41).map { index in
            var changed = whole
            changed[index] ^= 1
            return changed
        }
        broken.append(whole.dropLast())
        broken.append(whole + [0x20])
        for contents in broken {
            try Data(contents).write(to: program.folder.appending(path: "broken"))
            let result = try program.run(["--headless", "--steps", "1", "--resume", "broken", "--states", "states"])
            #expect(result.exitCode == 65)
            #expect(result.errors.hasPrefix("robots: broken: ") && result.errors.count { $0 == "\n" } == 1)
            #expect(result.errors.contains("--save"), "\(result.errors)")
            #expect(try program.files == ["saved", "broken"])
        }
    }
}
