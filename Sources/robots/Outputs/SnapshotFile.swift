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
        var line = JSONLine()
        func write(_ members: (inout JSONLine) -> Void) throws {
            line.begin()
            members(&line)
            line.end()
            for byte in line.bytes { hash.add(byte) }
            try file.write(line.bytes)
        }
        let (size, robots) =
            switch snapshot.content {
            case .joining(let scenario): (scenario.size, scenario.robots.count)
            case .world(let world): (world.size, world.robots.count)
            }
        func addHeader(to line: inout JSONLine) {
            line.add("kind", kind)
            line.add("step", snapshot.step)
            line.add("digest", "\(snapshot.digest)")
            line.add("world") { line in
                line.add("width", Int(size.width))
                line.add("height", Int(size.height))
            }
            line.add("robots", robots)
            if !snapshot.changes.isEmpty { line.add("changes", snapshot.changes.count) }
        }
        switch snapshot.content {
        case .joining(let scenario):
            try write(addHeader)
            for start in scenario.robots { try write { add(start, to: &$0) } }
        case .world(let world):
            try write { line in
                addHeader(to: &line)
                line.add("messages", world.messages)
                line.add("collisions", world.collisions)
                line.add("updates", world.updates)
                line.add("waiting", world.waiting)
            }
            for robot in world.robots { try write { add(robot, to: &$0) } }
        }
        for change in snapshot.changes { try write { add(change, to: &$0) } }
        try file.writeLine("{\"fnv\": \"\(hash)\"}")
    }

    private static func add(_ start: Scenario.Start, to line: inout JSONLine) {
        line.add("id", start.id)
        line.add("behaviour", Robot.behaviours.first { $0.value == start.behaviour }!.key)
        line.add("x", start.location.x)
        line.add("y", start.location.y)
        line.add("angle", start.vector.angle)
        line.add("velocity", start.vector.velocity)
    }

    private static func add(_ change: Snapshot.Change, to line: inout JSONLine) {
        line.add("step", change.step)
        switch change.action {
        case .add(let start): add(start, to: &line)
        case .remove(let id): line.add("remove", id)
        }
    }

    private static func add(_ robot: SavedRobot, to line: inout JSONLine) {
        let report = robot.report
        add(robot.start, to: &line)
        // Its guess of where it is may leave all numbers behind.
        line.add("own", [report.location.x, report.location.y, report.vector.angle, report.vector.velocity])
        line.add("collisions", report.collisions)
        line.add("updates", report.updates)
        line.add("memory", robot.memory)
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
            let robots = try robots(lines, id: \.id, read: start)
            return .joining(Scenario(robots: robots, size: size))
        }
        return .world(
            SavedWorld(
                size: size,
                messages: try header.whole("messages", 0...SnapshotFile.mostCounted),
                collisions: try header.whole("collisions", 0...SnapshotFile.mostCounted),
                updates: try header.whole("updates", 0...SnapshotFile.mostCounted),
                robots: try robots(lines, id: \.start.id, read: robot),
                waiting: try header.whole("waiting", 0...lines.count)
            )
        )
    }

    /// What each robot's line says, no two of them the same name.
    private func robots<Robot>(
        _ lines: ArraySlice<ArraySlice<UInt8>>,
        id: (Robot) -> String,
        read: (_ line: ArraySlice<UInt8>, _ index: Int) throws -> Robot
    ) throws -> [Robot] {
        var ids: Set<String> = []
        ids.reserveCapacity(lines.count)
        return try lines.enumerated().map { index, line in
            let robot = try read(line, index)
            guard ids.insert(id(robot)).inserted else {
                let reason = "\(id(robot).jsonQuoted) is the id of another robot already"
                throw try object(ofRobot: index, line).wrong("id", reason)
            }
            return robot
        }
    }

    private func start(_ line: ArraySlice<UInt8>, _ index: Int) throws -> Scenario.Start {
        let object = try object(ofRobot: index, line)
        try object.expectKeys(Scenario.Start.keys)
        return try Scenario.Start(object)
    }

    private func robot(_ line: ArraySlice<UInt8>, _ index: Int) throws -> SavedRobot {
        let quick = unsafe line.withUnsafeBufferPointer { bytes in
            var quick = unsafe SavedRobotLine(bytes)
            return quick.savedRobot()
        }
        return try quick ?? robot(object(ofRobot: index, line))
    }

    private func object(ofRobot index: Int, _ line: ArraySlice<UInt8>) throws -> JSONObject {
        try object(line, number: index + 2, key: "robots[\(index)]")
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

    private func robot(_ object: JSONObject) throws -> SavedRobot {
        try object.expectKeys(SnapshotFile.keysOfRobots)
        let start = try Scenario.Start(object)
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
