import Glibc
import RobotWorld

/// A snapshot of a run, kept in a file: one JSON object a line.
///
/// - the first line says what kind of file this is and how far the run had come;
/// - then a line for each robot;
/// - then a line for each robot that the user has added or removed since, with the step of that;
/// - the last line has the FNV-1a hash of all bytes before it. A file that has been cut off or changed is refused.
struct SnapshotFile {
    private static let kindOfAll = "robots snapshot "
    /// Has another number when the form of these files changes.
    private static let kind = "\(kindOfAll)1"
    private static let keys = [
        "kind", "step", "digest", "world", "robots", "messages", "collisions", "updates", "waiting", "changes",
    ]
    /// What a robot has in a world in which all have joined.
    private static let keysOfRobots = Scenario.Start.keys + ["own", "collisions", "updates", "memory"]
    private static let expectation = "name a file that --save has written"
    /// Nothing that is counted becomes greater, however often a run is resumed; sums of two still fit.
    private static let mostCounted = 1 << 61

    let path: String

    /// Writes a snapshot.
    ///
    /// - Throws: `Failure` with the exit code for an output that cannot be written.
    static func write(_ snapshot: Snapshot, to file: OutputFile) throws {
        var hash = Digest()
        func write(_ members: [(String, String)]) throws {
            let line = "{" + members.map { "\($0.jsonQuoted): \($1)" }.joined(separator: ", ") + "}"
            for byte in line.utf8 { hash.add(byte) }
            hash.add(UInt8(ascii: "\n"))
            try file.writeLine(line)
        }
        let (size, robots) =
            switch snapshot.content {
            case .joining(let scenario): (scenario.size, scenario.robots.count)
            case .world(let world): (world.size, world.robots.count)
            }
        var header = [
            ("kind", kind.jsonQuoted), ("step", "\(snapshot.step)"), ("digest", "\(snapshot.digest)".jsonQuoted),
            ("world", "{\"width\": \(Int(size.width)), \"height\": \(Int(size.height))}"), ("robots", "\(robots)"),
        ]
        if !snapshot.changes.isEmpty { header.append(("changes", "\(snapshot.changes.count)")) }
        switch snapshot.content {
        case .joining(let scenario):
            try write(header)
            for start in scenario.robots { try write(members(start)) }
        case .world(let world):
            header += [
                ("messages", "\(world.messages)"), ("collisions", "\(world.collisions)"),
                ("updates", "\(world.updates)"), ("waiting", "\(world.waiting)"),
            ]
            try write(header)
            for robot in world.robots { try write(members(robot)) }
        }
        for change in snapshot.changes { try write(members(change)) }
        try file.writeLine("{\"fnv\": \"\(hash)\"}")
    }

    private static func members(_ start: Scenario.Start) -> [(String, String)] {
        [
            ("id", start.id.jsonQuoted),
            ("behaviour", Robot.behaviours.first { $0.value == start.behaviour }!.key.jsonQuoted),
            ("x", "\(start.location.x)"), ("y", "\(start.location.y)"),
            ("angle", "\(start.vector.angle)"), ("velocity", "\(start.vector.velocity)"),
        ]
    }

    private static func members(_ change: Snapshot.Change) -> [(String, String)] {
        let step = [("step", "\(change.step)")]
        return switch change.action {
        case .add(let start): step + members(start)
        case .remove(let id): step + [("remove", id.jsonQuoted)]
        }
    }

