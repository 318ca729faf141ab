import Foundation
import RobotWorld
import Testing

/// Files that have been damaged by chance: each is either read or refused in one line, and never brings the program down.
///
/// A failure names its seed; with the environment variable `FUZZ_SEED` set to it, the same damage is done again.
@Suite struct FuzzTests {
    let program: RobotsProgram
    private static let rounds = 150

    init() throws {
        program = try RobotsProgram()
    }

    private static let seed = ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap(UInt64.init)

    /// Text in which something has been changed.
    private struct Damage {
        var random: SplitMix64

        private static let words = [
            "0", "-1", "1e308", "-1e308", "1e-320", "99999999999999999999", "9223372036854775807", "0.5", "NaN", "null",
            "true", "\"\"", "\"inf\"", "\"nan\"", "[]", "{}", "[[[", "\"\\ud800\"", "\"R1\"", "\u{1}", "é",
        ]

        mutating func number(below limit: Int) -> Int { Int(random.next() % UInt64(max(limit, 1))) }

        mutating func apply(to text: [UInt8]) -> [UInt8] {
            var text = text
            for _ in 0...number(below: 3) {
                let place = number(below: text.count)
                let end = min(text.count, place + 1 + number(below: 12))
                switch number(below: 6) {
                case 0: text = Array(text[..<place])
                case 1: text.removeSubrange(place..<end)
                case 2: text.insert(contentsOf: text[place..<end], at: number(below: text.count))
                case 3: if !text.isEmpty { text[place] ^= 1 << UInt8(number(below: 8)) }
                default: replaceWord(in: &text, near: place)
                }
            }
            return text
        }

        /// Puts something else in the place of a whole number, string or name.
        private mutating func replaceWord(in text: inout [UInt8], near place: Int) {
            let isEnd = { (byte: UInt8) in " ,:[]{}\n".utf8.contains(byte) }
            let start = text[..<place].lastIndex(where: isEnd).map { $0 + 1 } ?? 0
            let end = text[place...].firstIndex(where: isEnd) ?? text.count
            guard start <= end else { return }
            text.replaceSubrange(start..<end, with: Damage.words[number(below: Damage.words.count)].utf8)
        }
    }

    /// Runs the program on damaged files. Returns how many of them it read.
    private func run(
        _ option: String,
        on text: String,
        writing output: String = "--states",
        repair: ([UInt8]) -> [UInt8] = { $0 }
    ) throws -> Int {
        let seed = Self.seed ?? UInt64.random(in: 0...UInt64.max)
        var damage = Damage(random: SplitMix64(seed: seed))
        var accepted = 0
        // Without damage it is read, so what is refused below is refused for the damage.
        try Data(text.utf8).write(to: program.folder.appending(path: "file"))
        try program.runWell(["--headless", "--steps", "3", option, "file"])
        for round in 1...Self.rounds {
            let contents = repair(damage.apply(to: Array(text.utf8)))
            // What was put in may be what was there.
            if contents.elementsEqual(text.utf8) { continue }
            try Data(contents).write(to: program.folder.appending(path: "file"))
            let comment: Comment = "FUZZ_SEED=\(seed), round \(round): \(String(decoding: contents, as: UTF8.self))"
            // Throws when the program has been ended by a signal.
            let result = try program.run(["--headless", "--steps", "3", option, "file", output, "output"])
            if result.exitCode == 0 {
                accepted += 1
                for name in try program.files.subtracting(["file"]) {
                    try FileManager.default.removeItem(atPath: program.path(name))
                }
                continue
            }
            // The scenario may have become the name of a file.
            if result.exitCode == 66, result.errors.hasSuffix(" of file, base\n") { continue }
            #expect(result.exitCode == 65, comment)
            #expect(result.output == "", comment)
            #expect(result.errors.hasPrefix("robots: file: "), comment)
            #expect(result.errors.count { $0 == "\n" } == 1, comment)
            #expect(try program.files == ["file"], comment)
        }
        return accepted
    }

    @Test func scenarios() throws {
        let accepted = try run(
            "--scenario",
            on: """
                {"world": {"width": 80, "height": 60}, "robots": [
                    {"id": "A", "x": 30.5, "y": 30, "angle": 100, "velocity": 6, "behaviour": "bounce"},
                    {"count": 3, "seed": 9, "velocity": [1, 30], "behaviour": "avoid"},
                    {"id": "B", "x": -1, "y": 5e2, "angle": -7, "velocity": 0}]}
                """
        )
        #expect(accepted < Self.rounds)
    }

    @Test func experiments() throws {
        let accepted = try run(
            "--sweep",
            on: """
                {"base": {"world": {"width": 80, "height": 60}, "robots": [
                    {"count": 3, "seed": 9, "velocity": [1, 30], "behaviour": "avoid"}]},
                 "vary": {"world.width": {"from": 80, "to": 90, "step": 5}, "robots.0.behaviour": ["bounce", "avoid"]},
                 "seeds": {"from": 1, "count": 2}, "until": "collisions > 3", "every": 2, "limit": 60,
                 "measure": ["mean(distance)", "robots"], "plot": "robots", "steps": 5}
                """,
            writing: "--table"
        )
        #expect(accepted < Self.rounds)
    }

    private func snapshot(steps: Int) throws -> String {
        // Listed one by one, so that some are still joining in the first steps.
        try program.write(
            """
            {"robots": [
                {"id": "R1", "x": 90, "y": 70, "angle": 8, "velocity": 6, "behaviour": "wander"},
                {"id": "R2", "x": 9, "y": 400, "angle": 100, "velocity": 3, "behaviour": "wander"},
                {"id": "R3", "x": 300, "y": 5, "angle": 275.5, "velocity": 9, "behaviour": "wander"}]}
            """,
            to: "scenario.json"
        )
        try program.runWell([
            "--headless", "--scenario", "scenario.json", "--steps", "\(steps)", "--save", "saved",
        ])
        let text = try program.text("saved")
        for name in ["scenario.json", "saved"] { try FileManager.default.removeItem(atPath: program.path(name)) }
        return text
    }

    /// No damage gets past the checksum.
    @Test func snapshots() throws {
        #expect(try run("--resume", on: snapshot(steps: 20)) == 0)
    }

    /// Behind the checksum there are checks of each value.
    @Test(arguments: [2, 20])
    func snapshotsWithTheRightChecksum(steps: Int) throws {
        let accepted = try run("--resume", on: snapshot(steps: steps)) { damaged in
            guard let last = damaged.dropLast().lastIndex(of: UInt8(ascii: "\n")) else { return damaged }
            var hash = Digest()
            for byte in damaged[...last] { hash.add(byte) }
            return damaged[...last] + Array("{\"fnv\": \"\(hash)\"}\n".utf8)
        }
        #expect(accepted < Self.rounds)
    }
}
