import Foundation
import Testing

/// Every output of a run, in files, and what others say of them.
struct WholeOutputs {
    static let arguments = [
        "--states", "states", "--messages", "messages", "--trails", "trails.svg", "--timeline", "timeline.json",
        "--save",
        "saved", "--summary-json",
    ]
    static let names: Set = ["states", "messages", "trails.svg", "timeline.json", "saved"]

    let program: RobotsProgram

    /// All of them are complete, up to the step that the summary tells, apart from those that failed: there is no file of them.
    func expectWhole(
        _ result: RobotsProgram.Result,
        film: String?,
        failed: Set<String> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let summary = try RobotsProgram.Summary(result)
        let isThere = { (name: String) in !failed.contains(name) }
        for name in Self.names {
            #expect(try program.files.contains(name) == isThere(name), sourceLocation: sourceLocation)
        }
        if isThere("states") {
            let states = try program.lines("states")
            #expect(states.count == summary.steps, sourceLocation: sourceLocation)
            #expect(states.last?.hasSuffix("\"fnv\": \"\(summary.digest)\"}") == true, sourceLocation: sourceLocation)
        }
        if isThere("messages") {
            #expect(
                try program.lines("messages").count { $0.contains("recv WORLD_STATE") } == summary.steps,
                sourceLocation: sourceLocation
            )
        }
        if isThere("trails.svg") { _ = try PixelGrid.tool(["xmllint", "--noout", program.path("trails.svg")]) }
        if isThere("timeline.json") {
            _ = try PixelGrid.tool(["jq", "-e", ".traceEvents | length > 0", program.path("timeline.json")])
        }
        if isThere("saved") {
            let saved = try #require(try program.lines("saved").first, sourceLocation: sourceLocation)
            #expect(saved.contains("\"step\": \(summary.steps), "), sourceLocation: sourceLocation)
            try program.runWell(["--headless", "--steps", "1", "--resume", "saved"])
        }
        guard let film else { return }
        let frames = try PixelGrid.tool([
            "ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
            program.path(film),
        ])
        #expect(String(decoding: frames, as: UTF8.self).hasPrefix("\(summary.steps)"), sourceLocation: sourceLocation)
    }
}

extension RobotsProgram.Running {
    /// The ffmpeg that the program has started.
    func encoder() throws -> pid_t {
        let number = process.processIdentifier
        var encoder: pid_t?
        try wait(for: "an ffmpeg") {
            let children = try? String(contentsOfFile: "/proc/\(number)/task/\(number)/children", encoding: .utf8)
            for child in (children ?? "").split(separator: " ") {
                let name = try? String(contentsOfFile: "/proc/\(child)/comm", encoding: .utf8)
                if name == "ffmpeg\n" { encoder = pid_t(child) }
            }
            return encoder != nil
        }
        return try #require(encoder, "the program has ended without an ffmpeg")
    }
}