    private static func members(_ robot: SavedRobot) -> [(String, String)] {
        let report = robot.report
        let own = [report.location.x, report.location.y, report.vector.angle, report.vector.velocity]
        return members(robot.start) + [
            // Its guess of where it is may leave all numbers behind, and JSON has none for that.
            ("own", "[\(own.map { $0.isFinite ? "\($0)" : "\"\($0)\"" }.joined(separator: ", "))]"),
            ("collisions", "\(report.collisions)"), ("updates", "\(report.updates)"),
            ("memory", "[\(robot.memory.map(\.description).joined(separator: ", "))]"),
        ]
    }

    /// Reads the snapshot.
    ///
    /// - Throws: `Failure` that names the file and what is wrong with it.
    func snapshot() throws -> Snapshot {
        let text = try contents(of: path, named: "with --resume")
        // The first lines of other files are often long, and sometimes secret: the message does not repeat them.
        guard text.starts(with: "{\"kind\": \(SnapshotFile.kind.jsonQuoted)".utf8) else {
            let reason =
                text.starts(with: "{\"kind\": \"\(SnapshotFile.kindOfAll)".utf8)
                ? "another version of this program has saved the snapshot; resume it with that one, or save it anew"
                : "this is no snapshot of a run; \(SnapshotFile.expectation)"
            throw Failure.badData("\(path): kind: \(reason)")
        }
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard text.last == UInt8(ascii: "\n"), lines.count >= 3 else { throw cutOff("its last line is not complete") }
        lines.removeLast()
        try check(lines.removeLast(), of: text)

        let header = try object(lines[0], number: 1, key: "")
        try header.expectKeys(SnapshotFile.keys)
        let count = try header.whole("robots", 0...SnapshotFile.mostCounted)
        let changeCount = try header.has("changes") ? header.whole("changes", 1...SnapshotFile.mostCounted) : 0
        guard count + changeCount == lines.count - 1 else {
            throw header.wrong("robots", "\(count + changeCount) lines, but \(lines.count - 1) follow")
        }
        let digest = try header.string("digest")
        guard digest.utf8.count == 16, let value = UInt64(digest, radix: 16) else {
            throw header.wrong("digest", "\(digest.jsonQuoted) is no digest; give 16 hexadecimal digits")
        }
        let step = try header.whole("step", 1...SnapshotFile.mostCounted)
        return Snapshot(
            step: step,
            digest: Digest(continuing: value),
            content: try content(header, WorldSize(header), lines[1..<count + 1]),
            changes: try changes(lines[(count + 1)...], upTo: step)
        )
    }

    private func content(
        _ header: JSONObject,
        _ size: WorldSize,
        _ lines: ArraySlice<ArraySlice<UInt8>>
    ) throws -> Snapshot.Content {
        guard header.has("messages") else {
            // A run gets there again; this takes about as many steps as the number of robots has binary digits.
            _ = try header.whole("step", 1...64)
            let robots = try robots(lines, keys: Scenario.Start.keys) { start, _ in start }
            return .joining(Scenario(robots: robots, size: size))
        }
        return .world(
            SavedWorld(
                size: size,
                messages: try header.whole("messages", 0...SnapshotFile.mostCounted),
                collisions: try header.whole("collisions", 0...SnapshotFile.mostCounted),
                updates: try header.whole("updates", 0...SnapshotFile.mostCounted),
                robots: try robots(lines, keys: SnapshotFile.keysOfRobots, made: robot),
                waiting: try header.whole("waiting", 0...lines.count)
            )
        )
    }

    /// What is made of each robot's line, one after the other: the members of a million objects would fill gigabytes.
    private func robots<Made>(
        _ lines: ArraySlice<ArraySlice<UInt8>>,
        keys: [String],
        made: (Scenario.Start, JSONObject) throws -> Made
    ) throws -> [Made] {
        var ids: Set<String> = []
        return try lines.enumerated().map { index, line in
            let object = try object(line, number: index + 2, key: "robots[\(index)]")
            try object.expectKeys(keys)
            let start = try Scenario.Start(object)
            guard ids.insert(start.id).inserted else {
                throw object.wrong("id", "\(start.id.jsonQuoted) is the id of another robot already")
            }
            return try made(start, object)
        }
    }

    private func changes(_ lines: ArraySlice<ArraySlice<UInt8>>, upTo last: Int) throws -> [Snapshot.Change] {
        var step = 1
        return try zip(lines.indices, lines).enumerated().map { index, line in
            let object = try object(line.1, number: line.0 + 1, key: "changes[\(index)]")
            // In the order of the steps.
            step = try object.whole("step", step...last)
            if object.has("remove") {
                try object.expectKeys(["step", "remove"])
                return Snapshot.Change(step: step, action: .remove(try object.string("remove")))
            }
            try object.expectKeys(["step"] + Scenario.Start.keys)
            return Snapshot.Change(step: step, action: .add(try Scenario.Start(object)))
        }
    }

    private func robot(_ start: Scenario.Start, _ object: JSONObject) throws -> SavedRobot {
        let own = try object.array("own", of: "four numbers").map { value in
            switch value {
            case .number(let number, _): number
            case .string("inf", _): Double.infinity
            case .string("-inf", _): -Double.infinity
            case .string("nan", _): Double.nan
            default: throw object.wrong("own", "\(value) is no number; give a number")
            }
        }
        guard own.count == 4 else { throw object.wrong("own", "\(own.count) numbers; give four") }
        return SavedRobot(
            start: start,
            report: Outcome.RobotReport(
                id: start.id,
                location: Location(x: own[0], y: own[1]),
                vector: Vector(angle: own[2], velocity: own[3]),
                collisions: try object.whole("collisions", 0...SnapshotFile.mostCounted),
                updates: try object.whole("updates", 0...SnapshotFile.mostCounted)
            ),
            memory: try object.array("memory", of: "whole numbers").map { value in
                try JSONObject.whole(value, 0...UInt64.max) { object.wrong("memory", $0) }
            }
        )
    }

    private func check(_ last: ArraySlice<UInt8>, of text: [UInt8]) throws {
        var hash = Digest()
        for byte in text[..<last.startIndex] { hash.add(byte) }
        guard last.elementsEqual("{\"fnv\": \"\(hash)\"}".utf8) else {
            throw cutOff("its last line has another checksum than its contents, \(hash)")
        }
    }

    private func object(_ line: ArraySlice<UInt8>, number: Int, key: String) throws -> JSONObject {
        let text = JSONText(path: path, bytes: Array(line), firstLine: number)
        return try JSONObject(text, key: key, expectation: "a JSON object in each line")
    }

    private func cutOff(_ reason: String) -> Failure {
        .badData("\(path): fnv: the snapshot has been cut off or changed: \(reason); \(SnapshotFile.expectation)")
    }
}
